import SutureArchitectures
import SutureDiagnostics
import SutureTensors

/// Holds embedding, final norm and head against the layers between them.
enum EndShapes: CompositionCheck {
    static func findings(in composition: Composition) -> [Diagnostic] {
        let strip = composition.strip
        guard let owner = strip.layers.first.map({ composition.sources[$0.owner] }),
            let hidden = owner.anatomy.facts.hidden?.value
        else { return [] }
        var findings: [Diagnostic] = []
        for (end, word) in [
            (strip.ends.embed, "embedding"), (strip.ends.norm, "final norm"), (strip.ends.head, "head"),
        ] {
            let source = composition.sources[end.owner]
            // An owner that gives layers too is told by its layers already.
            guard let width = source.anatomy.facts.hidden?.value, width != hidden,
                !strip.layers.contains(where: { $0.attention.source == end.owner })
            else { continue }
            findings.append(.endWidthDiffers(word, of: source.name, width, layers: owner.name, hidden, at: end.range))
        }
        let embedRows = strip.ends.embed.slots.first(where: \.isVocabularyMatrix)?.spec.shape.dimensions[0]
        let headRows = strip.ends.head.slots.first(where: \.isVocabularyMatrix)?.spec.shape.dimensions[0]
        // Some families embed more than they predict: a pair that a model has of its own fits.
        let isOwn = [strip.ends.embed.owner, strip.ends.head.owner, composition.configDonor].contains { index in
            let ends = composition.sources[index].strip.ends
            return ends.embed.slots.first(where: \.isVocabularyMatrix)?.spec.shape.dimensions[0] == embedRows
                && ends.head.slots.first(where: \.isVocabularyMatrix)?.spec.shape.dimensions[0] == headRows
        }
        if let embedRows, let headRows, embedRows != headRows, !isOwn {
            findings.append(
                .vocabulariesDiffer(
                    (composition.sources[strip.ends.embed.owner].name, embedRows),
                    (composition.sources[strip.ends.head.owner].name, headRows),
                    at: strip.ends.head.range ?? strip.layers.last?.range
                )
            )
        }
        return findings
    }
}

extension Diagnostic {
    /// An end that does not fit the layers.
    static func endWidthDiffers(
        _ end: String,
        of owner: String,
        _ width: Int,
        layers: String,
        _ hidden: Int,
        at range: SourceRange?
    ) -> Diagnostic {
        Diagnostic(
            code: "hidden-size-differs",
            "the \(end) of '\(owner)' is \(width) wide, the layers of '\(layers)' are \(hidden)",
            at: range,
            fix: FixIt("take the ends from a model of hidden size \(hidden)")
        )
    }

    /// An embedding and a head with different numbers of rows.
    static func vocabulariesDiffer(
        _ embed: (name: String, rows: Int),
        _ head: (name: String, rows: Int),
        at range: SourceRange?
    ) -> Diagnostic {
        Diagnostic(
            code: Finding.vocabulariesCode,
            "the embedding of '\(embed.name)' has \(embed.rows) rows, the head of '\(head.name)' has \(head.rows)",
            at: range,
            fix: FixIt("take both from one model: output: {ends: {embed: \(embed.name), head: \(embed.name)}}")
        )
    }
}
