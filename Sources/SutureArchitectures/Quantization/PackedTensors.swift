import SutureTensors

/// Which tensors of a checkpoint are packed numbers, and which stand beside them as a quantizer's companions.
///
/// A name alone makes nothing a companion: `router.per_expert_scale` of Gemma 4 and `altup.correct_output_scale` of
/// Gemma 3n are weights like any other. One whose name allows it is a companion where the tensor that it belongs to
/// has packed numbers, or where the config says that weights are packed and only quantizers call a tensor so.
struct PackedTensors {
    /// The weights whose numbers are packed, in the order of the tensors.
    private(set) var weights: [TensorSpec] = []

    /// The names of their companions.
    private(set) var companions: Set<String> = []

    /// The names of tensors that only quantizers write, in a checkpoint that is not packed and does not say so.
    private(set) var leftovers: Set<String> = []

    /// Looks at the tensors of a checkpoint.
    ///
    /// - Parameters:
    ///   - tensors: All of them.
    ///   - isSaid: Whether the config says that weights are packed.
    init(_ tensors: [TensorSpec], isSaid: Bool) {
        var stems: Set<String> = []
        for tensor in tensors where tensor.dtype.isPacked && Role.leaf(of: tensor.name) == .weight {
            weights.append(tensor)
            stems.insert(tensor.name)
            stems.insert(Role.module(of: tensor.name))
        }
        defer { if companions.isEmpty, !isSaid { leftovers = Self.leftovers(among: tensors) } }
        guard isSaid || !weights.isEmpty else { return }
        for tensor in tensors {
            guard case .companion(let word) = Role.leaf(of: tensor.name) else { continue }
            if isSaid && Self.isQuantizersOwn(word) || Self.stems(of: tensor.name).contains(where: stems.contains) {
                companions.insert(tensor.name)
            }
        }
        // Packed floats that nothing scales and no config speaks of are numbers of their own.
        guard !isSaid, companions.isEmpty else { return }
        weights = []
    }

    private static func leftovers(among tensors: [TensorSpec]) -> Set<String> {
        let modules = Set(tensors.lazy.filter { $0.name.hasSuffix(".weight") }.map { Role.module(of: $0.name) })
        return Set(
            tensors.lazy.map(\.name).filter { name in
                guard case .companion(let word) = Role.leaf(of: name), word.hasPrefix("weight_") || marks.contains(word)
                else { return false }
                return modules.contains(Role.module(of: name))
            }
        )
    }

    private static let marks: Set<String> = [
        "SCB", "absmax", "quant_map", "nested_absmax", "nested_quant_map", "qzeros", "g_idx",
    ]

    /// Whether only quantizers call a tensor so.
    private static func isQuantizersOwn(_ word: String) -> Bool {
        !["scale", "scales", "biases", "zero_point", "lora_A", "lora_B"].contains(word)
    }

    /// What a companion's name may belong to: `experts.gate_up_proj` for `experts.gate_up_proj_weight_scale`.
    private static func stems(of name: String) -> [String] {
        let end = name.utf8.lastIndex(of: UInt8(ascii: ".")) ?? name.startIndex
        var stems = [Role.module(of: name), String(name[..<end])]
        for place in name.utf8.indices where name.utf8[place] == UInt8(ascii: "_") && place > end {
            stems.append(String(name[..<place]))
        }
        return stems
    }

    /// What packed the weights, as far as their companions tell; for configs that do not say it.
    var likelyScheme: String {
        let words = Set(companions.compactMap { name in name.split(separator: ".").last.map(String.init) })
        if words.contains("SCB") { return "bitsandbytes 8-bit" }
        if words.contains("absmax") { return "bitsandbytes 4-bit" }
        if words.contains("qzeros") { return "GPTQ or AWQ" }
        if words.contains("biases") { return "MLX" }
        if weights.contains(where: { $0.name.hasSuffix(".weight_packed") }) { return "compressed-tensors" }
        if weights.contains(where: { $0.name.hasSuffix("_blocks") }) { return "MXFP4" }
        return weights.contains { !$0.dtype.isFloat8 } ? "a quantizer" : "FP8"
    }
}

extension DType {
    /// Whether a weight of it is no plain number: a quantizer's codes, or floats that want a scale.
    var isPacked: Bool {
        switch self {
        case .float4, .float6E2M3, .float6E3M2, .uint8, .int8, .float8E5M2, .float8E4M3, .float8E8M0,
            .float8E4M3FNUZ, .float8E5M2FNUZ, .int16, .uint16, .int32, .uint32:
            true
        // ggml's blocks bring their scales along.
        default: false
        }
    }
}
