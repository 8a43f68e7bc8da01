/// What families call the parts of a layer, and what the field calls them.
enum RoleNames {
    /// The parts that a selector may name, by group.
    static let parts: [Role.Group: Set<String>] = {
        var parts: [Role.Group: Set<String>] = [
            .norm: [
                "attn", "mlp", "attn_post", "mlp_post", "cross_attn", "cross_attn_post", "final", "shared",
            ],
            .embed: ["position", "token_type", "norm", "per_layer", "copy"],
            .head: ["bias", "norm", "dense", "pooler"],
            .router: ["bias"],
        ]
        parts[.attention] = Set(attention.map(\.part))
        parts[.crossAttention] = Set(attention.map(\.part))
        parts[.mlp] = Set(mlp.map(\.part)).union(["norm"])
        parts[.expert] = Set(mlp.map(\.part)).union(["norm"])
        parts[.sharedExpert] = Set(mlp.map(\.part)).union(["norm", "router"])
        return parts
    }()

    /// One part and the folded module names that mean it.
    struct Entry: Sendable {
        let part: String
        let names: [WordPattern]

        init(_ part: String, _ names: String) {
            self.part = part
            self.names = WordPattern.list(names)
        }
    }

    /// Projections and norms inside attention.
    static let attention: [Entry] = [
        Entry(
            "q",
            "q_proj q query wq q_lin to_q query_proj q_linear linear_q query_layer qs query_net project_q wq_du"
        ),
        Entry("k", "k_proj k key wk k_lin to_k key_proj k_linear linear_k key_layer ks key_net project_k wk_dv"),
        Entry(
            "v",
            "v_proj v value wv v_lin to_v value_proj v_linear linear_v value_layer vs value_net project_v wv_dv"
        ),
        Entry(
            "qkv",
            "qkv_proj qkv query_key_value c_attn wqkv w_pack att_proj qkv_linear in_proj in_proj_qkv fused_qkv in_proj_weight w_qkv"
        ),
        Entry("kv", "kv_proj kv key_value w?kv c_kv"),
        Entry(
            "o",
            """
            o_proj o out_proj dense wo c_proj out_lin to_out out_linear attn_out proj linear_out output_proj dense_layer \
            final_linear post_proj out_projection attention_out wo_b o_b_proj wo_ud
            """
        ),
        Entry("o_a", "wo_a o_a_proj"),
        Entry("q_a", "q_a_proj wq_a"), Entry("q_b", "q_b_proj wq_b"),
        Entry("kv_a", "kv_a_proj_with_mqa kv_a_proj wkv_a_with_mqa"), Entry("kv_b", "kv_b_proj wkv_b"),
        Entry("k_b", "k_b_proj"), Entry("v_b", "v_b_proj"),
        Entry("q_a_norm", "q_a_layer_?norm q_a_norm"), Entry("kv_a_norm", "kv_a_layer_?norm kv_a_norm"),
        Entry("q_norm", "q_norm q_layer_?norm query_layer_?norm query_norm q_ln norm_q ln_q"),
        Entry("k_norm", "k_norm k_layer_?norm key_layer_?norm key_norm k_ln norm_k ln_k"),
        Entry("v_norm", "v_norm v_layer_?norm value_norm"),
        Entry("qk_norm", "qk_norm qk_layer_?norm"),
        Entry("norm", "norm layer_norm sub_?norm inner_attn_ln attn_sub_norm sub_layer_?norm"),
        Entry("gate", "g_proj gate_proj gate attn_gate gate_attn output_gate linear_gate"),
        Entry("sinks", "sinks sink attn_sink attention_sink learnable_sink_param softmax_offset"),
        Entry("relative_bias", "relative_attention_bias rel_attn_bias position_bias relative_position_bias"),
        Entry("scale", "ls_?1 lambda_1 layer_?scale_?1 gamma_1 layer_scale"),
    ]

    /// Projections inside an MLP or an expert.
    static let mlp: [Entry] = [
        Entry(
            "gate_up",

            """
            gate_up_proj gate_up up_gate_proj fc1_gate gate_and_up_proj input_linear w13 w13_weight shared_w13_weight proj_up_gate_z \
            ff_proj proj_1
            """

        ),
        Entry("gate", "gate_proj gate wi_0 fc_gate linear_gate w_gate c_fc_0 fc12 wg w_0 proj_up_gate"),
        Entry(
            "up",
            """
            up_proj up c_fc fc1 fc_in dense_h_to_4h wi wi_1 fc11 proj_up lin1 w_up c_fc_1 linear_1 fc_1 ff_in v1 w_in dense_in \
            intermediate_dense first_linear up_projector ff1 w_1 layer_1
            """
        ),
        Entry(
            "down",
            """
            down_proj down c_proj fc2 fc_out dense_4h_to_h wo lin2 proj_down proj_2 w_down linear_2 fc_2 ff_out w_out output_linear \
            dense_out output_dense second_linear ff2 w2_weight shared_w2_weight layer_2
            """
        ),
        Entry("act", "act_fn act"),
        Entry("scale", "ls_?2 lambda_2 layer_?scale_?2 gamma_2"),
    ]

    /// Words that are parts of attention only where no other word follows: BERT has `output.dense`.
    static let lastInAttention: [Entry] = [Entry("o", "output"), Entry("gate", "receptance")]

    /// The same of an MLP; RWKV's has a key, a value and a receptance.
    static let lastInMLP: [Entry] = [
        Entry("down", "output value"), Entry("up", "intermediate key"), Entry("gate", "receptance"),
    ]

    /// The part that a folded module name means.
    static func part(of module: [UInt8], in entries: [Entry]) -> String? {
        entries.first { $0.names.areWhole(module) }?.part
    }
}
