package import SutureDiagnostics
import SutureRecipes

// Faults of plans that are found where one is read, and where one is run.

extension Diagnostic {
    /// A plan that contradicts itself.
    package static func brokenPlan(_ fact: String, at place: Place?, fix: FixIt) -> Diagnostic {
        Diagnostic(code: "broken-plan", fact, at: place, fix: fix)
    }

    /// A source that somebody gives a place, and that the plan does not read.
    package static func unknownSource(_ name: String, known: [String]) -> Diagnostic {
        let fact = "the plan reads no '\(name)'; it reads \(known.joined(separator: ", "))"
        return unknownInput(name, fact, known: known, at: nil)
    }
}
