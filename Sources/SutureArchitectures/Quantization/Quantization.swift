package import SutureDiagnostics
package import SutureJSON
package import SutureTensors

/// How a checkpoint's weights are packed by a quantizer, and whether they can be made numbers again.
package struct Quantization: Sendable {
    /// Its name for people: `GPTQ`, `FP8`, `bitsandbytes 4-bit`.
    package let name: String

    /// The weights that are eight-bit floats times scales, by name.
    package let scaled: [String: (scales: TensorSpec, blocks: [Int])]

    /// What stands beside packed weights and has no meaning without them: scales, zero points, codebooks.
    package let companions: Set<String>

    /// The weights of eight-bit floats that nothing scales, although weights of the checkpoint are packed.
    package let unscaled: [TensorSpec]

    /// Whether any tensor is packed; a config may speak of a quantizer that works only when the model is loaded.
    package let isPacked: Bool

    /// Whether `config.json`, or a file beside it, says how the weights are packed.
    package let isSaid: Bool

    /// Whether every packed weight is made of eight-bit floats, which can be made numbers.
    package let isFloat8: Bool

    /// The names of what a quantizer left beside weights that are plain again, in a checkpoint that is not packed.
    package static func leftovers(of config: JSONObject, _ tensors: [TensorSpec]) -> Set<String> {
        PackedTensors(tensors, isSaid: QuantizationScheme(of: config) != nil).leftovers
    }

    /// Looks at a checkpoint's config and headers.
    ///
    /// - Parameters:
    ///   - config: What `config.json` says.
    ///   - tensors: The checkpoint's tensors.
    ///   - hasScheme: Whether a file beside the config describes how weights are packed.
    ///   - file: The file of a tensor, by its place in `tensors`, for messages.
    /// - Returns: `nil` where nothing says that it is quantized: neither its config nor its tensors.
    /// - Throws: `Diagnostics` with each weight of eight-bit floats whose scales do not fit it.
    package static func read(
        _ config: JSONObject,
        _ tensors: [TensorSpec],
        besideScheme hasScheme: Bool = false,
        file: (Int) -> String
    ) throws(Diagnostics) -> Quantization? {
        let scheme = QuantizationScheme(of: config)
        let packed = PackedTensors(tensors, isSaid: scheme != nil)
        guard scheme != nil || !packed.weights.isEmpty else { return nil }
        var scales: [String: TensorSpec] = [:]
        var modules: Set<String> = []
        for tensor in tensors where packed.companions.contains(tensor.name) {
            let module = Role.module(of: tensor.name)
            modules.insert(module)
            if tensor.isWeightScale { scales[module] = scales[module] ?? tensor }
        }
        var scaled: [String: (scales: TensorSpec, blocks: [Int])] = [:]
        var unscaled: [TensorSpec] = []
        var isFloat8 = true
        var faults = Diagnostics()
        for (place, weight) in tensors.enumerated()
        where !packed.companions.contains(weight.name) && Role.leaf(of: weight.name) == .weight {
            let module = Role.module(of: weight.name)
            guard weight.dtype.isFloat8 else {
                if modules.contains(module), !weight.dtype.isBlendable { isFloat8 = false }
                continue
            }
            guard let scales = scales[module] else {
                unscaled.append(weight)
                if modules.contains(module) { faults.append(.noScales(weight, in: file(place))) }
                continue
            }
            guard scales.dtype.isPlainFloat || scales.dtype == .float8E8M0 else {
                isFloat8 = false
                continue
            }
            guard let blocks = blocks(of: weight.shape, scales, scheme?.blockSize ?? []) else {
                faults.append(.scalesDoNotFit(weight, scales, isSaid: scheme != nil, in: file(place)))
                continue
            }
            scaled[weight.name] = (scales, blocks)
        }
        try faults.throwIfErrors()
        return Quantization(
            name: scheme?.name ?? packed.likelyScheme,
            scaled: scaled,
            companions: packed.companions,
            unscaled: unscaled,
            isPacked: !packed.companions.isEmpty || !unscaled.isEmpty,
            isSaid: scheme != nil || QuantizationScheme.isMentioned(in: config) || hasScheme,
            isFloat8: isFloat8 && !scaled.isEmpty
        )
    }

    /// The elements along each dimension that share a scale, or `nil` where that cannot be told.
    ///
    /// One scale for all, one for a row or a column, or one for a block of the size that the config says.
    private static func blocks(of shape: Shape, _ scales: TensorSpec, _ sizes: [Int]) -> [Int]? {
        guard shape.rank >= 1 else { return nil }
        if scales.elementCount == 1 { return shape.dimensions.map { max(1, $0) } }
        var counts = scales.shape.dimensions
        // One scale for each row or each expert, without the columns of their own that others write.
        while counts.count < shape.rank { counts.append(1) }
        guard counts.count == shape.rank else { return nil }
        var blocks: [Int] = []
        for (dimension, (length, count)) in zip(shape.dimensions, counts).enumerated() {
            let place = dimension - (shape.rank - sizes.count)
            let size = place >= 0 ? sizes[place] : 0
            if count == length {
                blocks.append(1)
            } else if size > 0, count == length / size + (length % size == 0 ? 0 : 1) {
                blocks.append(size)
            } else if count == 1 {
                blocks.append(max(1, length))
            } else {
                return nil
            }
        }
        return blocks
    }
}

extension DType {
    /// Whether it is a float of eight bits that stands for a number, alone or times a scale.
    var isFloat8: Bool { self == .float8E4M3 || self == .float8E5M2 }
}

extension TensorSpec {
    /// Whether it is called as the scales of a weight are, and not as those of activations or caches.
    fileprivate var isWeightScale: Bool {
        guard case .companion(let word) = Role.leaf(of: name) else { return false }
        return ["weight_scale_inv", "weight_scale", "scale_inv", "scale"].contains(word)
    }
}

extension Diagnostic {
    /// A weight of eight-bit floats without its scales.
    package static func noScales(_ spec: TensorSpec, in file: String) -> Diagnostic {
        Diagnostic(
            code: "scales-missing",
            "the weight is \(spec.dtype.rawValue)\(spec.shape) of a quantized model, and nothing holds its scales",
            at: .file(file, tensor: excerpt(spec.name)),
            fix: FixIt("fetch the checkpoint again, or start from the unquantized one")
        )
    }

    /// Scales of a shape that fits no blocks of the weight.
    static func scalesDoNotFit(_ spec: TensorSpec, _ scales: TensorSpec, isSaid: Bool, in file: String) -> Diagnostic {
        Diagnostic(
            code: "scales-do-not-fit",
            "the weight is \(spec.shape), and '\(excerpt(scales.name))' \(scales.dtype.rawValue)\(scales.shape) "
                + "is a scale for no rows, columns or blocks of it",
            at: .file(file, tensor: excerpt(spec.name)),
            fix: FixIt(
                isSaid
                    ? "check 'weight_block_size' in quantization_config"
                    : "config.json has no quantization_config: put it back, with 'weight_block_size'"
            )
        )
    }
}
