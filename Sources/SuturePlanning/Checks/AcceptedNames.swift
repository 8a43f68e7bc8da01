import SutureArchitectures
import SutureCheckpoints
import SutureDiagnostics
import SutureJSON
import SutureRecipes

/// Checks that everything under `output.accept` is a difference that somebody could find.
///
/// Besides the names of the published table any key of a source's config may stand there, since lists that no
/// table knows are accepted by their key.
enum AcceptedNames: CompositionCheck {
    static func findings(in composition: Composition) -> [Diagnostic] {
        let known = Compatibility.acceptableNames
        return composition.graph.output.accept.compactMap { name in
            guard !known.contains(name.value) else { return nil }
            if let shape = Compatibility.shapeNames.first(where: { $0 == name.value }) {
                return .cannotAcceptShape(Marked(shape, at: name.range))
            }
            let isKey = composition.sources.contains { source in
                let scope = source.checkpoint.config[source.anatomy.scopePath]?.object
                return source.checkpoint.config[name.value] != nil || scope?[name.value] != nil
            }
            return isKey ? nil : .unknownAccepted(name, known: known)
        }
    }
}

extension Diagnostic {
    /// A name under `accept` that nothing finds.
    static func unknownAccepted(_ name: Marked<String>, known: [String]) -> Diagnostic {
        Diagnostic(
            code: "unknown-accepted",
            "nothing that can be accepted is called '\(name.value)'",
            at: name.range,
            fix: .didYouMean(name.value, among: known)
                ?? FixIt("the message of each difference says the name by which it is accepted")
        )
    }

    /// A shape under `accept`.
    static func cannotAcceptShape(_ name: Marked<String>) -> Diagnostic {
        Diagnostic(
            code: "shape-accepted",
            "'\(name.value)' is a shape, and no layer fits two of them",
            at: name.range,
            fix: FixIt("leave it out, and use models of one size")
        )
    }
}
