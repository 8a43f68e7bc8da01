import SutureArchitectures
import SutureJSON
import SutureTensors
import Testing

/// A family's names for the parts of a layer, and the field's.
struct Naming: Sendable, CustomTestStringConvertible {
    let family: String
    let roles: [String: String]
    var testDescription: String { family }

    static let all: [Naming] = [
        Naming(
            family: "llama",
            roles: [
                "input_layernorm.weight": "norm.attn", "post_attention_layernorm.weight": "norm.mlp",
                "self_attn.q_proj.weight": "attn.q", "self_attn.k_proj.weight": "attn.k",
                "self_attn.v_proj.weight": "attn.v",
                "self_attn.o_proj.weight": "attn.o", "mlp.gate_proj.weight": "mlp.gate", "mlp.up_proj.weight": "mlp.up",
                "mlp.down_proj.weight": "mlp.down",
                "self_attn.rotary_emb.inv_freq": "attn.other:self_attn.rotary_emb.inv_freq",
            ]
        ),
        Naming(
            family: "qwen3, quantized by GPTQ and FP8",
            roles: [
                "self_attn.q_proj.qweight": "attn.q", "self_attn.q_proj.qzeros": "attn.q",
                "self_attn.q_proj.scales": "attn.q",
                "self_attn.q_proj.g_idx": "attn.q", "self_attn.q_proj.bias": "attn.q",
                "self_attn.q_norm.weight": "attn.q_norm",
                "self_attn.k_norm.weight": "attn.k_norm", "mlp.down_proj.weight": "mlp.down",
                "mlp.down_proj.weight_scale_inv": "mlp.down", "mlp.up_proj.weight.absmax": "mlp.up",
                "mlp.up_proj.weight.quant_state.bitsandbytes__nf4": "mlp.up", "input_layernorm.weight": "norm.attn",
                "post_attention_layernorm.weight": "norm.mlp",
            ]
        ),
        Naming(
            family: "gemma2",
            roles: [
                "input_layernorm.weight": "norm.attn", "post_attention_layernorm.weight": "norm.attn_post",
                "pre_feedforward_layernorm.weight": "norm.mlp", "post_feedforward_layernorm.weight": "norm.mlp_post",
                "self_attn.q_proj.weight": "attn.q", "mlp.up_proj.weight": "mlp.up",
            ]
        ),
        Naming(
            family: "bert",
            roles: [
                "attention.self.query.weight": "attn.q", "attention.self.key.bias": "attn.k",
                "attention.self.value.weight": "attn.v", "attention.output.dense.weight": "attn.o",
                "attention.output.LayerNorm.gamma": "norm.attn_post", "intermediate.dense.weight": "mlp.up",
                "output.dense.bias": "mlp.down", "output.LayerNorm.weight": "norm.mlp_post",
            ]
        ),
        Naming(
            family: "gpt2",
            roles: [
                "ln_1.weight": "norm.attn", "attn.c_attn.weight": "attn.qkv", "attn.c_attn.bias": "attn.qkv",
                "attn.c_proj.weight": "attn.o", "ln_2.bias": "norm.mlp", "mlp.c_fc.weight": "mlp.up",
                "mlp.c_proj.weight": "mlp.down",
            ]
        ),
        Naming(
            family: "phi, whose halves share a norm",
            roles: [
                "input_layernorm.weight": "norm.shared", "self_attn.q_proj.weight": "attn.q",
                "self_attn.dense.weight": "attn.o",
                "mlp.fc1.weight": "mlp.up", "mlp.fc2.weight": "mlp.down",
            ]
        ),
        Naming(
            family: "mixtral",
            roles: [
                "block_sparse_moe.gate.weight": "router", "block_sparse_moe.experts.0.w1.weight": "expert[0].gate",
                "block_sparse_moe.experts.7.w2.weight": "expert[7].down",
                "block_sparse_moe.experts.7.w3.weight": "expert[7].up",
                "self_attn.q_proj.weight": "attn.q",
            ]
        ),
        Naming(
            family: "deepseek_v3",
            roles: [
                "self_attn.q_a_proj.weight": "attn.q_a", "self_attn.q_a_layernorm.weight": "attn.q_a_norm",
                "self_attn.kv_a_proj_with_mqa.weight": "attn.kv_a", "self_attn.kv_b_proj.weight": "attn.kv_b",
                "mlp.gate.weight": "router", "mlp.gate.e_score_correction_bias": "router.bias",
                "mlp.experts.255.down_proj.weight": "expert[255].down",
                "mlp.shared_experts.up_proj.weight": "shared_expert.up",
            ]
        ),
        Naming(
            family: "gpt_oss, whose experts are one tensor",
            roles: [
                "mlp.experts.gate_up_proj_blocks": "expert[*].gate_up",
                "mlp.experts.gate_up_proj_scales": "expert[*].gate_up",
                "mlp.experts.gate_up_proj_bias": "expert[*].gate_up", "mlp.experts.down_proj": "expert[*].down",
                "mlp.router.weight": "router", "mlp.router.bias": "router", "self_attn.sinks": "attn.sinks",
                "self_attn.q_proj.weight": "attn.q",
            ]
        ),
        Naming(
            family: "internlm2",
            roles: [
                "attention.wqkv.weight": "attn.qkv", "attention.wo.weight": "attn.o",
                "feed_forward.w1.weight": "mlp.gate",
                "feed_forward.w2.weight": "mlp.down", "feed_forward.w3.weight": "mlp.up",
                "attention_norm.weight": "norm.attn",
                "ffn_norm.weight": "norm.mlp",
            ]
        ),
        Naming(
            family: "t5's decoder",
            roles: [
                "layer.0.SelfAttention.q.weight": "attn.q",
                "layer.0.SelfAttention.relative_attention_bias.weight": "attn.relative_bias",
                "layer.0.layer_norm.weight": "norm.attn", "layer.1.EncDecAttention.k.weight": "cross_attn.k",
                "layer.1.layer_norm.weight": "norm.cross_attn", "layer.2.DenseReluDense.wi_0.weight": "mlp.gate",
                "layer.2.DenseReluDense.wi_1.weight": "mlp.up", "layer.2.DenseReluDense.wo.weight": "mlp.down",
                "layer.2.layer_norm.weight": "norm.mlp",
            ]
        ),
        Naming(
            family: "qwen3_next",
            roles: [
                "linear_attn.A_log": "ssm.A_log", "linear_attn.in_proj_qkvz.weight": "ssm.in_proj_qkvz",
                "linear_attn.norm.weight": "ssm.norm", "mlp.shared_expert_gate.weight": "shared_expert.router",
                "mlp.experts.3.gate_proj.weight": "expert[3].gate", "mlp.gate.weight": "router",
            ]
        ),
        Naming(
            family: "bart's decoder",
            roles: [
                "self_attn.q_proj.bias": "attn.q", "self_attn_layer_norm.weight": "norm.attn",
                "encoder_attn.out_proj.weight": "cross_attn.o", "encoder_attn_layer_norm.weight": "norm.cross_attn",
                "fc1.weight": "mlp.up", "fc2.weight": "mlp.down", "final_layer_norm.weight": "norm.mlp",
            ]
        ),
        Naming(
            family: "a family from next year",
            roles: [
                "self_attn.q_proj.weight": "attn.q", "mlp.up_proj.weight": "mlp.up", "mlp.down_proj.weight": "mlp.down",
                "self_attn.phase_net.weight": "attn.other:self_attn.phase_net",
                "residual_clock.weight": "other:residual_clock",
            ]
        ),
    ]
}

@Suite("The role of a tensor")
struct RoleTests {
    @Test("has one name in all families", arguments: Naming.all)
    func names(_ naming: Naming) throws {
        let suffixes = naming.roles.keys.sorted()
        let tensors = try (0..<3).flatMap { layer in
            try suffixes.map { try TensorSpec("h.\(layer).\($0)", .bfloat16, [4]) }
        }
        let anatomy = try Anatomy.read(config: ["num_hidden_layers": 3], tensors: tensors)
        for (tensor, part) in zip(tensors, anatomy.parts) {
            let suffix = tensor.name.split(separator: ".", maxSplits: 2)[2]
            #expect(part.role.description == naming.roles[String(suffix)], "\(suffix)")
        }
    }

    @Test(
        "leaves weight, bias and companions apart",
        arguments: [
            ("mlp.up_proj.weight", Role.Leaf.weight), ("mlp.up_proj.qweight", .weight), ("ln_1.bias", .bias),
            ("x.LayerNorm.gamma", .weight), ("mlp.up_proj.scales", .companion("scales")),
            ("mlp.up_proj.weight_scale_inv", .companion("weight_scale_inv")), ("mlp.experts.down_proj", .weight),
            ("mlp.experts.down_proj_bias", .bias), ("mlp.experts.down_proj_scales", .companion("scales")),
            ("mlp.up_proj.weight.absmax", .companion("absmax")), ("A_log", .weight),
        ]
    )
    func leaves(_ suffix: String, _ leaf: Role.Leaf) {
        #expect(Role.leaf(of: suffix) == leaf)
    }

    @Test(
        "is selected by name, group and expert",
        arguments: [
            ("attn.q", ["attn.q"]), ("attn.*", ["attn.q", "attn.q_norm", "ssm.A_log"]),
            ("mlp.*", ["mlp.down", "router", "expert[3].down", "shared_expert.up"]), ("ssm.*", ["ssm.A_log"]),
            ("expert[3].down", ["expert[3].down"]), ("expert[*].down", ["expert[3].down"]), ("expert[2].*", []),
            ("norm.*", ["norm.attn", "norm.mlp_post", "norm.shared", "norm.final"]),
            ("norm.attn", ["norm.attn", "norm.shared"]),
            ("norm.mlp", ["norm.shared"]), ("norm.shared", ["norm.shared"]), ("norm.mlp_post", ["norm.mlp_post"]),
            ("router", ["router"]),
            ("embed", ["embed"]), ("head", ["head"]), ("embed.*", ["embed", "embed.position"]),
            ("shared_expert.*", ["shared_expert.up"]),
            ("other:clock", ["other:clock"]),
        ]
    )
    func selects(_ text: String, _ wanted: [String]) throws {
        let roles = [
            Role(.attention, "q", sublayer: .attention), Role(.attention, "q_norm", sublayer: .attention),
            Role(.ssm, "A_log", sublayer: .attention), Role(.mlp, "down", sublayer: .mlp),
            Role(.router, sublayer: .mlp),
            Role(.expert, "down", expert: 3, sublayer: .mlp), Role(.sharedExpert, "up", sublayer: .mlp),
            Role(.norm, "attn", sublayer: .attention), Role(.norm, "mlp_post", sublayer: .mlp),
            Role(.norm, "shared", sublayer: .shared), Role(.norm, "final", sublayer: .other),
            Role(.embed, sublayer: .other),
            Role(.embed, "position", sublayer: .other),
            Role(.head, sublayer: .other), Role(.other, "clock", sublayer: .other),
        ]
        let selector = try RoleSelector(parsing: text)
        #expect(roles.filter(selector.matches).map(\.description) == wanted)
        #expect(try roles.allSatisfy(RoleSelector(parsing: "*").matches))
    }

    @Test(
        "that nobody has is answered with the nearest that exists",
        arguments: [
            ("atn.q", "attn.q"), ("attn.query", "attn.q"), ("mlp.dwon", "mlp.down"), ("mlp", "mlp.*"),
            ("self_attn", "attn.*"), ("ffn", "mlp.*"), ("q_proj", "attn.q"), ("self_attn.o_proj", "attn.o"),
            ("gate_proj", "mlp.gate"), ("mlp.gate_proj", "mlp.gate"), ("experts.down_proj", "expert[*].down"),
            ("model.layers.3.mlp.up_proj.weight", "mlp.up"), ("input_layernorm", "norm.attn"),
            ("post_attention_layernorm", "norm.mlp"), ("k_norm", "attn.k_norm"), ("lm_head", "head"),
            ("embed_tokens", "embed"), ("mamba", "ssm.*"), ("encoder_attn.q_proj", "cross_attn.q"),
            ("experts[3].down", "expert[*].down"),
            ("attn[3].q", "expert[*].down"), ("expert[x].up", "expert[*].down"), ("norm.atn", "norm.attn"), ("", nil),
            ("expert[3.up", nil), ("gizmo", nil),
        ]
    )
    func unknown(_ text: String, _ suggestion: String?) throws {
        let error = #expect(throws: RoleSelector.Unknown.self) { try RoleSelector(parsing: text) }
        #expect(error?.suggestions.first == suggestion)
    }
}
