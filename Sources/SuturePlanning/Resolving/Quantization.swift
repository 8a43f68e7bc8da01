import SutureArchitectures
import SutureCheckpoints
import SutureDiagnostics
import SutureTensors
import SystemPackage

/// How a checkpoint's weights are packed by a quantizer, and whether they can be made numbers again.
package struct Quantization: Sendable {
    /// Its name for people: `GPTQ`, `FP8`, `bitsandbytes 4-bit`.
    let name: String

    /// The weights that are eight-bit floats times scales, by name.
    let scaled: [String: (scales: StoredTensor, blocks: [Int])]

    /// The companions of those weights, which have no meaning without them.
    let companions: Set<String>

    /// Whether every packed weight is made of eight-bit floats, which can be made numbers.
    let isFloat8: Bool

    /// Looks at a checkpoint's config and headers.
    ///
    /// - Returns: `nil` where nothing says that it is quantized.
    /// - Throws: `Diagnostics` with each weight of eight-bit floats whose scales do not fit it.
    static func read(_ checkpoint: Checkpoint) throws(Diagnostics) -> Quantization? {
        guard let config = config(of: checkpoint.config) else { return nil }
        var groups: [String: [StoredTensor]] = [:]
        for tensor in checkpoint.tensors { groups[Role.module(of: tensor.spec.name), default: []].append(tensor) }
        var scaled: [String: (scales: StoredTensor, blocks: [Int])] = [:]
        var companions: Set<String> = []
        var isFloat8 = true
        var faults = Diagnostics()
        let blockSize = config["weight_block_size"]?.array?.compactMap(\.int)
        for members in groups.values {
            let others = members.filter(\.isCompanion)
            guard !others.isEmpty else { continue }
            companions.formUnion(others.map(\.spec.name))
            for weight in members where Role.leaf(of: weight.spec.name) == .weight {
                guard weight.spec.dtype.isFloat8 else {
                    // A norm may have a `scale` of its own.
                    if !weight.spec.dtype.isBlendable { isFloat8 = false }
                    continue
                }
                let file = checkpoint.files[weight.file].path.string
                guard let scales = others.first(where: \.isWeightScale) else {
                    faults.append(.noScales(weight.spec, in: file))
                    continue
                }
                guard let blocks = blocks(of: weight.spec.shape, scales.spec, blockSize) else {
                    faults.append(.scalesDoNotFit(weight.spec, scales.spec, in: file))
                    continue
                }
                scaled[weight.spec.name] = (scales, blocks)
            }
        }
        try faults.throwIfErrors()
        return Quantization(
            name: name(of: config),
            scaled: scaled,
            companions: companions,
            isFloat8: isFloat8 && !scaled.isEmpty
        )
    }

    private static let keys = ["quantization_config", "compression_config"]

    private static func config(of config: JSONObject) -> JSONObject? {
        let scopes = [config] + ["text_config", "language_config", "llm_config"].compactMap { config[$0]?.object }
        return scopes.lazy.flatMap { scope in keys.lazy.compactMap { scope[$0]?.object } }.first
    }

    /// A config without a word of quantization, for weights that are plain numbers again.
    static func removed(from config: JSONObject) -> JSONObject {
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

    private static func name(of config: JSONObject) -> String {
        let method = config["quant_method"]?.string ?? ""
        let bits = config["bits"]?.int.map { " \($0)-bit" } ?? ""
        switch method {
        case "gptq": return "GPTQ" + bits
        case "awq": return "AWQ" + bits
        case "bitsandbytes": return config["load_in_8bit"]?.bool ?? false ? "bitsandbytes 8-bit" : "bitsandbytes 4-bit"
        case "fp8", "fbgemm_fp8": return "FP8"
        case "mxfp4": return "MXFP4"
        case "compressed-tensors":
            return "compressed-tensors" + (config["format"]?.string.map { " (\(excerpt($0)))" } ?? "")
        case "": return config["load_in_4bit"]?.bool ?? false ? "bitsandbytes 4-bit" : "a quantizer"
        default: return excerpt(method)
        }
    }

    /// The elements along each dimension that share a scale, or `nil` where that cannot be told.
    ///
    /// One scale for all, one for a row or a column, or one for a block of the size that the config says.
    private static func blocks(of shape: Shape, _ scales: TensorSpec, _ blockSize: [Int]?) -> [Int]? {
        guard scales.dtype.isBlendable || scales.dtype == .float8E8M0, shape.rank >= 1 else { return nil }
        if scales.elementCount == 1 { return shape.dimensions.map { max(1, $0) } }
        var counts = scales.shape.dimensions
        // One scale for each row, without the column of its own that others write.
        if counts.count == shape.rank - 1 { counts.append(1) }
        guard counts.count == shape.rank else { return nil }
        let sizes = blockSize ?? []
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
    fileprivate var isCompanion: Bool {
        if case .companion = Role.leaf(of: spec.name) { true } else { false }
    }

    /// Whether it holds the scales of a weight, and not those of activations or caches.
    fileprivate var isWeightScale: Bool {
        guard case .companion(let word) = Role.leaf(of: spec.name) else { return false }
        return ["weight_scale_inv", "weight_scale", "scale_inv", "scale"].contains(word)
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
