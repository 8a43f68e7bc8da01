import SutureDiagnostics
package import SutureJSON
package import SutureTensors

/// Finds weights that are packed in a way that is not known here: what else goes with a layer then, nothing says.
package enum UnknownPacking {
    /// Looks at what a checkpoint says of its packing, and at what stands beside its packed weights.
    ///
    /// - Parameters:
    ///   - config: What `config.json` says.
    ///   - tensors: The checkpoint's tensors.
    ///   - headers: The `__metadata__` of its weight files.
    /// - Returns: An error that names it; `nil` where there is none.
    package static func finding(
        in config: JSONObject,
        _ tensors: [TensorSpec],
        headers: [[String: String]]
    ) -> Finding? {
        let piece = tensors.first { isFlattened($0.name) }
        if piece != nil || headers.contains(where: saysFlattened) {
            return Finding(
                .error,
                code: code,
                "the weights are packed by torchao, which says in the header's __metadata__ what each tensor is: "
                    + "that is not carried to other layers here",
                fix: "start from the unquantized model, and quantize the result with torchao",
                tensor: piece?.name
            )
        }
        let scheme = QuantizationScheme(of: config)
        let packed = PackedTensors(tensors, isSaid: scheme != nil).weights
        if let unknown = scheme?.unknown ?? unnamed(scheme, packed) {
            let isPlain = tensors.allSatisfy { $0.dtype.isBlendable && $0.dtype.bitWidth > 8 }
            return Finding(
                .error,
                code: code,
                "\(unknown), and nothing else says what goes with a layer",
                fix: isPlain
                    ? "its weights are plain numbers: take quantization_config out of config.json, and put it into the "
                        + "result's if they are to be packed when it is loaded"
                    : "start from the unquantized model, and quantize the result"
            )
        }
        return strange(among: tensors, beside: packed).map { tensor in
            Finding(
                .error,
                code: code,
                "the tensor stands beside packed weights, and what it does to them is not known here",
                fix: "start from the unquantized model, and quantize the result",
                tensor: tensor.name
            )
        }
    }

    private static let code = "unknown-quantizer"

    /// A config that names no quantizer is MLX's where the words and the numbers are MLX's: codes in `U32`.
    private static func unnamed(_ scheme: QuantizationScheme?, _ packed: [TensorSpec]) -> String? {
        guard let scheme, scheme.isUnnamed, let weight = packed.first(where: { $0.dtype != .uint32 }) else {
            return nil
        }
        return "quantization_config has no 'quant_method', and '\(excerpt(weight.name))' is "
            + "\(weight.dtype.rawValue)\(weight.shape)"
    }

    /// A tensor of the module of a packed weight that is called as nothing that is known to belong there.
    ///
    /// modelopt's `pre_quant_scale`, Quark's `input_rotation`: the scales alone do not make such weights numbers.
    private static func strange(among tensors: [TensorSpec], beside packed: [TensorSpec]) -> TensorSpec? {
        let leaves: Set<Substring> = ["weight", "qweight", "weight_packed"]
        var modules: Set<Substring> = []
        for weight in packed {
            guard let dot = weight.name.lastIndex(of: "."), leaves.contains(weight.name[dot...].dropFirst()) else {
                continue
            }
            modules.insert(weight.name[..<dot])
        }
        guard !modules.isEmpty else { return nil }
        return tensors.first { tensor in
            guard let dot = tensor.name.lastIndex(of: "."), modules.contains(tensor.name[..<dot]) else { return false }
            return !NameWords.leaves.contains(String(tensor.name[dot...].dropFirst()))
        }
    }

    /// Whether torchao calls a piece of a tensor so: `weight:qdata` (0.14), `_weight_qdata` (from 0.15).
    private static func isFlattened(_ name: String) -> Bool {
        let leaf = name.split(separator: ".").last ?? ""
        return leaf.hasSuffix(":qdata") || leaf.hasSuffix(":_data") || leaf.hasPrefix("_") && leaf.hasSuffix("_qdata")
    }

    /// Whether a header says of some tensor that it is more than a plain one.
    private static func saysFlattened(_ header: [String: String]) -> Bool {
        header["tensor_names"] != nil
            && header.values.contains { text in
                guard let object = try? JSONParser.parse(Array(text.utf8)).object else { return false }
                return object["_type"].map { $0 != "Tensor" } ?? false
            }
    }
}
