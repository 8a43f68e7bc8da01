import SutureArchitectures
import SutureJSON
import SutureTensors
import Testing

/// Families whose words the field uses otherwise, as their classes compute with them.
@Suite("What a family calls the parts of a layer is what its class makes of them")
struct FamilyWordsTests {
    struct Words: Sendable, CustomTestStringConvertible {
        let family: String
        let roles: [String: String]
        var testDescription: String { family }
    }

    static let all: [Words] = [
        Words(
            family: "dbrx",
            roles: [
                "norm_attn_norm.norm_1.weight": "norm.attn", "norm_attn_norm.norm_2.weight": "norm.mlp",
                "norm_attn_norm.attn.Wqkv.weight": "attn.qkv", "norm_attn_norm.attn.out_proj.weight": "attn.o",
                "ffn.router.layer.weight": "router", "ffn.experts.mlp.w1": "expert[*].gate",
                "ffn.experts.mlp.v1": "expert[*].up", "ffn.experts.mlp.w2": "expert[*].down",
            ]
        ),
        Words(
            family: "inkling_text",
            roles: [
                "self_attn.o_proj.weight": "attn.o", "self_attn.q_proj.weight": "attn.q",
                "self_attn.rel_logits_proj.proj": "attn.other:self_attn.rel_logits_proj.proj",
                "self_attn.k_sconv.conv1d.weight": "attn.other:self_attn.k_sconv.conv1d",
                "attn_sconv.conv1d.weight": "attn.other:attn_sconv.conv1d", "input_layernorm.weight": "norm.attn",
                "post_attention_layernorm.weight": "norm.mlp", "mlp.experts.gate_up_proj": "expert[*].gate_up",
            ]
        ),
        Words(
            family: "inkling_mm_model",
            roles: [
                "attn.wo_ud.weight": "attn.o", "attn.wq_du.weight": "attn.q", "attn.wk_dv.weight": "attn.k",
                "attn.wv_dv.weight": "attn.v", "attn.rel_logits_proj.proj": "attn.other:attn.rel_logits_proj.proj",
                "mlp.experts.w13_weight": "expert[*].gate_up", "mlp.experts.w2_weight": "expert[*].down",
                "mlp.shared_experts.shared_w2_weight": "shared_expert.down", "attn_norm.weight": "norm.attn",
                "mlp_norm.weight": "norm.mlp",
            ]
        ),
        Words(
            family: "inkling2_loop",
            roles: [
                "attn.wo_ud.weight": "attn.o", "attn.wk_dv.weight": "attn.k",
                "controllers.attn.gain_weight": "attn.other:controllers.attn.gain_weight",
                "controllers.k.gain_weight": "attn.other:controllers.k",
                "controllers.v.down_weight": "attn.other:controllers.v",
                "controllers.mlp.gain_weight": "mlp.other:controllers.mlp.gain_weight",
            ]
        ),
        Words(
            family: "parakeet_ctc",
            roles: [
                "norm_self_att.weight": "norm.attn", "norm_feed_forward2.weight": "norm.mlp",
                "norm_out.weight": "norm.mlp_post", "norm_out.bias": "norm.mlp_post",
                "self_attn.o_proj.weight": "attn.o", "feed_forward2.linear1.weight": "mlp.other:feed_forward2.linear1",
            ]
        ),
        Words(
            family: "sam3_lite_text_text_model",
            roles: [
                "token_mixer.mixer.batchnorm_conv.weight": "ssm.batchnorm_conv",
                "conv_feed_forward.mlp.fc1.weight": "mlp.up", "conv_feed_forward.mlp.fc2.weight": "mlp.down",
            ]
        ),
        Words(
            family: "gemma4_audio",
            roles: [
                "norm_out.weight": "norm.mlp_post", "norm_pre_attn.weight": "norm.attn",
                "feed_forward2.ffw_layer_1.linear.weight": "mlp.other:feed_forward2.ffw_layer_1.linear",
            ]
        ),
        Words(
            family: "megatron-bert",
            roles: [
                "attention.ln.weight": "norm.attn", "attention.ln.bias": "norm.attn", "ln.weight": "norm.mlp",
                "attention.self.query.weight": "attn.q", "attention.output.dense.weight": "attn.o",
                "intermediate.dense.weight": "mlp.up", "output.dense.weight": "mlp.down",
            ]
        ),
        Words(
            family: "rwkv",
            roles: [
                "pre_ln.weight": "embed.norm", "ln1.weight": "norm.attn", "ln2.weight": "norm.mlp",
                "attention.output.weight": "attn.o", "attention.key.weight": "attn.k",
                "feed_forward.key.weight": "mlp.up", "feed_forward.value.weight": "mlp.down",
            ]
        ),
        Words(
            family: "olmo_hybrid",
            roles: [
                "self_attn.q_proj.weight": "attn.q", "feedforward_layer_norm.weight": "norm.attn_post",
                "post_feedforward_layernorm.weight": "norm.mlp_post", "mlp.up_proj.weight": "mlp.up",
            ]
        ),
        Words(
            family: "olmo_hybrid",
            roles: [
                "linear_attn.A_log": "ssm.A_log", "attention_layer_norm.weight": "norm.attn",
                "feedforward_layer_norm.weight": "norm.mlp", "mlp.up_proj.weight": "mlp.up",
            ]
        ),
        Words(
            family: "cohere",
            roles: [
                "input_layernorm.weight": "norm.shared", "self_attn.q_proj.weight": "attn.q",
                "mlp.up_proj.weight": "mlp.up",
            ]
        ),
        // Two norms side by side: GPT-NeoX in parallel.
        Words(
            family: "gpt_neox",
            roles: [
                "input_layernorm.weight": "norm.attn", "post_attention_layernorm.weight": "norm.mlp",
                "attention.query_key_value.weight": "attn.qkv", "mlp.dense_h_to_4h.weight": "mlp.up",
            ]
        ),
        Words(
            family: "moonshine",
            roles: [
                "input_layernorm.weight": "norm.attn", "post_attention_layernorm.weight": "norm.cross_attn",
                "final_layernorm.weight": "norm.mlp", "encoder_attn.o_proj.weight": "cross_attn.o",
                "self_attn.o_proj.weight": "attn.o", "mlp.fc1.weight": "mlp.up",
            ]
        ),
        Words(
            family: "t5",
            roles: [
                "layer.0.SelfAttention.o.weight": "attn.o", "layer.0.layer_norm.weight": "norm.attn",
                "layer.1.EncDecAttention.o.weight": "cross_attn.o", "layer.1.layer_norm.weight": "norm.cross_attn",
                "layer.2.DenseReluDense.wo.weight": "mlp.down", "layer.2.layer_norm.weight": "norm.mlp",
            ]
        ),
        Words(
            family: "mamba2",
            roles: [
                "norm.weight": "norm.attn", "mixer.in_proj.weight": "ssm.in_proj", "mixer.A_log": "ssm.A_log",
                "mixer.out_proj.weight": "ssm.out_proj", "mixer.norm.weight": "ssm.norm",
            ]
        ),
        Words(
            family: "zamba",
            roles: [
                "mamba_decoder.input_layernorm.weight": "norm.attn",
                "mamba_decoder.mamba.out_proj.weight": "ssm.out_proj",
                "mamba_decoder.mamba.A_log": "ssm.A_log",
                "shared_transf.self_attn.o_proj.weight": "other:shared_transf.self_attn.o_proj",
            ]
        ),
        Words(
            family: "granitemoe",
            roles: [
                "block_sparse_moe.router.layer.weight": "router",
                "block_sparse_moe.input_linear.weight": "expert[*].gate_up",
                "block_sparse_moe.output_linear.weight": "expert[*].down", "self_attn.o_proj.weight": "attn.o",
            ]
        ),
        Words(
            family: "step3p7",
            roles: [
                "moe.gate.weight": "router", "moe.gate_proj.weight": "expert[*].gate",
                "moe.down_proj.weight": "expert[*].down",
                "share_expert.down_proj.weight": "shared_expert.down", "self_attn.o_proj.weight": "attn.o",
            ]
        ),
        Words(
            family: "muse_spark",
            roles: [
                "post_attention_residual_gate.gate.weight": "attn.other:post_attention_residual_gate.gate",
                "post_feedforward_residual_gate.gate.weight": "mlp.other:post_feedforward_residual_gate.gate",
                "self_attn.gate_proj.weight": "attn.gate", "mlp.gate.weight": "router",
                "mlp.experts.down_proj": "expert[*].down",
            ]
        ),
        Words(
            family: "mobilebert",
            roles: [
                "bottleneck.attention.dense.weight": "other:bottleneck.attention.dense",
                "attention.output.dense.weight": "attn.o", "attention.self.query.weight": "attn.q",
                "intermediate.dense.weight": "mlp.up", "output.dense.weight": "mlp.down",
            ]
        ),
        Words(
            family: "doge",
            roles: [
                "self_attn.dt_proj.weight": "attn.other:self_attn.dt_proj", "self_attn.q_proj.weight": "attn.q",
                "self_attn.A": "attn.other:self_attn.A",
            ]
        ),
        Words(
            family: "deepseek_v4",
            roles: [
                "attn.wo_a.weight": "attn.o_a", "attn.wo_b.weight": "attn.o", "attn.norm.weight": "attn.norm",
                "attn_norm.weight": "norm.attn", "ffn_norm.weight": "norm.mlp", "ffn.gate.weight": "router",
                "ffn.experts.0.w2.weight": "expert[0].down",
            ]
        ),
    ]

    @Test("roles", arguments: all)
    func roles(_ words: Words) throws {
        let tensors = try (0..<3).flatMap { layer in
            try words.roles.keys.sorted().map { try TensorSpec("model.layers.\(layer).\($0)", .bfloat16, [4]) }
        }
        let config: JSONObject = ["model_type": .string(words.family), "num_hidden_layers": 3]
        let anatomy = try Anatomy.read(config: config, tensors: tensors)
        for (tensor, part) in zip(tensors, anatomy.parts) {
            let suffix = String(tensor.name.split(separator: ".", maxSplits: 3)[3])
            #expect(part.role.description == words.roles[suffix], "\(suffix)")
        }
    }
}
