import SutureDiagnostics
import SuturePlanning
import SutureTensors
import SutureTestSupport
import Testing

/// `{name: glob}` means the name that a tensor has in the output, wherever a recipe may write it.
@Suite("Globs over names")
struct OutputNameTests {
    /// Graphs, and the layers of their output that are changed in each, where the glob names
    /// layer 2 of it; `nil` where it means none that may be changed.
    static let graphs: [(graph: String, changed: [Int]?)] = [
        (#"{out: {stack: ["a[0]", {from: "a[0:3]", scale: SET}]}}"#, [2]),
        (#"{out: {stack: ["a[0]", {from: "a[0]", repeat: 3, scale: SET}]}}"#, [2]),
        (#"{mine: {edit: {from: a, scale: SET}}, out: {stack: ["a[1]", "mine[1:3]"]}}"#, [2]),
        (#"{mine: {edit: {from: a, scale: SET}}, out: {stack: ["mine[3]", "mine[0]", "mine[0]"]}}"#, [2]),
        (#"{mine: {edit: {from: a, scale: SET}}, out: {stack: [{from: mine, reverse: true}]}}"#, [2]),
        (#"{mine: {edit: {from: a, scale: SET}}, out: {stack: [{window: {of: mine, size: 2, step: 2}}]}}"#, [2]),
        (#"{mine: {edit: {from: a, scale: SET}}, out: {stack: [{interleave: [a, mine], run: 1}]}}"#, []),
        (#"{mine: {edit: {from: a, scale: SET}}, out: {stack: [{interleave: [mine, a], run: 1}]}}"#, [2]),
        (#"{out: {expand: {from: a, every: 1, insert: {copy: previous, scale: SET}}}}"#, nil),
        (#"{out: {expand: {from: a, after: [1], insert: {copy: previous, scale: SET}}}}"#, [2]),
        (#"{out: {expand: {from: a, after: [0, 2], insert: {copy: next, scale: SET}}}}"#, nil),
        (
            #"{part: {splice: {onto: a, take: [{where: {name: "model.layers.2.*"}, from: b}]}}, out: {stack: ["a[3]", part]}}"#,
            [2]
        ),
        (
            #"{part: {blend: {method: linear, inputs: [{from: a, weight: 1}, {from: b, weight: SET}]}}, out: {stack: ["a[3]", part]}}"#,
            [2]
        ),
        (
            #"{part: {blend: {method: slerp, inputs: [a, b], params: {t: SET}}}, out: {stack: ["a[3]", part]}}"#,
            [2]
        ),
    ]

    @Test("see the place where a layer lands", arguments: graphs.indices)
    func lands(number: Int) throws {
        let (graph, changed) = Self.graphs[number]
        let value =
            graph.contains("blend")
            ? #"[{where: {name: "model.layers.2.*"}, value: 0.5}, {value: 0}]"#
            : #"[{where: {name: "model.layers.2.*"}, value: 0.5}]"#
        let recipe = graph.replacing("SET", with: value)
        let planning = try planning("slicegraph: 1\ninputs: {a: @a, b: @b}\ngraph: \(recipe)\n")
        guard let changed else {
            #expect(planning.diagnostics.contains { $0.code == "matches-nothing" })
            return
        }
        let plan = try #require(planning.plan, "\(planning.diagnostics)")
        let layers = Set(
            plan.tensors.compactMap { tensor -> Int? in
                let words = tensor.spec.name.split(separator: ".")
                guard words.count > 3, words[1] == "layers", !tensor.isPlain else { return nil }
                return Int(words[2])
            }
        )
        #expect(layers.sorted() == changed)
    }

    @Test("beside a model of a mergekit file see that model's own names, as mergekit has it")
    func ofMergekit() throws {
        let planning = try planning(
            """
            merge_method: linear
            slices:
              - sources: [{model: @a, layer_range: [3, 4], parameters: {weight: 1}}, {model: @b, layer_range: [3, 4], parameters: {weight: 1}}]
              - sources:
                  - {model: @a, layer_range: [0, 3], parameters: {weight: 1}}
                  - {model: @b, layer_range: [0, 3], parameters: {weight: [{filter: "layers.2.", value: 1}, {value: 0}]}}
            """
        )
        let plan = try #require(planning.plan, "\(planning.diagnostics)")
        let mixed = plan.tensors.filter { $0.spec.name.hasSuffix("mlp.up_proj.weight") && !$0.isPlain }
        #expect(mixed.map(\.spec.name) == ["model.layers.0.mlp.up_proj.weight", "model.layers.3.mlp.up_proj.weight"])
    }
}

extension Plan.Tensor {
    /// Whether it is a tensor of `a` as it is.
    fileprivate var isPlain: Bool {
        if case .stored(let reference) = expression { reference.source == 0 } else { false }
    }
}
