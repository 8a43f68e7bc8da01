import SutureArchitectures
import SutureJSON
import SutureTensors
import Testing

@Suite("GGUF's names and keys are one more naming and one more config")
struct GGUFAnatomyTests {
    private static func anatomy(
        _ architecture: String,
        _ names: [String],
        config: JSONObject = [:]
    ) throws(AnatomyError) -> Anatomy {
        var whole: JSONObject = ["model_type": .string("gguf-" + architecture), "block_count": 2]
        for member in config.members { whole[member.key] = member.value }
        var tensors: [TensorSpec] = []
        for layer in 0..<2 {
            for name in names {
                tensors += [try? TensorSpec("blk.\(layer).\(name)", .float16, [8, 8])].compactMap(\.self)
            }
        }
        for name in ["token_embd.weight", "output_norm.weight", "output.weight"] {
            tensors += [try? TensorSpec(name, .float16, name.contains("norm") ? [8] : [16, 8])].compactMap(\.self)
        }
        return try Anatomy.read(config: whole, tensors: tensors)
    }

    @Test(
        "in which every family means what it means",
        arguments: [
            ("llama", "attn_output.weight", "attn.o"), ("llama", "ffn_gate.3.weight", "expert[3].gate"),
            ("gemma3", "post_attention_norm.weight", "norm.attn_post"),
            ("gpt-oss", "post_attention_norm.weight", "norm.mlp"), ("phi3", "ffn_up.weight", "mlp.gate_up"),
            ("qwen3moe", "ffn_down_exps.weight", "expert[*].down"), ("qwen3moe", "ffn_gate_inp.weight", "router"),
            ("deepseek2", "exp_probs_b.bias", "router.bias"), ("lfm2", "shortconv.out_proj.weight", "ssm.out_proj"),
        ]
    )
    func roles(architecture: String, name: String, role: String) throws {
        let names = ["attn_q.weight", "attn_output.weight", "ffn_up.weight"]
        let anatomy = try Self.anatomy(architecture, names.filter { $0 != name } + [name])
        #expect(anatomy.layerCount == 2)
        #expect(anatomy.parts.map(\.role.description).contains(role))
        #expect(anatomy.parts.suffix(3) == [.end(.embed), .end(.norm), .end(.head)])
    }

    @Test("whose drafts stand behind the layers")
    func drafts() throws {
        let names = ["attn_q.weight", "attn_output.weight", "ffn_up.weight"]
        let anatomy = try Self.anatomy("llama", names, config: ["block_count": 1, "nextn_predict_layers": 1])
        #expect(anatomy.layerCount == 1)
        #expect(anatomy.mainStack.extraLayers == 1..<2)
    }

    @Test("and a family whose keys are not known is refused by name")
    func unknown() throws {
        let error = try #require(throws: AnatomyError.self) { try Self.anatomy("rwkv7", ["attn_q.weight"]) }
        #expect(error.finding.message.contains("gguf-rwkv7"))
    }
}
