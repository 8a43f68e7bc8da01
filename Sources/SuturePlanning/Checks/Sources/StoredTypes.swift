import SutureArchitectures
import SutureCheckpoints
import SutureDiagnostics
import SutureJSON
import SutureRecipes
import SutureTensors

/// Looks at how the sources store their numbers: mixed dtypes, and quantized weights that are asked to change.
enum StoredTypes: CompositionCheck {
    static func findings(in composition: Composition) -> [Diagnostic] {
        var findings: [Diagnostic] = []
        let requested = composition.graph.output.dtype
        for index in composition.strip.sources {
            let source = composition.sources[index]
            if let quantization = source.quantization, !source.isDequantized,
                quantization.isPacked != quantization.isSaid
            {
                findings.append(
                    quantization.isSaid
                        ? .idleQuantization(source, quantization.name)
                        : .unsaidQuantization(source, quantization, in: composition)
                )
            }
            guard source.isQuantized, let requested else { continue }
            findings.append(.cannotCastQuantized(source.name, requested.value, at: requested.range))
        }
        if requested == nil {
            var owners: [DType: String] = [:]
            for layer in composition.strip.layers {
                for slot in layer.slots
                where slot.spec.shape.rank >= 2 && slot.spec.dtype.isDecodable && !slot.isCompanion {
                    owners[slot.spec.dtype] =
                        owners[slot.spec.dtype] ?? composition.sources[layer.attention.source].name
                }
            }
            let sources = Set(owners.values)
            if owners.count > 1, sources.count > 1 {
                findings.append(.mixedTypes(owners))
            }
        }
        return findings
    }
}

extension ResolvedSource {
    /// Whether its weights are packed by a quantizer.
    var isQuantized: Bool {
        !isDequantized && quantization?.isPacked ?? false
    }
}

extension Diagnostic {
    /// A config speaks of a quantizer, and all tensors are plain numbers.
    fileprivate static func idleQuantization(_ source: ResolvedSource, _ scheme: String) -> Diagnostic {
        Diagnostic(
            .warning,
            code: "quantization-idle",
            "config.json of '\(source.name)' says \(scheme), and none of its tensors is packed: they are taken as plain numbers",
            at: source.range,
            fix: FixIt("take quantization_config out of config.json, unless the model is packed each time it is loaded")
        )
    }

    /// Tensors are packed, and no config says how.
    fileprivate static func unsaidQuantization(
        _ source: ResolvedSource,
        _ quantization: Quantization,
        in composition: Composition
    ) -> Diagnostic {
        let isAccepted = composition.graph.output.accept.contains { $0.value == "quantization_config" }
        let example = quantization.companions.sorted().first ?? ""
        return Diagnostic(
            isAccepted ? .note : .error,
            code: "quantization-unsaid",
            "weights of '\(source.name)' are packed, by \(quantization.name) as it looks ('\(example)' stands beside them), "
                + "and its config.json does not say so: programs would take them for plain numbers",
            at: source.range,
            fix: isAccepted
                ? nil
                : FixIt(
                    "put quantization_config back into config.json; "
                        + "'output: {accept: [quantization_config]}' copies them as they are"
                )
        )
    }

    /// A dtype is asked for that quantized weights do not have.
    static func cannotCastQuantized(_ name: String, _ dtype: DType, at range: SourceRange?) -> Diagnostic {
        Diagnostic(
            code: "cannot-cast-quantized",
            "'\(name)' is quantized, and its packed numbers cannot be written as \(dtype.recipeNames.first ?? dtype.rawValue)",
            at: range,
            fix: FixIt("leave 'dtype' out to copy them as they are, or start from an unquantized checkpoint")
        )
    }

    /// Sources of several dtypes, and no word on which to write.
    static func mixedTypes(_ owners: [DType: String]) -> Diagnostic {
        let list = owners.sorted { $0.key.rawValue < $1.key.rawValue }.map { "\($0.key.rawValue) ('\($0.value)')" }
        return Diagnostic(
            .warning,
            code: "mixed-dtypes",
            "the sources store their weights as \(list.joined(separator: " and ")), and each layer keeps its own",
            at: nil as SourceRange?,
            fix: FixIt("set 'output: {dtype: bfloat16}', or another, for one dtype throughout")
        )
    }
}
