/// Families whose blocks do more to the residual stream than adding to it, so that no zero makes them do nothing.
extension ResidualTable {
    static let others: [ResidualEntry] = [
        ResidualEntry(
            """
            albert bart bert bert-generation big_bird blenderbot-small blip blip_text_model bros camembert canine convbert \
            data2vec-text deberta deberta-v2 distilbert dpr electra ernie florence2 fnet fsmt funnel git gte ibert \
            informer jina_embeddings_v3 layoutlm layoutlmv2 layoutlmv3 led lilt longformer luke lxmert marian markuplm \
            mobilebert mpnet mra mvp nomic_bert nystromformer openai-gpt plbart prophetnet rembert roberta roc_bert \
            roformer sew-d speecht5 splinter squeezebert tapas time_series_transformer trocr visual_bert xlm \
            xlm-roberta xlnet yoso
            """,
            .other(normsTheSum)
        ),
        ResidualEntry("opt", .sum, unless: .init(key: "do_layer_norm_before", false, .other(normsTheSum))),
        ResidualEntry(
            "bloom chatglm",
            .sum,
            unless: .init(
                key: "apply_residual_connection_post_layernorm",
                true,
                .other("put the normed stream in the place of the residual stream")
            )
        ),
        ResidualEntry("flaubert", .other(normsTheSum), unless: .init(key: "pre_norm", true, .sum)),
        ResidualEntry(
            "data2vec-audio hubert unispeech unispeech-sat wav2vec2 wavlm",
            .other(normsTheSum),
            unless: .init(key: "do_stable_layer_norm", true, .sum)
        ),
        ResidualEntry("sew", .other(normsTheSum)),
        // Conformers norm what leaves a block.
        ResidualEntry(
            """
            granite_speech5_ctc granite_speech5_encoder lasr_ctc lasr_encoder parakeet_ctc parakeet_encoder \
            wav2vec2-bert wav2vec2-conformer
            """,
            .other(normsTheSum)
        ),
        ResidualEntry(
            "xmod",
            .other("norm the sum of the residual stream and what they add, or add to it by language")
        ),
        ResidualEntry("minimax", .other("put the normed stream in the place of the residual stream")),
        ResidualEntry("muse_spark_text", .other("weigh the residual stream against what they add, by learned gates")),
        ResidualEntry("zaya", .other("scale and shift the residual stream, and hand on what their routers worked out")),
        ResidualEntry("dory", .other("move the residual stream part of the way to what they put out")),
        ResidualEntry("esmc", .other("divide what they add by the root of the number of layers")),
        ResidualEntry("beam", .other("scale the residual stream by the number of the block")),
        ResidualEntry("gemma3n_text", .other("predict and correct several residual streams (AltUp)")),
        ResidualEntry(
            "deepseek_v4 glm5_next_text qwen4_exp_text",
            .other("mix several residual streams (hyper-connections)")
        ),
        ResidualEntry(
            "inkling2_text inkling2_loop_text",
            .other("choose among the sums of earlier runs of blocks instead of adding to one stream")
        ),
        // Experts that have no weights put out what they get, whatever else is zero.
        ResidualEntry(
            "longcat_flash",
            .other("add what reaches their experts without weights (zero_expert_num)"),
            unless: .init(key: "zero_expert_num", false, .sum)
        ),
        ResidualEntry("hrm_text", .other("run several times, in turns")),
        // Inference halves the stream after every so many blocks.
        ResidualEntry(
            "rwkv",
            .other("halve the residual stream by their number (rescale_every)"),
            unless: .init(key: "rescale_every", false, .sum, fallback: true),
            marks: [
                StreamMark("attention.output", .wayOut), StreamMark("attention", .inside),
                StreamMark("feed_forward.value", .wayOut), StreamMark("feed_forward", .inside),
                StreamMark("pre_ln", .unknown),
            ]
        ),
    ]

    private static let normsTheSum = "norm the sum of the residual stream and what they add"
}

extension ResidualEntry.Exception {
    /// A switch that has the other value where the config does not say.
    fileprivate init(key: String, _ value: Bool, _ form: ResidualStream.Form, fallback: Bool? = nil) {
        self.init(key: key, fallback: fallback ?? !value, value: value, form: form)
    }
}
