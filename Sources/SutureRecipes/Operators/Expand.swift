package import SutureDiagnostics

/// `expand`: one strip with blocks inserted, as LLaMA-Pro does (arXiv 2401.02415).
package struct Expansion: Hashable, Sendable {
    /// Which layer a new block is copied from.
    package enum Donor: String, CaseIterable, Hashable, Sendable {
        case previous, next
    }

    /// Where blocks are inserted.
    package enum Places: Hashable, Sendable {
        /// One after every so many layers.
        case every(Marked<Expression>)
        /// One after each of these layers.
        case after([Marked<Expression>])
    }

    /// The strip that grows.
    package var from: SliceExpression
    /// Where blocks are inserted.
    package var places: Places
    /// Which layer a new block is copied from.
    package var donor: Donor
    /// Factors in the new blocks.
    package var scale: Value?
    /// Constants in the new blocks.
    package var set: Value?

    /// Creates an expansion.
    package init(
        from: SliceExpression,
        places: Places,
        donor: Donor = .previous,
        scale: Value? = nil,
        set: Value? = nil
    ) {
        self.from = from
        self.places = places
        self.donor = donor
        self.scale = scale
        self.set = set
    }
}

extension Expansion: GraphOperator {
    static var declaration: KeyDeclaration {
        KeyDeclaration("expand", .mapping(.expand), "one strip with blocks inserted, as LLaMA-Pro does")
    }

    static func read(_ node: YAMLNode, by parser: inout NativeParser) -> Operation? {
        parser.expand(node).map(Operation.expand)
    }

    var leader: SliceExpression? { from }

    func mergekitPieces(in printer: inout MergekitPrinter, node: String) -> [MergekitPiece]? {
        guard let all = printer.pieces(of: from)?.flatMap(\.layers), all.count <= 10_000 else { return nil }
        var chosen: Set<Int> = []
        switch places {
        case .every(let step):
            guard case .integer(let count) = step.value, count >= 1 else { return nil }
            chosen = Set(stride(from: count - 1, to: all.count, by: count))
        case .after(let layers):
            for layer in layers {
                guard case .integer(let index) = layer.value else { return nil }
                chosen.insert(index < 0 ? index + all.count : index)
            }
        }
        var grown: [MergekitPiece] = []
        for (index, layer) in all.enumerated() {
            grown.append(layer)
            guard chosen.contains(index) else { continue }
            let model = donor == .previous ? layer : all[min(index + 1, all.count - 1)]
            grown += printer.changed([model], scale: scale, set: set)
        }
        return MergekitPiece.joined(grown)
    }
}

extension RecipeMapping {
    static let expand = RecipeMapping("expand", "'expand'") {
        [
            KeyDeclaration("from", .slice, isRequired: true, "the strip that grows"),
            KeyDeclaration("every", .integer, "one new block after every so many layers"),
            KeyDeclaration("after", .list(.integer), "one new block after each of these layers"),
            KeyDeclaration("insert", .mapping(.insert), "what a new block is"),
        ]
    }

    static let insert = RecipeMapping("insert", "'insert'") {
        [
            KeyDeclaration(
                "copy",
                .choice(Expansion.Donor.allCases.map(\.rawValue)),
                "the layer that a new block copies: previous unless given"
            ),
            KeyDeclaration("scale", .roleValues, "factors by role"),
            KeyDeclaration("set", .roleValues, "constants by role; residual: 0 makes a block do nothing"),
        ]
    }
}

extension NativeParser {
    fileprivate mutating func expand(_ node: YAMLNode) -> Expansion? {
        guard let fields = fields(of: node, as: .expand) else { return nil }
        let from = fields["from"].flatMap { slice($0, "'from'") }
        let every = fields["every"].flatMap { expression($0, "'every'", .integer) }
        let after = fields["after"].map { after in
            list(after, "'after'", of: "layers").compactMap { expression($0, "a layer of 'after'", .integer) }
        }
        if fields["every"] == nil, fields["after"] == nil {
            findings.append(.expandPlaces(both: false, at: node.range))
        } else if let key = fields.keyRange("after"), fields["every"] != nil {
            findings.append(.expandPlaces(both: true, at: key))
        }
        let insert = fields["insert"].flatMap { self.fields(of: $0, as: .insert) }
        let donor: Expansion.Donor? = insert?["copy"].flatMap { choice($0, "'copy'") }
        let scale = insert?["scale"].flatMap { roleValues($0, "'scale'") }
        let set = insert?["set"].flatMap { roleValues($0, "'set'") }
        guard let from, let places = every.map(Expansion.Places.every) ?? after.map(Expansion.Places.after) else {
            return nil
        }
        return Expansion(from: from, places: places, donor: donor ?? .previous, scale: scale, set: set)
    }
}

extension Expansion {
    var printed: PrintedYAML {
        var pairs = [("from", from.printed)]
        switch places {
        case .every(let step): pairs.append(("every", step.value.scalar))
        case .after(let layers): pairs.append(("after", .list(layers.map { $0.value.scalar })))
        }
        var insert: [(String, PrintedYAML)] = [("copy", .text(donor.rawValue))]
        if let scale { insert.append(("scale", scale.printedByRole)) }
        if let set { insert.append(("set", set.printedByRole)) }
        pairs.append(("insert", .mapping(insert)))
        return .mapping(pairs)
    }
}

extension Diagnostic {
    fileprivate static func expandPlaces(both: Bool, at range: SourceRange) -> Diagnostic {
        guard both else {
            let fact = "'expand' needs 'every: k' or 'after: [..]' to say where blocks are inserted"
            return missingKey(fact, at: range, fix: FixIt("add 'every: 4'"))
        }
        return Diagnostic(
            code: "several-places",
            "'expand' has 'every' or 'after', not both",
            at: range,
            fix: FixIt("leave one of them out")
        )
    }
}
