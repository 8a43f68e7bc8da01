import SutureArchitectures
import SutureDiagnostics
import SutureRecipes
import SutureTensors

/// Holds a plan against what the recipe promises under `expect`.
struct Expectations {
    let graph: SliceGraph
    let plan: Plan
    let composition: Composition
    let lowering: Lowering

    /// A diagnostic for each promise that is not kept.
    func findings() -> [Diagnostic] {
        var lowering = lowering
        lowering.findings = Diagnostics()
        return graph.expectations.flatMap { expectation -> [Diagnostic] in
            let given = lowering.expected(expectation)
            defer { lowering.findings = Diagnostics() }
            guard let given else { return lowering.findings.all }
            return check(expectation, given)
        }
    }

    private func check(_ expectation: SliceGraph.Expectation, _ given: ExpressionValue) -> [Diagnostic] {
        let facts = composition.donor.anatomy.facts
        let actual: ExpressionValue?
        switch expectation.subject {
        case .layers: actual = .integer(plan.stack.layerCount)
        case .hidden: actual = facts.hidden.map { .integer($0.value) }
        case .vocab:
            let embed = composition.strip.ends.embed.slots.first(where: \.isVocabularyMatrix)
            actual = embed.map { .integer($0.spec.shape.dimensions[0]) }
        case .parameters: actual = .integer(plan.parameterCount)
        case .architecture:
            if case .text(let name) = given, composition.donor.anatomy.modelType == name { return [] }
            actual = composition.donor.anatomy.architectureNames.first.map(ExpressionValue.text)
        case .identityOf:
            guard case .text(let name) = given else { return [] }
            let difference = Identity(composition: composition, methods: plan.methods).difference(from: name)
            return difference.map { [.notIdentity(name, $0, at: expectation.value.range)] } ?? []
        }
        if let number = given.asNumber, let other = actual?.asNumber, number == other { return [] }
        return given == actual ? [] : [.unmet(expectation, given, actual)]
    }
}

extension Lowering {
    /// What a promise says, worked out.
    fileprivate mutating func expected(_ expectation: SliceGraph.Expectation) -> ExpressionValue? {
        // Names of models and architectures stand bare.
        if case .name(let name) = expectation.value.value,
            expectation.subject == .identityOf || expectation.subject == .architecture
        {
            return .text(name)
        }
        return evaluate(expectation.value, in: 0)
    }
}

extension Diagnostic {
    /// A promise that is not kept.
    static func unmet(
        _ expectation: SliceGraph.Expectation,
        _ given: ExpressionValue,
        _ actual: ExpressionValue?
    ) -> Diagnostic {
        Diagnostic(
            code: "expectation-unmet",
            "the recipe expects \(expectation.subject.rawValue) \(given.asText), and the result has "
                + (actual?.asText ?? "none"),
            at: expectation.value.range,
            fix: FixIt("correct the graph, or the expectation")
        )
    }

    /// A result that does not compute what a model computes.
    static func notIdentity(_ name: String, _ difference: Identity.Difference, at range: SourceRange?) -> Diagnostic {
        Diagnostic(
            code: "not-an-identity",
            "the result does not compute what '\(name)' computes: \(difference.words)",
            at: range,
            fix: FixIt(difference.fix)
        )
    }
}
