import SutureArchitectures
import SutureCheckpoints
import SutureDiagnostics
import SutureRecipes

/// Holds every model that gives something against the config donor: sizes, positions, arithmetic, tokens.
///
/// What must agree, and how bad a difference is, is the table of `Compatibility`; a setting counts only
/// where a model gives what it has a say in, so that a splice is judged by what it takes.
enum SourceCompatibility: CompositionCheck {
    static func findings(in composition: Composition) -> [Diagnostic] {
        let uses = uses(in: composition)
        let sources = composition.sources.map { ($0.config, $0.anatomy, $0.name) }
        let contradictions = composition.sources.indices.flatMap { index -> [Diagnostic] in
            guard let use = uses[index], use.gives.contains(.attention) else { return [] }
            return LoaderSettings.contradictions(in: sources[index]).map { finding in
                Diagnostic(finding, at: use.range.map(Diagnostic.Place.source), in: composition)
            }
        }
        return contradictions
            + composition.sources.indices.flatMap { index -> [Diagnostic] in
                guard index != composition.configDonor, let use = uses[index] else { return [] }
                var only = Array(repeating: Compatibility.Use(), count: sources.count)
                only[index] = use.gives
                let all = Compatibility.compare(sources, base: composition.configDonor, uses: only)
                // Rows follow their tokens, where the recipe chooses those.
                let open = all.filter { composition.alignment == nil || $0.accept != "vocab_size" }
                return open.map { finding in
                    Diagnostic(finding, at: use.range.map(Diagnostic.Place.source), in: composition)
                }
            }
    }

    /// What each model gives, and where the recipe first asks for it.
    private static func uses(
        in composition: Composition
    ) -> [Int: (gives: Compatibility.Use, range: SourceRange?)] {
        var uses: [Int: (gives: Compatibility.Use, range: SourceRange?)] = [:]
        func add(_ use: Compatibility.Use, _ source: Int, _ range: SourceRange?) {
            uses[source, default: ([], range)].gives.formUnion(use)
        }
        let strip = composition.strip
        for layer in strip.layers {
            for slot in layer.slots {
                let use: Compatibility.Use =
                    switch slot.role.sublayer {
                    case .attention: .attention
                    case .mlp: .mlp
                    case .shared, .other: [.attention, .mlp]
                    }
                for leaf in slot.expression.leaves { add(use, leaf.source, layer.range) }
            }
        }
        for (end, use) in [(strip.ends.embed, Compatibility.Use.embed), (strip.ends.head, .head)] {
            for slot in end.slots {
                for leaf in slot.expression.leaves { add(use, leaf.source, end.range ?? strip.layers.last?.range) }
            }
        }
        return uses
    }
}

extension Diagnostic {
    /// A finding about models, at the recipe's line that brings them together.
    ///
    /// What `output.accept` names is still told, as a note.
    init(_ finding: Finding, at place: Place?, in composition: Composition) {
        let isAccepted =
            finding.accept != nil && composition.graph.output.accept.contains { $0.value == finding.accept }
        let hint = finding.accept.map { "'output: {accept: [\($0)]}' lets it pass" }
        let words = [finding.fix, isAccepted || finding.severity == .note ? nil : hint].compactMap(\.self)
        self.init(
            isAccepted ? .note : finding.severity,
            code: finding.code,
            finding.message,
            at: place,
            fix: words.isEmpty ? nil : FixIt(words.joined(separator: "; "))
        )
    }
}
