/// Fields that name layers one by one, and tails that use the work of earlier layers.
extension FieldTable {
    static let references: [Field] = [
        Field("gemma3n_text", "num_kv_shared_layers", TrailingLayers(fallback: 15)),
        Field("gemma4_text gemma4_unified_text", "num_kv_shared_layers", TrailingLayers(fallback: 0)),
        Field("mistral_large4_text", "kv_source_layers", LayerReferences()),
        Field("qwen4_exp_text", "ple_layer_ids", LayerIndices(base: 1, keepsRank: true) { _ in false }),
        Field("granite_speech5_encoder", "subsample_layers", LayerIndices { $0.i < 2 }),
        Field("molmo2_text", "rope_scaling_layers", LayerIndices { _ in true }),
        Field("", "exit_layer", LayerReference()),
        Field("", "early_exit", LayerReference()),
        Field("", "exit_layers", LayerIndices { _ in false }),
        Field("qwen3_omni_moe_talker qwen3_omni_moe", "accept_hidden_layer", LayerReference()),
        Field(
            "qwen3_vl qwen3_vl_text qwen3_vl_moe qwen3_vl_moe_text qwen3_omni_moe_text cohere_compass_text granite_docling",
            "deepstack_visual_indexes",
            DeepstackLayers()
        ),
        Field("granite4_vision", "spatial_target_layers", DeepstackTargets()),
        Field("muse_glimmer_assistant", "target_layer_ids", Stays("the layers are those of the model it drafts for")),
        Field(
            "muse_glimmer_assistant",
            "eagle_aux_hidden_state_layer_ids",
            Stays("the layers are those of the model it drafts for")
        ),
    ]
}
