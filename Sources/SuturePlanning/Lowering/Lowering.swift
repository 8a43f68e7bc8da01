import SutureArchitectures
import SutureDiagnostics
import SutureMerging
import SutureRecipes
import SutureTensors

/// Turns the graph of a recipe into the strip of layers that it describes.
///
/// Nodes are lowered when somebody asks for them, each once for every place it takes in the output.
/// What is wrong is collected and lowering goes on, so that one run says all of it.
struct Lowering {
    /// The opened checkpoints.
    let sources: [ResolvedSource]

    /// The opened checkpoints by the reference that recipes give.
    let sourceNumbers: [String: Int]

    /// The merge methods a recipe may name.
    let vocabulary: RecipeVocabulary

    /// Whether every node's result is rounded, as a stage that is written to disk would be.
    let roundsStages: Bool

    /// Whether mergekit's numbers are wanted, defects and all.
    let compatibility: MergeRelease?
    let methods: MergeRegistry

    /// The model whose rows embedding and head are to have, where the recipe chooses its tokenizer.
    var rowDonor: Int?

    /// The recipe at hand, then one scope for every `use`.
    var scopes: [Scope]

    /// What has been found so far.
    var findings = Diagnostics()

    /// What each selector of the recipe has matched, by where it is written.
    var selectorUses: [SelectorKey: SelectorUse] = [:]

    /// Names whose values are being worked out, so that one that needs itself is found.
    var namesUnderWay: Set<ScopedName> = []

    /// The nodes of blends in which some input has a weight other than 0.
    var weightedNodes: Set<String> = []

    /// The nodes in which something of an input is kept: weights, densities and what all is multiplied by are not 0.
    var countedNodes: Set<String> = []

    /// Role patterns taken apart once; `nil` for one that names no role.
    var roleSelectors: [String: RoleSelector?] = [:]

    /// Layer restrictions of selectors, worked out once for each length.
    var layerSets: [LayerSetKey: Set<Int>] = [:]

    /// The scopes of uses that have been opened.
    var openedUses: [UseKey: Int] = [:]

    /// The same recipe over what its models have of each module that the output names.
    var modules: [String: Lowering] = [:]

    /// How often a glob has been held against a tensor's name, which depends on where its layer lands.
    var namesAsked = 0

    private var lowered: [NodeKey: Strip?] = [:]
    private var underWay: [NodeKey] = []

    /// A node in its scope, at the output layer where its first layer will stand; `nil` where that changes nothing.
    private struct NodeKey: Hashable {
        let scope: Int
        let node: String
        let position: Int?
    }

    /// A selector as somebody wrote it.
    struct SelectorKey: Hashable {
        let selector: Selector
        let isFilter: Bool
    }

    init(
        sources: [ResolvedSource],
        sourceNumbers: [String: Int],
        methods: MergeRegistry,
        roundsStages: Bool,
        compatibility: MergeRelease?,
        root: Scope
    ) {
        self.sources = sources
        self.sourceNumbers = sourceNumbers
        self.methods = methods
        vocabulary = RecipeVocabulary(methods)
        self.roundsStages = roundsStages
        self.compatibility = compatibility
        scopes = [root]
        checkParameters(in: 0)
    }

    /// Lowers the node of a name.
    ///
    /// - Parameters:
    ///   - name: The node.
    ///   - scope: The recipe that it is looked up in.
    ///   - position: The output layer at which the node's first layer will stand; it decides the names that
    ///     globs over output names see.
    /// - Returns: The strip, or `nil` when something in it was wrong and has been reported.
    mutating func strip(ofNode name: String, in scope: Int, at position: Int) -> Strip? {
        if let known = lowered[NodeKey(scope: scope, node: name, position: nil)] { return known }
        let key = NodeKey(scope: scope, node: name, position: position)
        if let known = lowered[key] {
            namesAsked += 1
            return known
        }
        guard let node = scopes[scope].node(name) else { return nil }
        if let start = underWay.firstIndex(where: { $0.scope == scope && $0.node == name }) {
            let path = underWay[start...].map(\.node) + [name]
            findings.append(.nodeCycle(path, at: node.name.range))
            return nil
        }
        underWay.append(key)
        defer { underWay.removeLast() }
        let asked = namesAsked
        var strip = node.operation.lowered.strip(by: &self, node: node, in: scope, at: position)
        if roundsStages {
            do throws(TensorSpecError) {
                try strip?.round(to: node.storedDType ?? scopes[scope].graph.output.dtype?.value)
            } catch {
                findings.append(.impossibleTensor(error, at: node.range))
                strip = nil
            }
        }
        lowered[namesAsked > asked ? key : NodeKey(scope: scope, node: name, position: nil)] = .some(strip)
        return strip
    }

    /// Lowers a slice: a source, a node or a caller's strip, and the layers of it that are meant.
    ///
    /// A node whose settings name tensors is lowered again where each of its layers lands.
    ///
    /// - Parameters:
    ///   - slice: The slice.
    ///   - scope: The recipe whose names it is written over.
    ///   - position: The output layer at which its first layer will stand.
    ///   - locals: Loop variables that are known there.
    ///   - arrange: Which of the layers that the slice means are taken, and in what order.
    /// - Returns: The strip, or `nil` when something in it was wrong and has been reported.
    mutating func strip(
        of slice: SliceExpression,
        in scope: Int,
        at position: Int,
        locals: Locals = [:],
        arrange: (ArraySlice<Int>) -> [Int] = { Array($0) }
    ) -> Strip? {
        let asked = namesAsked
        guard let whole = target(of: slice, in: scope, at: position) else { return nil }
        let dependsOnPlace = namesAsked > asked
        let count = whole.layers.count
        var chosen = Array(0..<count)
        if let pieces = slice.pieces {
            guard let meant = layers(pieces, of: count, slice: slice, in: scope, locals: locals) else { return nil }
            chosen = meant
        }
        let range = slice.range ?? slice.target.range
        var strip = whole
        strip.layers = []
        for (place, index) in arrange(chosen[...]).enumerated() {
            let landed =
                dependsOnPlace && place != index
                ? target(of: slice, in: scope, at: position + place - index) : whole
            guard var layer = landed?.layers[index] else { return nil }
            if slice.pieces != nil { layer.range = range }
            strip.layers.append(layer)
        }
        return strip
    }

    /// The strip that a slice's name stands for, whole.
    private mutating func target(of slice: SliceExpression, in scope: Int, at position: Int) -> Strip? {
        let name = slice.target.value
        if name.hasPrefix("caller.") {
            guard let caller = scopes[scope].caller else {
                findings.append(.noCaller(slice.target))
                return nil
            }
            let inner = SliceExpression(
                target: slice.target.map { String($0.dropFirst("caller.".count)) },
                range: slice.range
            )
            return target(of: inner, in: caller, at: position)
        }
        if scopes[scope].node(name) != nil {
            return strip(ofNode: name, in: scope, at: position)
        }
        switch scopes[scope].inputs[name] {
        case .source(let index):
            var strip = sources[index].strip
            let range = slice.range ?? slice.target.range
            for index in strip.layers.indices { strip.layers[index].range = range }
            return strip
        case .slice(let slice, let outer):
            return strip(of: slice, in: outer, at: position)
        case nil:
            let graph = scopes[scope].graph
            // An input that is declared but could not be opened has been reported already.
            guard !graph.inputs.contains(where: { $0.name.value == name }) else { return nil }
            findings.append(
                .unknownStrip(slice.target, known: graph.nodes.map(\.name.value) + graph.inputs.map(\.name.value))
            )
            return nil
        }
    }
}

extension Diagnostic {
    /// `caller.` stands where nobody has called.
    static func noCaller(_ name: Marked<String>) -> Diagnostic {
        Diagnostic(
            code: "no-caller",
            "'\(name.value)' speaks of a caller, but this recipe was not called by another",
            at: name.range,
            fix: FixIt("'caller.' has a meaning only in values under 'override'")
        )
    }
}
