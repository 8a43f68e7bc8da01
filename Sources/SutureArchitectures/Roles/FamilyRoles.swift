/// What a family's words mean where the rules take them for others.
enum FamilyRoles {
    /// The half of each tensor of a layer, by the rules and the family's own corrections.
    static func sublayers(of suffixes: [String], modelType: String) -> [String: Sublayer] {
        if let family = GGUFFamily.of([modelType]) {
            let known = suffixes.map { GGUFNames.role(of: $0, family: family)?.sublayer ?? .other }
            return Dictionary(zip(suffixes, known)) { first, _ in first }
        }
        var found = Dictionary(zip(suffixes, LayerClassifier(suffixes).sublayers())) { first, _ in first }
        for correction in corrections(of: modelType) where correction.applies(to: suffixes) {
            for suffix in suffixes where suffix.hasPrefix(correction.prefix) {
                found[suffix] = correction.sublayer ?? found[suffix]
            }
        }
        return found
    }

    /// The role that a family has for a tensor of a layer, where the rules have another.
    static func role(of suffix: String, among suffixes: [String], sublayer: Sublayer, modelType: String) -> Role? {
        if let family = GGUFFamily.of([modelType]) {
            return GGUFNames.role(of: suffix, family: family)
                ?? Role(.other, Role.module(of: suffix), sublayer: .other)
        }
        let correction = corrections(of: modelType).last { correction in
            correction.role != nil && suffix.hasPrefix(correction.prefix) && correction.applies(to: suffixes)
        }
        return correction?.role.map { Role($0.group, $0.part, sublayer: sublayer) }
    }

    /// A word of a family that the rules take for another.
    private struct Correction: Sendable {
        let prefix: String
        let sublayer: Sublayer?
        var role: (group: Role.Group, part: String)?
        /// The layers meant have a tensor of such a name.
        var having = ""
        /// They have none of such a name.
        var lacking: String?

        init(
            _ prefix: String,
            _ sublayer: Sublayer? = nil,
            _ group: Role.Group? = nil,
            _ part: String = "",
            having: String = "",
            lacking: String? = nil
        ) {
            self.prefix = prefix
            self.sublayer = sublayer
            role = group.map { ($0, part) }
            self.having = having
            self.lacking = lacking
        }

        func applies(to suffixes: [String]) -> Bool {
            suffixes.contains { $0.hasPrefix(having) } && !suffixes.contains { lacking.map($0.hasPrefix) ?? false }
        }
    }

    /// What a family's words mean, and those of conformers in any, which norm what the whole of a layer comes to.
    private static func corrections(of family: String) -> [Correction] { conformers + (families[family] ?? []) }

    private static let conformers = [
        Correction("norm_out.", .mlp, .norm, "mlp_post", having: "feed_forward2.")
    ]

    private static let loopGates = [
        Correction("controllers.k.", .attention, .attention, "other:controllers.k"),
        Correction("controllers.v.", .attention, .attention, "other:controllers.v"),
    ]

    private static let families: [String: [Correction]] = [
        "cohere_asr": [
            Correction("first_sub_layer.", .attention),
            Correction("second_sub_layer.", .attention),
            Correction("third_sub_layer.", .mlp),
            Correction("layer_norm_2", .attention, .norm, "cross_attn"),
            Correction("layer_norm_3", .mlp),
        ],
        "ctrl": [Correction("ffn.0.", .mlp, .mlp, "up"), Correction("ffn.2.", .mlp, .mlp, "down")],
        "doge": [Correction("input_residual", .attention), Correction("post_attention_residual", .mlp)],
        "evolla": [Correction("adapter.", .other)],
        // A convolution between attention and the second MLP goes with the one it follows.
        "gemma4_audio": [Correction("lconv1d.", .attention)],
        "idefics": [Correction("alpha_dense", .mlp)],
        // What a loop hands on is let into keys and values by gates of their own.
        "inkling2_loop": loopGates, "inkling2_loop_text": loopGates,
        // Attention of experts: their way in makes queries, and one bias follows their way out.
        "jetmoe": [
            Correction("self_attention.experts.input_linear", nil, .attention, "q"),
            Correction("self_attention.experts.output_linear", nil, .attention, "o"),
            Correction("self_attention.experts.bias", nil, .attention, "o"),
            Correction("mlp.bias", nil, .expert, "down"),
        ],
        // What narrows the residual for a thin layer belongs to the whole of it.
        "mobilebert": [Correction("bottleneck.", .other)],
        "mpnet": [Correction("attention.LayerNorm", nil, .norm, "attn_post")],
        // Saved by transformers 5, the norm after full attention bears the name of the MLP's.
        "olmo_hybrid": [
            Correction(
                "feedforward_layer_norm",
                .attention,
                .norm,
                "attn_post",
                having: "self_attn.",
                lacking: "attention_layer_norm"
            )
        ],
        // The first layer begins with a norm of the embedding.
        "rwkv": [Correction("pre_ln.", .other, .embed, "norm")],
        // Blocks of convolutions mix tokens first, and scale what follows by a tensor of their own.
        "sam3_lite_text_text_model": [
            Correction("token_mixer.", .attention), Correction("conv_feed_forward.", .mlp),
            Correction("layer_scale", .mlp, having: "token_mixer."),
        ],
        "squeezebert": [
            Correction("post_attention.conv1d", nil, .attention, "o"),
            Correction("post_attention.layernorm", nil, .norm, "attn_post"),
        ],
        "voxtral_realtime": [Correction("ada_rms_norm.", .mlp)],
        "xlnet": [
            Correction("rel_attn.layer_norm", nil, .norm, "attn_post"),
            Correction("ff.layer_norm", nil, .norm, "mlp_post"),
        ],
    ]
}
