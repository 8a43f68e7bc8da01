import SutureArchitectures
import SutureCheckpoints
import SutureDiagnostics
import SutureJSON
import SutureTensors
import SutureTestSupport
import SystemPackage
import Testing

@Suite("A quantization_config, mutated at any place, is followed or refused, never more", .tags(.slow), .unlessQuick)
struct QuantizationFuzzTests {
    static let seeds = [
        #"{"quant_method":"fp8","weight_block_size":[4,8],"activation_scheme":"dynamic","modules_to_not_convert":["lm_head","model.layers.1.mlp"]}"#,
        #"{"quant_method":"gptq","bits":4,"group_size":8,"dynamic":{"-:model.layers.2.mlp":{},"+:.*\\.gate$":{"bits":8}}}"#,
        #"{"quant_method":"compressed-tensors","format":"pack-quantized","ignore":["re:.*lm_head"],"config_groups":{"group_0":{"targets":["Linear"],"weights":{"num_bits":4}}}}"#,
        #"{"group_size":32,"bits":4,"model.layers.1.mlp.down_proj":{"group_size":64,"bits":8}}"#,
    ]

    @Test("with its weights and scales, and with layers that move")
    func config() throws {
        var tiny = QuantizationTests.model([("weight_scale_inv", .float32, [2, 2])])
        let others = try [("base", 4), ("other", 3)].map { name, layers in
            try ToyModel(
                "llama",
                layers: layers,
                ["quantization_config": ["ignore": ["model.layers.1.mlp"]]],
                name: name
            )
        }
        try TemporaryDirectory.with { folder in
            tiny.config["quantization_config"] = nil
            let plain = Array(JSONPrinter.print(.object(tiny.config)).utf8)
            let model = try tiny.open(in: folder)
            let outcome = Fuzzing.run(Self.seeds, seed: 21, share: 40) { bytes in
                Fuzzing.overwrite(
                    model.configPath,
                    with: plain.dropLast() + Array(#","quantization_config":"#.utf8) + bytes + [125]
                )
                switch Fuzzing.attempt({ () throws(Diagnostics) in
                    let model = try Checkpoint.open(CheckpointReference(folder: folder.string), environment: [:])
                    return (model.config, try Quantization.read(model))
                }) {
                case .success(let (config, quantization)):
                    let blocks = quantization?.scaled.values.flatMap(\.blocks) ?? []
                    #expect(blocks.allSatisfy { $0 > 0 })
                    let moved = ToyModel(name: "x", config: config, anatomy: others[0].anatomy)
                    let layers = stack([0, 1, 1, 3], of: 0) + stack([2], of: 1)
                    let rewritten = ConfigSurgery.rewrite(
                        sources: [moved.source, others[1].source],
                        donor: 0,
                        layers: layers
                    )
                    #expect(rewritten.findings.allSatisfy { !$0.message.isEmpty })
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
