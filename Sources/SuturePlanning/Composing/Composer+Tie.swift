import SutureArchitectures
import SutureDiagnostics
import SutureTensors

extension Composer {
    /// Decides whether the head is the embedding, and says so where it is not plain.
    ///
    /// The rule: a head that is stored is written. A tied model's head is its embedding; where the
    /// embedding that is written is another model's, the tied model's own is written as the head and
    /// the tie is undone, unless every model in use is tied, since then a loader may know no other way.
    mutating func settleTie(of composition: inout Composition) {
        let strip = composition.strip
        guard strip.ends.embed.slots.contains(where: \.isVocabularyMatrix) else {
            composition.isTied = composition.donor.anatomy.facts.isTied.value
            return
        }
        let hasHead = strip.ends.head.slots.contains(where: \.isVocabularyMatrix)
        let embedOwner = sources[strip.ends.embed.owner]
        let headOwner = sources[strip.ends.head.owner]
        let isTied = { (source: ResolvedSource) in source.anatomy.facts.isTied.value }

        if hasHead, headOwner.index != embedOwner.index, strip.sources.allSatisfy({ isTied(sources[$0]) }),
            embedOwner.strip.ends.head.slots.contains(where: \.isVocabularyMatrix)
        {
            // Savers that store the tied head as well: the copy must be that of the embedding that is written.
            composition.strip.ends.head.slots.removeAll(where: \.isVocabularyMatrix)
            composition.strip.ends.head.slots += embedOwner.strip.ends.head.slots.filter(\.isVocabularyMatrix)
            composition.isTied = true
            findings.append(.tiedAcross(embed: embedOwner.name, head: headOwner.name))
            return
        }
        if hasHead {
            // Some savers store the tied head as well, and a head of other numbers is read by some programs and by
            // others not: it is carried, and where the flag ties nothing else, all are told to read it.
            let matrices = (strip.ends.embed.slots + strip.ends.head.slots).filter(\.isVocabularyMatrix)
            let isUntouched = matrices.allSatisfy { $0.expression.leaves.count == 1 && $0.expression.isStored }
            composition.isTied = headOwner.index == embedOwner.index && isUntouched && isTied(headOwner)
            if composition.isTied, matrices.count == 2 {
                let (embed, head) = (matrices[0].spec.name, matrices[1].spec.name)
                if headOwner.anatomy.canUntie(head, from: embed) {
                    composition.isTied = false
                } else {
                    findings.append(.tiedAndStored(head, embed, of: headOwner))
                }
            }
            if !composition.isTied, isTied(composition.donor) {
                findings.append(.untied(head: headOwner.name, config: composition.donor.name))
            }
            return
        }
        guard isTied(headOwner) else {
            // Encoders and headless models have none, and none is missed.
            composition.isTied = isTied(composition.donor)
            return
        }
        guard headOwner.index != embedOwner.index else {
            composition.isTied = true
            return
        }
        if strip.sources.allSatisfy({ isTied(sources[$0]) }) {
            composition.isTied = true
            findings.append(.tiedAcross(embed: embedOwner.name, head: headOwner.name))
        } else {
            let example = sources.lazy.compactMap { $0.strip.ends.head.slots.first(where: \.isVocabularyMatrix) }.first
            composition.strip.ends.head.slots += headOwner.strip.tiedHead(
                named: example ?? unstoredHead(of: headOwner.strip)
            )
            findings.append(.tiedHeadWritten(embed: embedOwner.name, head: headOwner.name))
        }
    }
}

extension Diagnostic {
    /// A stored head beside a config that says tied.
    static func untied(head: String, config: String) -> Diagnostic {
        Diagnostic(
            .note,
            code: "untied",
            "the head of '\(head)' is written, so the config of '\(config)' is changed to tie_word_embeddings: false",
            at: nil as SourceRange?
        )
    }

    /// A head is stored beside a config that ties it and more to the embedding.
    static func tiedAndStored(_ head: String, _ embed: String, of source: ResolvedSource) -> Diagnostic {
        Diagnostic(
            .warning,
            code: "tied-and-stored",
            "the config of '\(source.name)' says that '\(head)' is '\(embed)', and both are stored: where they differ, "
                + "some programs use the one and some the other",
            at: source.range,
            fix: FixIt("to have the embedding as the head everywhere: output: {drop: [\"\(head)\"]}")
        )
    }

    /// A tied model gives the head, another the embedding, and all are tied.
    static func tiedAcross(embed: String, head: String) -> Diagnostic {
        Diagnostic(
            .note,
            code: "tied-head",
            "all models are tied: the embedding of '\(embed)' is also the head, although the last layer is of '\(head)'",
            at: nil as SourceRange?,
            fix: FixIt("to write the embedding of '\(head)' as the head: output: {ends: {head: \(head)}}")
        )
    }

    /// A tied model's embedding is written as the head.
    static func tiedHeadWritten(embed: String, head: String) -> Diagnostic {
        Diagnostic(
            .note,
            code: "tied-head",
            "'\(head)' is tied: its embedding is written as the head beside the embedding of '\(embed)', "
                + "and the config says tie_word_embeddings: false",
            at: nil as SourceRange?
        )
    }
}
