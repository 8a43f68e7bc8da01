/// What heads are called.
package enum HeadNames {
    /// Whether a module's name is that of a head over tokens, wherever it lies.
    package static func isHead(_ module: String) -> Bool {
        whole.contains(module) || endings.contains { module == $0 || module.hasSuffix("." + $0) }
    }

    private static let endings = [
        "lm_head", "embed_out", "unembed", "output", "proj_out", "output_projection", "output_layer", "lm_loss",
        "vocab_projector", "pred_layer.proj", "predictions.decoder", "lm_head.decoder", "lm_head.out_proj",
        "lm_head.linear", "generator_lm_head", "log_softmax.mlp.layer0", "head.decoder",
    ]

    /// Names that mean other things inside a longer one.
    private static let whole: Set<String> = ["head", "decoder"]
}
