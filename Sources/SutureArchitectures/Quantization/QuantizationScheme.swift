import SutureDiagnostics
package import SutureJSON

/// What a config says of how weights are packed: the one place that knows quantizers by name.
package struct QuantizationScheme: Hashable, Sendable {
    /// Its name for people: `GPTQ 4-bit`, `FP8`, `bitsandbytes 4-bit`.
    package let name: String

    /// The rows and columns that share a scale, where the config says so.
    package let blockSize: [Int]

    /// What must be the same where layers of several models stand in one: what it leaves out is what loaders assume.
    package let settings: JSONObject

    /// What it says that is not known here: a quantizer, a layout, or something that acts on more than the weights.
    let unknown: String?

    /// Whether it names no quantizer, as MLX does.
    let isUnnamed: Bool

    /// Reads the scheme of a config.
    ///
    /// - Returns: `nil` where nothing says that the weights are packed.
    package init?(of config: JSONObject) {
        let objects = Self.scopes(of: config).lazy.flatMap { scope in Self.keys.lazy.compactMap { scope[$0]?.object } }
        guard let object = objects.first else { return nil }
        name = Self.name(of: object)
        blockSize = object["weight_block_size"]?.array?.compactMap(\.int) ?? []
        settings = Self.settings(of: object)
        unknown = Self.unknown(in: object)
        isUnnamed = Self.method(of: object).isEmpty
    }

    /// Whether a config has any word on quantization, be it none that is understood: `quantization_bit`, `expert_dtype`.
    static func isMentioned(in config: JSONObject) -> Bool {
        scopes(of: config).contains { scope in
            scope.members.contains { ($0.key.contains("quant") || $0.key == "expert_dtype") && $0.value != .null }
        }
    }

    private static func scopes(of config: JSONObject) -> [JSONObject] {
        [config] + ["text_config", "language_config", "llm_config"].compactMap { config[$0]?.object }
    }

    /// A config without a word of quantization, for weights that are plain numbers again.
    package static func removed(from config: JSONObject) -> JSONObject {
        JSONObject(
            config.members.filter { !keys.contains($0.key) }.map { member in
                guard member.key.hasSuffix("_config"), let inner = member.value.object else { return member }
                return JSONObject.Member(
                    member.key,
                    .object(JSONObject(inner.members.filter { !keys.contains($0.key) }))
                )
            }
        )
    }

    /// The fields that describe a packing; MLX has one of its own beside the usual one.
    static let keys = ["quantization_config", "compression_config", "quantization"]

    private static func name(of config: JSONObject) -> String {
        let bits = config["bits"]?.int.map { " \($0)-bit" } ?? ""
        switch method(of: config) {
        case "gptq": return "GPTQ" + bits
        case "awq": return "AWQ" + bits
        case "bitsandbytes": return config["load_in_8bit"]?.bool ?? false ? "bitsandbytes 8-bit" : "bitsandbytes 4-bit"
        case "fp8", "fbgemm_fp8": return "FP8"
        case "mxfp4": return "MXFP4"
        case "compressed-tensors":
            return "compressed-tensors" + (config["format"]?.string.map { " (\(excerpt($0)))" } ?? "")
        // MLX names no quantizer.
        case "": return config["group_size"] == nil ? "a quantizer" : "MLX" + bits
        case let method: return excerpt(method)
        }
    }

    /// The quantizer; bitsandbytes did not always name itself.
    private static func method(of config: JSONObject) -> String {
        if let method = config["quant_method"]?.string { return method.lowercased() }
        return config["load_in_4bit"]?.bool ?? config["load_in_8bit"]?.bool ?? false ? "bitsandbytes" : ""
    }

    /// What packs weights in a way whose names, companions and settings have not been seen to move with their layers.
    private static func unknown(in config: JSONObject) -> String? {
        let method = method(of: config)
        if method.isEmpty {
            return config["group_size"] == nil
                ? "quantization_config has no 'quant_method', without which no loader knows the quantizer" : nil
        }
        if !methods.contains(method) { return notKnown("quant_method", method) }
        guard method == "compressed-tensors" else { return nil }
        let groups = config["config_groups"]?.object?.members.map(\.value.object) ?? []
        for scope in [config, config["sparsity_config"]?.object] + groups {
            if let format = scope?["format"]?.string, !formats.contains(format) { return notKnown("format", format) }
        }
        // Rotations beside the weights, and numbers of experts for each layer.
        let transforms = config["transform_config"]?.object?["config_groups"]?.object?.members ?? []
        if !transforms.isEmpty { return notKnown("transform_config", transforms[0].key) }
        return (config["moe_sparsity_config"]?.object?["method"]?.string).map { notKnown("moe_sparsity_config", $0) }
    }

    private static func notKnown(_ key: String, _ value: String) -> String {
        "the config says \(key) '\(excerpt(value))', which is not known here"
    }

    private static let methods: Set<String> = [
        "gptq", "awq", "bitsandbytes", "fp8", "fbgemm_fp8", "mxfp4", "compressed-tensors", "modelopt", "quark",
    ]

    /// The layouts that compressed-tensors 0.20 writes: not `sparse-bitmask`, `sparse-24-bitmask` and `marlin-24`, which
    /// it no longer reads and whose tensors are called `compressed`, `bitmask` and `meta`.
    private static let formats: Set<String> = [
        "dense", "float-quantized", "int-quantized", "naive-quantized", "pack-quantized", "mixed-precision",
        "nvfp4-pack-quantized", "mxfp4-pack-quantized", "mxfp6-pack-quantized", "mxfp8-quantized",
    ]

    // MARK: - What must agree

    /// What says how numbers are packed, and what transformers takes where it is left out.
    private static let compared: [(name: String, usual: JSONValue?)] = [
        ("bits", nil), ("group_size", nil), ("desc_act", false), ("sym", true), ("checkpoint_format", "gptq"),
        ("zero_point", true), ("version", "gemm"), ("packing_format", nil), ("load_in_4bit", false),
        ("load_in_8bit", false), ("bnb_4bit_quant_type", "fp4"), ("bnb_4bit_use_double_quant", false),
        ("bnb_4bit_quant_storage", "uint8"), ("fmt", "e4m3"), ("scale_fmt", nil), ("weight_block_size", nil),
        ("activation_scheme", "dynamic"), ("format", nil), ("kv_cache_scheme", nil), ("quant_algo", nil),
        ("quant_type", nil), ("mode", "affine"), ("global_quant_config", nil), ("layer_quant_config", nil),
        ("export", nil),
    ]

    /// Whether settings are of eight-bit floats, which can be made numbers.
    static func isFloat8(_ settings: JSONValue) -> Bool {
        guard let settings = settings.object else { return false }
        return ["fp8", "fbgemm_fp8"].contains(method(of: settings)) || settings["format"] == "float-quantized"
    }

    private static func settings(of config: JSONObject) -> JSONObject {
        var members = [JSONObject.Member("quant_method", .string(method(of: config)))]
        for (name, usual) in compared {
            guard let value = config[name], value != .null, value != usual else { continue }
            // `GEMM` and `gemm` are one.
            let plain = value.string.map { JSONValue.string($0.lowercased()) } ?? value
            if plain != usual { members.append(JSONObject.Member(name, plain)) }
        }
        // compressed-tensors says how numbers are packed beside the modules that are, whose names may differ.
        let groups = (config["config_groups"]?.object?.members ?? []).compactMap { member in
            member.value.object.map { group in
                JSONValue.object(JSONObject(group.members.filter { $0.key != "targets" && $0.value != .null }))
            }
        }
        if !groups.isEmpty { members.append(JSONObject.Member("config_groups", .array(groups))) }
        return JSONObject(members)
    }
}
