import SutureCheckpoints
import SutureDiagnostics
import SutureJSON
import SutureTensors
import SutureTestSupport
import SystemPackage
import Testing

@Suite("An adapter's config, mutated at any place, is followed or refused, never more", .tags(.slow), .unlessQuick)
struct AdapterFuzzTests {
    @Test("with a model whose tensors it fits and names of modules as patterns")
    func config() throws {
        let seed = """
            {"peft_type": "LORA", "r": 2, "lora_alpha": 4.5, "use_rslora": true, "use_dora": false, "bias": "none",
            "rank_pattern": {"q_proj": 2, "^model\\\\.layers\\\\.[0-9]+\\\\.(mlp|self_attn)\\\\..*": 2}, "layer_replication": null,
            "alpha_pattern": {"(k|q)_proj": 1, "layers\\\\.\\\\d{1,3}.*": 3}, "target_modules": ["q_proj"]}
            """
        let q = "base_model.model.model.layers.0.self_attn.q_proj."
        let specs = [
            try TensorSpec(q + "lora_A.weight", .float32, [2, 8]),
            try TensorSpec(q + "lora_B.weight", .float32, [8, 2]),
        ]
        let layout = try SafetensorsLayout(specs, alignment: 8)
        try TemporaryDirectory.with { folder in
            let model = try TinyCheckpoint.llama(layers: 1).open(in: folder.appending("model"))
            let path = folder.appending("adapter")
            try FileSystem.createFolder(path)
            try FileSystem.write(
                layout.header + [UInt8](repeating: 0, count: 128),
                to: path.appending("adapter_model.safetensors")
            )
            let outcome = Fuzzing.run(bytes: [Array(seed.utf8)], seed: 13, share: 20) { bytes in
                Fuzzing.overwrite(path.appending("adapter_config.json"), with: bytes)
                switch Fuzzing.attempt({ () throws(Diagnostics) in
                    try Adapter.open(path.string, environment: [:]).changes(to: model)
                }) {
                case .success(let changes):
                    guard case .lowRank(let update)? = changes.changes.values.first?.edit else { return false }
                    #expect(changes.changes.count == 1 && update.scale.isFinite)
                    return true
                case .failure(let error):
                    #expect(error.hasErrors)
                    return false
                }
            }
            #expect(outcome.accepted > 0 && outcome.refused > 0)
        }
    }
}
