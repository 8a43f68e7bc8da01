import SutureAnalysis
import SutureArchitectures
import SutureCheckpoints
import SutureDiagnostics
import SutureJSON
import SutureKit
import SutureTensors
import SutureTestSupport
import SystemPackage
import Testing

@Suite("How models differ")
struct ModelDifferenceTests {
    /// What a recipe makes of a made-up model `a`, and the model itself.
    private func made(
        _ graph: String,
        output: String = "{}",
        _ body: (_ model: StudiedModel, _ made: StudiedModel) throws -> Void
    ) throws {
        try MadeModel.with(graph, output: output) { try body($0.sources[0], $0.made) }
    }

    @Test("finds nothing between a model and its copy")
    func copies() throws {
        try made("{out: {slice: a}}") { model, made in
            let difference = try #require(ModelDifference.find(between: model, and: [made]).first)
            #expect(difference.isEqual && difference.pairs.count == model.checkpoint.tensors.count)
            #expect(difference.total.relative == 0 && difference.total.cosine == 1)
            #expect(ConfigDifference.find(model.checkpoint.config, made.checkpoint.config).isEmpty)
            #expect(VocabularyDifference(model.checkpoint, made.checkpoint)?.differing == [])
        }
    }

    @Test("lays a stack's layers beside those that they are of, and finds what was scaled and filled")
    func stacks() throws {
        try made(#"{out: {stack: ["a[0:4]", {from: "a[2:6]", scale: {mlp.down: 0.75}, set: {attn.o: 0}}]}}"#) {
            model,
            made in
            let difference = try #require(ModelDifference.find(between: model, and: [made]).first)
            #expect(difference.alignment.origins == [0, 1, 2, 3, 2, 3, 4, 5])
            #expect(difference.unpaired.isEmpty)
            for pair in difference.pairs {
                let isChanged = pair.layer.map { $0 >= 4 } ?? false
                switch pair.role.description {
                case "mlp.down" where isChanged:
                    #expect(pair.isScaled && abs(pair.statistics.scale - 0.75) < 1e-3, "\(pair.name)")
                case "attn.o" where isChanged:
                    #expect(pair.statistics.relative == 1 && pair.statistics.cosine == 0, "\(pair.name)")
                default: #expect(pair.isEqual, "\(pair.name)")
                }
            }
            let config = ConfigDifference.find(model.checkpoint.config, made.checkpoint.config)
            #expect(config.map(\.path) == ["num_hidden_layers"])
            #expect(config.first?.first == .int(6) && config.first?.second == .int(8))
        }
    }

    @Test("tells numbers in another dtype from equal bytes")
    func dtypes() throws {
        try made("{out: {slice: a}}", output: "{dtype: float32}") { model, made in
            let difference = try #require(ModelDifference.find(between: model, and: [made]).first)
            #expect(!difference.isEqual && difference.pairs.allSatisfy { !$0.isEqual && $0.statistics.isEqual })
        }
    }

    @Test("compares packed numbers by their bytes, and names what has no counterpart")
    func bytes() throws {
        try TemporaryDirectory.with { folder in
            var tiny = TinyCheckpoint.llama(layers: 2)
            tiny.tensors.append(("model.layers.0.self_attn.ids", .int64, [3]))
            tiny.tensors.append(("model.layers.1.self_attn.flags", .uint8, [5]))
            let a = try StudiedModel(tiny.open(in: folder.appending("a")), name: "a")
            tiny.tensors[tiny.tensors.count - 1] = ("model.layers.1.self_attn.flags", .uint8, [7])
            tiny.tensors.append(("model.layers.1.self_attn.more", .bfloat16, [2]))
            let b = try StudiedModel(tiny.open(in: folder.appending("b")), name: "b")
            let difference = try #require(ModelDifference.find(between: a, and: [b], threads: 2).first)
            let ids = difference.pairs.first { $0.name.hasSuffix("ids") }
            #expect(ids?.isEqual == true && ids?.isMeasured == false)
            #expect(
                difference.unpaired.map(\.name) == ["model.layers.1.self_attn.flags", "model.layers.1.self_attn.more"]
            )
            #expect(difference.unpaired.map(\.shapes) == [[[5], [7]], []])
        }
    }

    @Test("of configs counts numbers by their value, and enters objects")
    func configs() {
        let a: JSONObject = ["x": 1, "r": ["t": .number("1e4"), "u": [1, 2]], "gone": true]
        let b: JSONObject = ["x": .number("1.0"), "r": ["t": 20000, "u": [1, 2]], "new": .null]
        #expect(ConfigDifference.find(a, b).map(\.path) == ["r.t", "gone", "new"])
    }
}
