package import SutureCheckpoints
package import SutureDiagnostics
import SutureTensors

/// How a checkpoint's weights are packed by a quantizer, and whether they can be made numbers again.
package struct Quantization: Sendable {
    /// Its name for people: `GPTQ`, `FP8`, `bitsandbytes 4-bit`.
    package let name: String

    /// The weights that are eight-bit floats times scales, by name.
    package let scaled: [String: (scales: StoredTensor, blocks: [Int])]

    /// The companions of those weights, which have no meaning without them.
    package let companions: Set<String>

    /// Whether every packed weight is made of eight-bit floats, which can be made numbers.
    package let isFloat8: Bool

    /// Looks at a checkpoint's config and headers.
    ///
    /// - Returns: `nil` where nothing says that it is quantized.
    /// - Throws: `Diagnostics` with each weight of eight-bit floats whose scales do not fit it.
    package static func read(_ checkpoint: Checkpoint) throws(Diagnostics) -> Quantization? {
        guard let scheme = QuantizationScheme(of: checkpoint.config) else { return nil }
        var groups: [String: [StoredTensor]] = [:]
        var order: [String] = []
        for tensor in checkpoint.tensors {
            let module = Role.module(of: tensor.spec.name)
            if groups[module] == nil { order.append(module) }
            groups[module, default: []].append(tensor)
        }
        var scaled: [String: (scales: StoredTensor, blocks: [Int])] = [:]
        var companions: Set<String> = []
        var isFloat8 = true
        var faults = Diagnostics()
        for module in order {
            let members = groups[module] ?? []
            let weights = members.filter { Role.leaf(of: $0.spec.name) == .weight }
            // Alone, `scale` may be the weight of a norm.
            let others = members.filter { $0.isCompanion && (!weights.isEmpty || $0.companionWord != "scale") }
            guard !others.isEmpty else { continue }
            companions.formUnion(others.map(\.spec.name))
            for weight in weights {
                guard weight.spec.dtype.isFloat8 else {
                    if !weight.spec.dtype.isBlendable { isFloat8 = false }
                    continue
                }
                let file = "\(checkpoint.files[weight.file].path)"
                guard let scales = others.first(where: \.isWeightScale) else {
                    faults.append(.noScales(weight.spec, in: file))
                    continue
                }
                guard scales.spec.dtype.isBlendable || scales.spec.dtype == .float8E8M0 else {
                    isFloat8 = false
                    continue
                }
                guard let blocks = blocks(of: weight.spec.shape, scales.spec, scheme.blockSize) else {
                    faults.append(.scalesDoNotFit(weight.spec, scales.spec, in: file))
                    continue
                }
                scaled[weight.spec.name] = (scales, blocks)
            }
        }
        try faults.throwIfErrors()
        return Quantization(
            name: scheme.name,
            scaled: scaled,
            companions: companions,
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

extension StoredTensor {
    fileprivate var companionWord: String? {
        if case .companion(let word) = Role.leaf(of: spec.name) { word } else { nil }
    }

    fileprivate var isCompanion: Bool { companionWord != nil }

    /// Whether it holds the scales of a weight, and not those of activations or caches.
    fileprivate var isWeightScale: Bool {
        ["weight_scale_inv", "weight_scale", "scale_inv", "scale"].contains(companionWord)
    }
}

extension Diagnostic {
    /// A weight of eight-bit floats without its scales.
    static func noScales(_ spec: TensorSpec, in file: String) -> Diagnostic {
        Diagnostic(
            code: "scales-missing",
            "the weight is \(spec.dtype.rawValue)\(spec.shape) with companions, but none of them is its scales",
            at: .file(file, tensor: excerpt(spec.name)),
            fix: FixIt("fetch the checkpoint again, or start from the unquantized one")
        )
    }

    /// Scales of a shape that fits no blocks of the weight.
    static func scalesDoNotFit(_ spec: TensorSpec, _ scales: TensorSpec, in file: String) -> Diagnostic {
        Diagnostic(
            code: "scales-do-not-fit",
            "the weight is \(spec.shape), and '\(excerpt(scales.name))' \(scales.dtype.rawValue)\(scales.shape) "
                + "is a scale for no rows, columns or blocks of it",
            at: .file(file, tensor: excerpt(spec.name)),
            fix: FixIt("check 'weight_block_size' in quantization_config")
        )
    }
}
