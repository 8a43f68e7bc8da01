package import SutureArchitectures
package import SutureDiagnostics
package import SutureTensors

/// A run of layers of one architecture, and where its ends come from: what every node is worth.
package struct Strip: Hashable, Sendable {
    /// The layers, first to last.
    package var layers: [Layer]

    /// Embedding, final norm and head of whoever gives them.
    package var ends: Ends

    /// What lies outside the layers and has no end to belong to; a stack has its first item's, as its embedding.
    package var rest: Rest

    /// The sources it draws from, in order of first mention; the first one's names are used.
    package var sources: [Int]

    /// One layer: its tensors by what follows the layer number in their names.
    package struct Layer: Hashable, Sendable {
        /// The tensors, in the order in which the source stores them.
        package var slots: [Slot]
        /// The source whose layer it is, whatever parts of others are spliced into it.
        package var owner: Int
        /// The layer whose attention this is.
        package var attention: LayerOrigin
        /// The layer whose MLP this is.
        package var mlp: LayerOrigin
        /// What the layer is, for people.
        package var label: LayerLabel
        /// Where the recipe asks for it.
        package var range: SourceRange?
    }

    /// One tensor of the result and what it is made of.
    package struct Slot: Hashable, Sendable {
        /// What follows the layer number in the name, such as `mlp.up_proj.weight`; for ends, the whole name.
        package var suffix: String
        /// The part it plays.
        package var role: Role
        /// Dtype and shape, and the name in the source it mainly comes from.
        package var spec: TensorSpec
        /// What it is made of.
        package var expression: TensorExpression
        /// Whether it stands beside a weight that a quantizer packed and has no meaning without it, as scales do.
        package var isCompanion = false
        /// The models' tensors that have a part in it, where it has a row for each token and those are moved.
        var givers: [RowGiver] = []
        /// The model that task vectors are taken against, where rows are moved.
        var rowBase: Int?
    }

    /// The tensors outside layers, by which end of the model they belong to.
    package struct Ends: Hashable, Sendable {
        /// Embeddings and what belongs to them.
        package var embed: End
        /// The final norm.
        package var norm: End
        /// The head and what belongs to it.
        package var head: End
    }

    /// Towers, projectors, other stacks, drafts, and what no rule knows.
    package struct Rest: Hashable, Sendable {
        /// The tensors; of a blend those that all its models have in one shape.
        package var tensors: [ResolvedSource.Rest]
        /// The models that it is made of.
        package var sources: [Int]
        /// Where the recipe asks for it, if it does.
        package var range: SourceRange?

        /// Whether it is made of several models.
        var isBlend: Bool { sources.count > 1 }
    }

    /// One end of a model.
    package struct End: Hashable, Sendable {
        /// The tensors; a tied head has none.
        package var slots: [Slot]
        /// The source it mainly comes from.
        package var owner: Int
        /// Where the recipe asks for it, if it does.
        package var range: SourceRange?
    }
}

extension Strip.Slot {
    /// Whether it is a quantizer's text about a weight, which has no shape to compare.
    var isText: Bool { Role.isText(suffix) }

    /// Whether its rows are the tokens of a vocabulary.
    var isVocabularyMatrix: Bool {
        spec.shape.rank == 2 && role.part.isEmpty && (role.group == .embed || role.group == .head)
    }
}

extension Strip.Layer {
    /// The modules whose weights a quantizer packed: those that have companions.
    var packedModules: Set<String> { Set(slots.lazy.filter(\.isCompanion).map { Role.module(of: $0.suffix) }) }
}

/// What an output layer is, for people: `b[8]`, `slerp(a[3], b[3])`.
///
/// Neighbouring layers whose labels differ only by counting on are shown as one run.
package struct LayerLabel: Hashable, Sendable {
    /// The words, with `#` for each layer number.
    package var pattern: String
    /// The layer numbers.
    package var numbers: [Int]

    /// The label of a layer of a source.
    package init(source name: String, layer: Int) {
        pattern = "\(name)[#]"
        numbers = [layer]
    }

    private init(pattern: String, numbers: [Int]) {
        self.pattern = pattern
        self.numbers = numbers
    }

    /// The label of a layer made of others: `name(a, b)`.
    package static func made(by name: String, of parts: [LayerLabel]) -> LayerLabel {
        LayerLabel(
            pattern: name + "(" + parts.map(\.pattern).joined(separator: ", ") + ")",
            numbers: parts.flatMap(\.numbers)
        )
    }

    /// The label with a word behind it, such as `base[3]*`.
    package func marked(_ suffix: String) -> LayerLabel {
        pattern.hasSuffix(suffix) ? self : LayerLabel(pattern: pattern + suffix, numbers: numbers)
    }

    /// The label of a layer with a part taken from another: `b[3] with attn.* of a[3]`.
    package func spliced(with donor: LayerLabel, part: String) -> LayerLabel {
        let joint = pattern.contains(" with ") ? ", " : " with "
        let words = "\(part) of \(donor.pattern)"
        guard !pattern.hasSuffix(words) else { return self }
        return LayerLabel(pattern: pattern + joint + words, numbers: numbers + donor.numbers)
    }

    /// The words for a run of layers from this label to `last`, which has the same pattern.
    package func text(to last: LayerLabel) -> String {
        var pairs = zip(numbers, last.numbers).makeIterator()
        var text = ""
        for character in pattern {
            guard character == "#", let (first, final) = pairs.next() else {
                text.append(character)
                continue
            }
            switch final - first {
            case 0: text += "\(first)"
            case 1...: text += "\(first):\(final + 1)"
            default: text += "\(first)…\(final)"
            }
        }
        return text
    }

    /// Whether `next` continues the run in which this label is `step` layers after its neighbour.
    package func isFollowed(by next: LayerLabel, step: Int) -> Bool {
        pattern == next.pattern && zip(numbers, next.numbers).allSatisfy { $1 - $0 == step }
    }
}

extension Strip {
    /// The embedding of a tied model, as the head it also is.
    ///
    /// - Returns: One tensor under the name of `head`, or none where the strip has no single embedding.
    func tiedHead(named head: Slot) -> [Slot] {
        guard var slot = ends.embed.slots.first(where: { $0.isVocabularyMatrix }) else { return [] }
        slot.suffix = head.suffix
        slot.role = head.role
        return [slot]
    }
}
