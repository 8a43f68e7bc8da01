import SutureArchitectures
import SutureCheckpoints
import SutureDiagnostics
import SutureRecipes
import SutureTensors

/// Looks at how the sources store their numbers: mixed dtypes, and quantized weights that are asked to change.
enum StoredTypes: PlanCheck {
    static func findings(in composition: Composition) -> [Diagnostic] {
        var findings: [Diagnostic] = []
        let requested = composition.graph.output.dtype
        for index in composition.strip.sources {
            let source = composition.sources[index]
            guard source.isQuantized, let requested else { continue }
            findings.append(.cannotCastQuantized(source.name, requested.value, at: requested.range))
        }
        if requested == nil {
            var owners: [DType: String] = [:]
            for layer in composition.strip.layers {
                for slot in layer.slots
                where slot.spec.shape.rank >= 2 && slot.spec.dtype.isBlendable && !slot.isCompanion {
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
        quantization != nil && !isDequantized
            || strip.layers.contains { $0.slots.contains(where: \.isCompanion) }
    }
}

extension Diagnostic {
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
