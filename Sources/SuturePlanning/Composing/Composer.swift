import SutureArchitectures
import SutureDiagnostics
import SutureRecipes
import SutureTensors

/// Decides who gives what lies outside the layers: ends, config, tokenizer, and the tie of the head.
struct Composer {
    let graph: SliceGraph
    let sources: [ResolvedSource]
    let alignment: VocabularyAlignment?
    var lowering: Lowering
    var findings = Diagnostics()

    init(graph: SliceGraph, sources: [ResolvedSource], alignment: VocabularyAlignment? = nil, lowering: Lowering) {
        self.alignment = alignment
        self.graph = graph
        self.sources = sources
        self.lowering = lowering
    }

    /// Lowers the node that is written and settles its donors.
    ///
    /// - Returns: The composition, or `nil` when something was wrong and has been reported.
    mutating func compose() -> Composition? {
        defer {
            findings.append(contentsOf: lowering.findings.all)
        }
        let name = graph.output.node?.value ?? "out"
        guard graph.nodes.contains(where: { $0.name.value == name }) else {
            findings.append(.noOutputNode(name, graph: graph))
            return nil
        }
        lowering.rowDonor = rowDonor
        guard var strip = lowering.strip(ofNode: name, in: 0, at: 0) else { return nil }
        guard let first = strip.layers.first else {
            findings.append(.noLayers(at: graph.nodes.first { $0.name.value == name }?.range))
            return nil
        }
        var donors: [Plan.Donor] = []
        chooseEnds(of: &strip, donors: &donors)
        lowering.reportUnmatchedSelectors()

        let config = configDonor(first: first, donors: &donors)
        let tokenizer = tokenizerDonor(strip: strip, config: config, donors: &donors)
        guard let config, let tokenizer else { return nil }
        var composition = Composition(
            graph: graph,
            sources: sources,
            strip: strip,
            configDonor: config,
            tokenizerDonor: tokenizer,
            isTied: false,
            rest: [],
            donors: donors,
            alignment: alignment
        )
        settleTie(of: &composition)
        composition.rest = composition.donor.rest(in: strip)
        composeModules(of: &composition)
        if let alignment { findings.append(contentsOf: alignment.realize(&composition)) }
        return composition
    }

    /// The sources that an output takes layers from, the one that gives the config first.
    ///
    /// - Parameters:
    ///   - graph: The recipe.
    ///   - lowering: Its nodes over sources whose layers may be without tensors.
    /// - Returns: None where the recipe is wrong, which lowering it for good will tell.
    static func owners(of graph: SliceGraph, _ lowering: Lowering) -> [Int] {
        var lowering = lowering
        let name = graph.output.node?.value ?? "out"
        guard let strip = lowering.strip(ofNode: name, in: 0, at: 0), let first = strip.layers.first else { return [] }
        var owner = first.owner
        if let config = graph.output.config {
            guard case .source(let index)? = lowering.scopes[0].inputs[config.value] else { return [] }
            owner = index
        }
        return [owner] + strip.sources.filter { $0 != owner }
    }

    /// The sources that an output takes layers or ends from, the one that gives the config first.
    static func givers(of graph: SliceGraph, _ lowering: Lowering) -> [Int] {
        var lowering = lowering
        let ends = [graph.output.ends.embed, graph.output.ends.head].compactMap(\.self)
        let others = ends.flatMap { lowering.strip(of: $0, in: 0, at: 0)?.sources ?? [] }
        return (owners(of: graph, lowering) + others).reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }

    private mutating func chooseEnds(of strip: inout Strip, donors: inout [Plan.Donor]) {
        let settings = graph.output.ends
        let ends:
            [(part: String, path: WritableKeyPath<Strip.Ends, Strip.End>, slice: SliceExpression?, rule: String)] = [
                ("embed", \.embed, settings.embed, "owner of the first layer"),
                ("norm", \.norm, settings.norm, "owner of the last layer"),
                ("head", \.head, settings.head, "owner of the last layer"),
            ]
        for end in ends {
            if let slice = end.slice, let owner = lowering.strip(of: slice, in: 0, at: 0) {
                strip.ends[keyPath: end.path] = owner.ends[keyPath: end.path]
                strip.ends[keyPath: end.path].range = slice.range ?? slice.target.range
                if end.part == "head", strip.ends.head.slots.isEmpty, strip.ends.embed.owner != strip.ends.head.owner {
                    let example = sources.lazy.compactMap { $0.strip.ends.head.slots.first }.first
                    strip.ends.head.slots = owner.tiedHead(named: example ?? unstoredHead(of: owner))
                }
                strip.sources += owner.sources.filter { !strip.sources.contains($0) }
            }
            donors.append(
                Plan.Donor(
                    part: end.part,
                    source: sources[strip.ends[keyPath: end.path].owner].name,
                    reason: end.slice == nil ? end.rule : "the recipe's word"
                )
            )
        }
    }

    private mutating func configDonor(first: Strip.Layer, donors: inout [Plan.Donor]) -> Int? {
        let choice: (source: Int, reason: String)
        if let name = graph.output.config {
            guard let source = source(named: name) else { return nil }
            let reason = graph.dialect == .mergekit ? "base_model, or the model mentioned first" : "the recipe's word"
            choice = (source, reason)
        } else {
            choice = (first.owner, "owner of the first layer")
        }
        donors.append(Plan.Donor(part: "config", source: sources[choice.source].name, reason: choice.reason))
        return choice.source
    }

    private mutating func tokenizerDonor(strip: Strip, config: Int?, donors: inout [Plan.Donor]) -> Int? {
        var choice: (source: Int, reason: String)
        switch graph.output.tokenizer?.source {
        case .input(let name):
            guard let source = source(named: name) else { return nil }
            choice = (source, "the recipe's word")
        case .base:
            guard let config else { return nil }
            choice = (config, "the base model's")
        case .union, nil:
            choice = (strip.ends.embed.owner, "owner of the embedding")
        }
        if let alignment, !alignment.added.isEmpty || choice.source != alignment.start {
            choice = (alignment.start, "its tokens, and \(alignment.added.count) more behind them")
        }
        donors.append(Plan.Donor(part: "tokenizer", source: sources[choice.source].name, reason: choice.reason))
        return choice.source
    }

    /// The model whose tokenizer the recipe chooses.
    private var rowDonor: Int? {
        let name: Marked<String>? =
            switch graph.output.tokenizer?.source {
            case .input(let name): name
            case .base: graph.output.config
            case .union, nil: nil
            }
        guard let name, case .source(let index)? = lowering.scopes[0].inputs[name.value] else { return nil }
        return index
    }

    private mutating func source(named name: Marked<String>) -> Int? {
        if case .source(let index)? = lowering.scopes[0].inputs[name.value] { return index }
        // An input that is declared but could not be opened has been reported already.
        if !graph.inputs.contains(where: { $0.name.value == name.value }) {
            findings.append(.unknownInput(name, known: graph.inputs.map(\.name.value)))
        }
        return nil
    }
}

extension Composer {
    /// The head of a tied strip where no source stores one: its embedding, by the name that its family has for a head.
    func unstoredHead(of strip: Strip) -> Strip.Slot {
        var slot = strip.ends.embed.slots.first { $0.isVocabularyMatrix } ?? strip.layers[0].slots[0]
        slot.suffix = sources[strip.ends.embed.owner].anatomy.unstoredHeadName ?? "lm_head.weight"
        slot.role = SutureArchitectures.End.head.role
        return slot
    }
}

extension Diagnostic {
    /// A recipe that does not say what is written.
    static func noOutputNode(_ name: String, graph: SliceGraph) -> Diagnostic {
        let known = graph.nodes.map(\.name.value)
        return Diagnostic(
            code: "no-output-node",
            graph.output.node == nil
                ? "the graph has no node called 'out', and 'output.node' names no other"
                : "the graph has no node called '\(name)'",
            at: graph.output.node?.range ?? graph.nodes.last?.name.range,
            fix: .didYouMean(name, among: known)
                ?? FixIt(
                    known.isEmpty ? "add a node 'out' under 'graph'" : "add 'output: {node: \(known[known.count - 1])}'"
                )
        )
    }

    /// A result without layers.
    static func noLayers(at range: SourceRange?) -> Diagnostic {
        emptyRange(
            "the result has no layers",
            at: range,
            fix: FixIt("ranges are half-open: [0, 1] is the first layer alone")
        )
    }

    /// A setting that names no input.
    static func unknownInput(_ name: Marked<String>, known: [String]) -> Diagnostic {
        unknownInput(name.value, "no input is called '\(name.value)'", known: known, at: name.range)
    }
}
