import SutureCheckpoints
import SutureJSON
import SutureKit
import SuturePlanning
import SutureTensors
import SutureTestSupport
import SystemPackage
import Testing

/// `llama.bin` holds the tensors of the adapters' base model; its `down_proj` matrices lie by their columns.
@Suite("A torch file is a source like any other")
struct TorchSourceTests {
    static func withModel(_ body: (FilePath, _ torch: String, _ safetensors: String) throws -> Void) throws {
        try TemporaryDirectory.with { folder in
            let model = folder.appending("torch")
            try FileSystem.createFolder(model)
            let base = FilePath(AdapterTests.path("base-llama"))
            try FileSystem.copy(base.appending("config.json"), to: model.appending("config.json"))
            try FileSystem.copy(
                FilePath(Fixture.path("torch/llama.bin")),
                to: model.appending("pytorch_model.bin")
            )
            try body(folder, model.string, base.string)
        }
    }

    @Test(
        "copied, stacked and spliced to the bytes that a safetensors source gives",
        arguments: [
            "{slice: x}", "{stack: [\"x[0:2]\", \"x[1]\"]}",
            "{splice: {onto: x, take: [{where: mlp.*, from: \"x[1, 0]\"}]}}",
        ]
    )
    func moved(node: String) throws {
        try Self.withModel { folder, torch, safetensors in
            func recipe(_ model: String) -> String { "slicegraph: 1\ninputs: {x: \(model)}\ngraph: {out: \(node)}" }
            let built = try AdapterTests.build(recipe(torch), in: folder, as: "a")
            let expected = try AdapterTests.build(recipe(safetensors), in: folder, as: "b")
            #expect(built == expected)
        }
    }

    @Test("blended, and under an adapter")
    func blended() throws {
        try Self.withModel { folder, torch, safetensors in
            func recipe(_ model: String) -> String {
                """
                slicegraph: 1
                inputs: {x: \(model)+\(AdapterTests.path("plain"))/adapter, y: \(AdapterTests.path("base-llama"))}
                graph: {out: {blend: {method: slerp, inputs: [x, y], params: {t: 0.3}}}}
                output: {dtype: float32}
                """
            }
            let built = try AdapterTests.build(recipe(torch), in: folder, as: "a")
            let expected = try AdapterTests.build(recipe(safetensors), in: folder, as: "b")
            #expect(built == expected)
        }
    }
}
