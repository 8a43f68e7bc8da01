import SutureDiagnostics
import SutureRecipes
import SutureTensors

/// Finds the weights outside the layers of a blend that are not blended: those that its models do not store alike.
struct UnblendedRest {
    /// The models whose towers, encoders and drafts were to be blended; none where the output is no blend.
    let sources: [ResolvedSource]

    /// Weights of one model that are written as they are.
    private let kept: [Strip.Slot]

    /// Weights of the other models that have no place in the output.
    private let lost: [Strip.Slot]

    /// The names of those that are blended.
    private let blended: Set<String>

    private let composition: Composition

    init(in composition: Composition) {
        self.composition = composition
        let strip = composition.strip.rest
        let isBlend = strip.isBlend && strip.sources.contains(composition.configDonor)
        sources = isBlend ? strip.sources.map { composition.sources[$0] } : []
        let blended = Set(strip.tensors.lazy.map(\.slot.suffix))
        self.blended = blended.intersection(composition.rest.lazy.map(\.slot.suffix))
        // What the recipe drops, and drafts whose layers change, are gone from the output already.
        let hasDrafts = composition.rest.contains { $0.part.isDraft }
        func weights(_ rest: [ResolvedSource.Rest]) -> [Strip.Slot] {
            rest.lazy.filter { hasDrafts || !$0.part.isDraft }.map(\.slot).filter { slot in
                slot.spec.dtype.isBlendable && !slot.spec.isBuffer && !blended.contains(slot.suffix)
                    && !composition.isOfModule(slot.spec.name)
                    && !composition.graph.output.drop.contains { matchesGlob($0.value, slot.spec.name) }
            }
        }
        kept = isBlend ? weights(composition.rest) : []
        var names = Set(kept.map(\.suffix))
        lost = sources.flatMap { weights($0.rest) }.filter { names.insert($0.suffix).inserted }
    }

    /// Whether a tensor of a source was blended, although the output may come out without it.
    func isBlended(_ name: String, in source: ResolvedSource) -> Bool {
        blended.contains(name) && sources.contains { $0.index == source.index }
    }

    /// What is told of it: nothing where all is blended.
    var finding: Diagnostic? {
        guard let first = kept.first ?? lost.first else { return nil }
        let holders = sources.filter { source in
            source.rest.contains { $0.slot.spec.dtype.isBlendable && !$0.slot.spec.isBuffer }
        }
        // Beside models without a tower there is nothing to blend it with; that one is left behind is told elsewhere.
        if holders.count < 2, kept.isEmpty { return nil }
        let isAccepted = composition.graph.output.accept.contains { $0.value == "unblended" }
        return .unblended(
            (kept + lost).count,
            first.suffix,
            in: sources.map { source in
                (source.name, source.rest.first { $0.slot.suffix == first.suffix }?.slot.spec.shape)
            },
            donor: composition.donor.name,
            isAccepted ? .note : holders.count < 2 ? .warning : .error,
            at: composition.strip.rest.range
        )
    }
}

extension TensorSpec {
    /// Whether it is made anew by whoever loads the model: rotary tables, masks, position numbers.
    var isBuffer: Bool {
        let words = ["inv_freq", "position_ids", "token_type_ids", "masked_bias", "rotary_emb", "attn_mask"]
        return name.split(separator: ".").contains { part in words.contains { part.hasSuffix($0) } }
    }
}

extension Diagnostic {
    /// Weights outside the layers of a blend that are one model's.
    fileprivate static func unblended(
        _ count: Int,
        _ name: String,
        in models: [(name: String, shape: Shape?)],
        donor: String,
        _ severity: Severity,
        at range: SourceRange?
    ) -> Diagnostic {
        let known = models.first { $0.shape != nil }
        let odd = models.first { $0.shape != known?.shape }
        let words = { (model: (name: String, shape: Shape?)?) in
            guard let model else { return "" }
            return (model.shape.map { "\($0)" } ?? "missing") + " in '\(model.name)'"
        }
        let others = count == 1 ? " is" : " and \(count - 1) more outside the layers are"
        return Diagnostic(
            severity,
            code: "unblended",
            "'\(name)'\(others) not blended: it is \(words(known)) and \(words(odd)); "
                + "the output has it as '\(donor)' does, which gives the config",
            at: range,
            fix: severity == .note
                ? nil
                : FixIt("blend models that store them alike; 'output: {accept: [unblended]}' keeps those of '\(donor)'")
        )
    }
}
