/// Which tensors of a GGUF file may be of any type, as llama.cpp's quantizer leaves the others alone.
package enum GGUFTensorTypes {
    /// Whether a matrix of a name in its layer may be of any type.
    package static func isFree(_ name: String) -> Bool {
        name.hasSuffix("weight") && !kept.contains { name.contains($0) }
    }

    /// Routers, kernels of convolutions, tables and what families keep in float32.
    private static let kept = [
        "_norm.", "ffn_gate_inp", "altup", "laurel", "per_layer_model_proj", "position_embd", "token_types",
        "ssm_conv1d",
        "shortconv.conv", "attn_rel_b", "time_mix_",
    ]
}
