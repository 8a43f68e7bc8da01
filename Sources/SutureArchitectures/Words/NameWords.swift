/// The words by which families name the modules of a layer; they are compared in lower case, with
/// `camelCase` written `camel_case`.
enum NameWords {
    /// MLPs, experts and routers.
    static let mlp = WordPattern.list(
        """
        mlps? ffns? ff#? feed_?forward* dense_?relu_?dense moes? experts? router fc# intermediate channel lin1 lin2 \
        wi wo up_proj down_proj gate_proj gate_up_proj shared_experts?
        """
    )

    /// Attention and the token mixers that take its place.
    static let attention = WordPattern.list(
        """
        self_?attn self_?attention attns? attentions? multi_?head_?attention rel_?attn self_?att att sa ca mha \
        mamba#? ssm convs? shortconv linear_?attn cross_?attn cross_?attention enc_?dec_?attention encoder_attn \
        temporal recurrent rglru retention mlstm slstm operator fourier local_?self_?attention laurel delta_?net \
        kda gdn
        """
    )

    /// Containers of attention, in which a convolution or a step size is a part of attention.
    static let attentionContainers = WordPattern.list("self_?attn self_?attention attn attention attn_sconv")

    /// Token mixers that keep a state in place of keys and values.
    static let stateSpaces = WordPattern.list(
        "mamba# mamba ssm conv convs conv1d shortconv linear_?attn recurrent rglru rg_lru mlstm slstm delta_?net kda gdn"
    )

    /// Parameters of such mixers.
    static let stateSpaceParameters = WordPattern.list("a_log d dt_bias x_proj dt_proj")

    /// Parameters that only a mixer with a state has.
    static let states = WordPattern.list("a_log rg_?lru")

    /// What moves with a layer and is of neither sublayer.
    static let neither = WordPattern.list(
        """
        altup per_layer_* post_per_layer_* layer_scal* shared_trans* rotary_emb* inv_freq resid_lambdas? lambdas
        """
    )

    /// Projections of a token mixer that stand directly in the layer.
    static let flatAttention = WordPattern.list(
        """
        q_proj k_proj v_proj w?qkv w?qkv_proj wq wk wv w_pack att_proj attn_out in_proj x_proj dt_proj a_log d conv1d \
        dt_bias q_norm k_norm v_norm out_proj
        """
    )

    /// Output projections that say nothing by themselves.
    static let flatOutput = WordPattern.list("wo out_proj o_proj dense")

    /// Query, key and value projections; a flat output beside one of them is attention's.
    static let flatInput = WordPattern.list("q_proj k_proj v_proj w?qkv w?qkv_proj wq wk wv w_pack att_proj")

    /// A norm before attention.
    static let beforeAttention = WordPattern.list(
        """
        q_input_layer_?norm k_input_layer_?norm v_input_layer_?norm q_input_norm k_input_norm v_input_norm \
        input_norm* input_layer_?norm* pre_attn_* pre_attention_* pre_self_attn_* pre_self_attention_* pre_sa_* \
        attn_norm attn_layer_?norm attention_norm attention_layer_?norm self_attn_norm self_attn_layer_?norm \
        self_attention_norm self_attention_layer_?norm ln_?1 norm_?1 layer_norm_?1 rms_norm_?1 layernorm_before \
        layer_norm_before layer_?norm_before_attention ln_attn pre_norm
        """
    )

    /// A norm before the MLP.
    static let beforeMLP = WordPattern.list(
        "pre_mlp_* pre_ff_* pre_ffn_* pre_feed_?forward_* pre_moe_* ln_mlp layer_?norm_before_ffn"
    )

    /// The norm that Llama puts before the MLP and OLMo 2 after attention.
    static let afterAttention = WordPattern.list(
        """
        post_attention_norm post_attention_layer_?norm post_attn_norm post_attn_layer_?norm post_sa_norm \
        post_sa_layer_?norm post_self_attention_norm post_self_attention_layer_?norm
        """
    )

    /// Module names that make a `mixer` a token mixer.
    static let mixerAttention = WordPattern.list(
        "q_proj k_proj qkv* in_proj* a_log conv1d dt_bias o_proj query_key_value q_a_proj"
    )

    /// Module names that make a `mixer` an MLP.
    static let mixerMLP = WordPattern.list("up_proj down_proj gate_proj experts fc1 fc2 gate router w1 w2")

    /// The module that sends tokens to experts.
    static let router = WordPattern.list("router router_gate gate gate_inp wg")

    /// Parts of a model that are not its language model, anywhere in a prefix.
    static let towers: [String] = [
        "vision", "visual", "image", "img", "audio", "speech_encoder", "patch", "vit", "pixel", "video", "codec",
        "vocoder", "clip", "siglip", "perceiver", "resampler", "qformer", "connector", "projector", "merger",
        "aligner", "conformer", "speaker", "vae", "vq", "sam_", "protein", "patcher", "embed_tokens_extend",
        "token2wav", "diffusion_head", "code2wav", "tokenizer",
    ]

    /// The last part of a name where it says what the number is and not which module it is of.
    static let leaves: Set<String> = [
        "weight", "bias", "gamma", "beta", "qweight", "qzeros", "scales", "g_idx", "weight_scale", "weight_scale_inv",
        "weight_scale_2", "weight_packed", "weight_shape", "weight_zero_point", "weight_global_scale", "weight_g_idx",
        "absmax", "quant_map", "nested_absmax", "nested_quant_map", "SCB", "weight_format", "input_scale",
        "input_global_scale", "output_scale", "k_scale", "v_scale", "biases", "lora_A", "lora_B", "scale", "zero_point",
        "qscale_act", "qscale_weight",
    ]

    /// Endings of a fused tensor's companions, such as `gate_up_proj_blocks` of gpt-oss.
    static let companionEndings = ["_blocks", "_scales", "_bias", "_scale_inv", "_scale"]

    /// Whether a module is a norm by its name.
    static func isNorm(_ name: [UInt8]) -> Bool {
        let text = String(decoding: name, as: UTF8.self)
        return text.contains("norm") || text.hasPrefix("ln") || lnWord.isWord(in: name)
    }

    private static let lnWord: WordPattern = "ln"

    /// Norms named for nothing but being one.
    static let bareNorms = WordPattern.list("norm layer_?norm ln rms_?norm")

    /// Norms of queries, keys and values.
    static let innerNorms = WordPattern.list("q_norm k_norm v_norm q_layer_?norm k_layer_?norm qk_norm")

    /// Whether a module belongs to attention to another stack's output.
    static func isCross(_ module: [UInt8]) -> Bool {
        let name = String(decoding: module, as: UTF8.self)
        return name.contains("cross") || name.hasPrefix("encoder_attn") || name.hasPrefix("enc_dec_")
            || name.hasPrefix("encoder_decoder_attention") || name == "second_sub_layer" || crossWord.isWord(in: module)
    }

    private static let crossWord: WordPattern = "ca"

    /// A module's name in lower case with `camelCase` written `camel_case`.
    static func folded(_ component: some StringProtocol) -> [UInt8] {
        var folded: [UInt8] = []
        var previous: UInt8 = 0
        for byte in component.utf8 {
            let isUpper = byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z")
            let followsLower = previous >= UInt8(ascii: "a") && previous <= UInt8(ascii: "z") || isDigit(previous)
            if isUpper, followsLower { folded.append(UInt8(ascii: "_")) }
            folded.append(isUpper ? byte | 0x20 : byte)
            previous = byte
        }
        return folded
    }
}
