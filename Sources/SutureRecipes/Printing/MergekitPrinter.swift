import SutureDiagnostics
import SutureTensors

/// Prints a flat recipe as mergekit configures it, and names what cannot be said there.
///
/// Nodes that mergekit cannot take in one step become documents of their own, which `mergekit-multi`
/// runs one after another.
package struct MergekitPrinter {
    private let graph: SliceGraph
    private let layerCounts: [String: Int]
    private let references: [String: String]
    private var documents: [PrintedYAML] = []
    private var written: Set<String> = []
    private(set) var cannot: [String] = []

    /// Prints a recipe.
    ///
    /// - Parameters:
    ///   - graph: A flat recipe: nothing imported, no loops, no expressions.
    ///   - layerCounts: The layers of inputs and nodes, where they are known.
    /// - Returns: The configuration, and what of the recipe is not in it; the text is whole only where that is nothing.
    package static func print(
        _ graph: SliceGraph,
        layerCounts: [String: Int] = [:]
    ) -> (text: String, cannot: [String]) {
        var printer = MergekitPrinter(graph, layerCounts: layerCounts)
        printer.write(graph.output.node?.value ?? "out", isLast: true)
        printer.checkOutput()
        let text = printer.documents.map { $0.document(blockDepth: 6) }.joined(separator: "---\n")
        return (text, printer.cannot)
    }

    private init(_ graph: SliceGraph, layerCounts: [String: Int]) {
        self.graph = graph
        self.layerCounts = layerCounts
        references = Dictionary(
            graph.inputs.map { input in
                (
                    input.name.value,
                    (input.reference?.value ?? input.name.value) + (input.adapter.map { "+\($0.value)" } ?? "")
                )
            }
        ) { first, _ in first }
    }

    /// Notes something that mergekit has no words for, once.
    mutating func refuse(_ fact: String) {
        if !cannot.contains(fact) { cannot.append(fact) }
    }

    // MARK: - Documents

    /// Writes the document of a node, those it takes from before it.
    private mutating func write(_ name: String, isLast: Bool = false) {
        guard isLast || written.insert(name).inserted, let node = graph.nodes.first(where: { $0.name.value == name })
        else {
            return
        }
        guard documents.count < 200, written.count < 400 else { return refuse("so many nodes one upon another") }
        let body = node.operation.content.mergekitBody(in: &self, node: name)
        var pairs: [(String, PrintedYAML)] = isLast ? [] : [("name", .text(name))]
        pairs += body
        if isLast { pairs += donor(body) }
        pairs += settings(
            isLast: isLast,
            isMerge: !body.contains { $0.0 == "merge_method" && $0.1.isText("passthrough") }
        )
        documents.append(.mapping(pairs))
    }

    /// Whose config is written: mergekit takes the base's, or else that of the first model it meets.
    private mutating func donor(_ body: [(String, PrintedYAML)]) -> [(String, PrintedYAML)] {
        guard let config = graph.output.config?.value else { return [] }
        let name = PrintedYAML.text(reference(config))
        if let base = body.first(where: { $0.0 == "base_model" }) {
            if !base.1.isText(reference(config)) { refuse("'config' of another model than the base") }
            return []
        }
        // A base that is not among the models would be merged as well.
        let isListed = body.contains { $0.0 == "models" && $0.1.mentions(reference(config)) }
        let method = body.first { $0.0 == "merge_method" }?.1
        if method?.isText("passthrough") == true || method?.isText("linear") == true && isListed {
            return [("base_model", name)]
        }
        if graph.inputs.first?.name.value != config { refuse("'config' of another model than the first") }
        return []
    }

    func passthrough(_ pieces: [MergekitPiece]) -> [(String, PrintedYAML)] {
        let slices = pieces.map { piece in
            PrintedYAML.mapping([("sources", .list([.mapping(source(of: piece))]))])
        }
        return [("merge_method", .text("passthrough")), ("slices", .list(slices))]
    }

    fileprivate func source(of piece: MergekitPiece) -> [(String, PrintedYAML)] {
        var source = [("model", PrintedYAML.text(reference(piece.target))), ("layer_range", piece.printedRange)]
        if let scale = piece.scale { source.append(("parameters", .mapping([("scale", scale)]))) }
        return source
    }

    /// What mergekit calls an input or a stage.
    func reference(_ name: String) -> String { references[name] ?? name }

    private mutating func settings(isLast: Bool, isMerge: Bool) -> [(String, PrintedYAML)] {
        var pairs: [(String, PrintedYAML)] = []
        func name(_ dtype: DType) -> PrintedYAML { .text(dtype.recipeNames.first ?? dtype.rawValue) }
        let output = graph.output
        if isLast, let dtype = output.dtype?.value {
            // Here arithmetic is done in float32 and rounded once, which is `dtype` and `out_dtype` there.
            let compute = output.computeDType?.value ?? (isMerge ? .float32 : dtype)
            pairs.append(("dtype", name(compute)))
            if compute != dtype { pairs.append(("out_dtype", name(dtype))) }
        } else if !isLast, isMerge {
            pairs.append(("dtype", name(.float32)))
        }
        guard isLast else { return pairs }
        if var tokenizer = output.tokenizer {
            if tokenizer.special != nil { refuse("'special': mergekit keeps the special tokens of the tokenizer") }
            // There it is the base of the merge, and nowhere else.
            tokenizer.base = nil
            pairs.append((tokenizer.isPlain ? "tokenizer_source" : "tokenizer", tokenizer.printed { reference($0) }))
        }
        if let template = output.chatTemplate { pairs.append(("chat_template", .text(template.value))) }
        return pairs
    }

    private mutating func checkOutput() {
        let output = graph.output
        if output.ends.embed != nil || output.ends.norm != nil || output.ends.head != nil {
            refuse("'ends': mergekit takes the embedding of the first slice, norm and head of the last")
        }
        if !output.modules.isEmpty { refuse("'modules' of the output") }
        if !output.drop.isEmpty { refuse("'drop'") }
        if output.seed != nil { refuse("'seed': give --random-seed") }
        if output.roundsStages?.value == true, documents.count == 1 { refuse("'round_stages'") }
        if graph.inputs.contains(where: { $0.reference == nil }) { refuse("inputs that are left open") }
        if !graph.parameters.isEmpty || !graph.definitions.isEmpty {
            refuse("'params' and 'let'; expand the recipe first")
        }
    }

    /// Writes the document of a node that another merges.
    mutating func writeStage(_ name: String) { write(name) }

    // MARK: - Strips of layers

    mutating func pieces(of slice: SliceExpression) -> [MergekitPiece]? {
        let target = slice.target.value
        let node = graph.nodes.first { $0.name.value == target }
        guard let ranges = ranges(of: slice) else { return nil }
        // A node that is stacked itself is taken apart; what is merged is a stage of its own.
        if let node, !node.operation.isMerge, var inner = node.operation.content.mergekitPieces(in: &self, node: target)
        {
            guard slice.pieces != nil else { return inner }
            inner = inner.flatMap(\.layers)
            guard
                let chosen = ranges.flatMap({ Array($0) }).map({ inner.indices.contains($0) ? inner[$0] : nil })
                    as? [MergekitPiece]
            else { return nil }
            return MergekitPiece.joined(chosen)
        }
        if node != nil { write(target) }
        return ranges.map { MergekitPiece(target: target, start: $0.lowerBound, end: $0.upperBound) }
    }

    /// The runs of consecutive layers that a slice takes.
    mutating func ranges(of slice: SliceExpression) -> [Range<Int>]? {
        let count = layerCounts[slice.target.value]
        guard let pieces = slice.pieces else {
            if let count { return [0..<count] }
            refuse("all layers of '\(slice.target.value)', whose number is not known")
            return nil
        }
        var ranges: [Range<Int>] = []
        for piece in pieces {
            guard let indices = piece.indices(of: count), indices.allSatisfy({ $0 >= 0 }) else {
                refuse("the layers '\(slice.text)'")
                return nil
            }
            if case .run(_, _, nil, _) = piece, let first = indices.first, let last = indices.last {
                ranges.append(first..<last + 1)
            } else if indices.isEmpty, case .run(let start?, _, _, _) = piece, case .integer(let place) = start.value,
                place >= 0
            {
                ranges.append(place..<place)
            } else {
                ranges += indices.map { $0..<$0 + 1 }
            }
        }
        return ranges
    }

    mutating func changed(_ pieces: [MergekitPiece], scale: Value?, set: Value?) -> [MergekitPiece] {
        guard let factors = factors(scale: scale, set: set) else { return pieces }
        if pieces.contains(where: { $0.scale != nil }) { refuse("a scale upon another scale") }
        return pieces.map { piece in
            var piece = piece
            piece.scale = factors
            return piece
        }
    }
}

extension MergekitPrinter {
    /// The one document that says a stack whose merged items are all merged in one way: its slices.
    ///
    /// - Returns: The document's keys; `nil` where the stack is something else.
    mutating func mergedSlices(_ items: [StackItem]) -> [(String, PrintedYAML)]? {
        var blends: [Blend?] = []
        for item in items {
            guard case .layers(let layers) = item.content, layers.repetitions == nil, layers.isReversed == nil,
                layers.scale == nil, layers.set == nil
            else { return nil }
            let node = graph.nodes.first { $0.name.value == layers.from.target.value }
            guard let node else {
                blends.append(nil)
                continue
            }
            guard layers.from.pieces == nil, case .blend(let blend) = node.operation,
                blend.inputs.allSatisfy({ $0.from.pieces != nil })
            else { return nil }
            blends.append(blend)
        }
        let merged = blends.compactMap(\.self)
        guard blends.count > 1, let first = merged.first, case .text(let method) = first.method.value,
            merged.count == blends.count || Self.passingMethods.contains(method),
            merged.allSatisfy({
                $0.method.value == first.method.value && $0.base?.target.value == first.base?.target.value
            })
        else { return nil }
        var pairs = [("merge_method", PrintedYAML.text(method))]
        if let base = first.base { pairs.append(("base_model", .text(reference(base.target.value)))) }
        var slices: [PrintedYAML] = []
        for (item, blend) in zip(items, blends) {
            if let blend {
                slices.append(.mapping(slice(blend)))
            } else if case .layers(let layers) = item.content {
                for range in ranges(of: layers.from) ?? [] {
                    let piece = MergekitPiece(
                        target: layers.from.target.value,
                        start: range.lowerBound,
                        end: range.upperBound
                    )
                    slices.append(.mapping([("sources", .list([.mapping(source(of: piece))]))]))
                }
            }
        }
        return pairs + [("slices", .list(slices))]
    }

    /// Methods that pass on a tensor which is alone as it is.
    private static let passingMethods: Set<String> = ["slerp", "nuslerp", "multislerp", "arcee_fusion"]
}

extension PrintedYAML {
    /// Whether it is a text.
    fileprivate func isText(_ text: String) -> Bool {
        if case .text(text) = self { true } else { false }
    }

    /// Whether a text stands in it somewhere.
    fileprivate func mentions(_ text: String) -> Bool {
        switch self {
        case .literal: false
        case .text: isText(text)
        case .list(let elements): elements.contains { $0.mentions(text) }
        case .mapping(let pairs): pairs.contains { $0.1.mentions(text) }
        case .compact(let value): value.mentions(text)
        }
    }
}
