import SutureArchitectures
import SutureDiagnostics

/// Finds sources whose last layers never reach the output, the commonest slip in published recipes.
///
/// Ranges are half-open, and templates are reused for models of another depth; both end a stack short.
/// For the model whose layers end the output it is a warning, since the final norm and the head then read
/// a middle layer; for others, who may be cut on purpose, it is a note.
enum LastLayerUsed: PlanCheck {
    static func findings(in composition: Composition) -> [Diagnostic] {
        var used: [Int: Set<Int>] = [:]
        var places: [Int: SourceRange] = [:]
        for layer in composition.strip.layers {
            for origin in [layer.attention, layer.mlp] {
                used[origin.source, default: []].insert(origin.layer)
                if origin.layer == used[origin.source]?.max() { places[origin.source] = layer.range }
            }
        }
        guard let last = composition.strip.layers.last?.attention else { return [] }
        var findings: [Diagnostic] = []
        for source in composition.sources {
            let count = source.anatomy.layerCount
            guard let top = used[source.index]?.max(), top < count - 1 else { continue }
            let endsOutput = last.source == source.index
            findings.append(
                .lastLayersUnused(source.name, top + 1, of: count, endsOutput: endsOutput, at: places[source.index])
            )
        }
        let owner = composition.sources[last.source]
        if let top = used[last.source]?.max(), top == owner.anatomy.layerCount - 1, last.layer != top {
            findings.append(
                .endsOnMiddleLayer(owner.name, last.layer, of: top + 1, at: composition.strip.layers.last?.range)
            )
        }
        return findings
    }
}

/// Notes layers of one model that stand in the output more than once.
enum RepeatedLayers: PlanCheck {
    static func findings(in composition: Composition) -> [Diagnostic] {
        var counts: [Int: [Int: Int]] = [:]
        for layer in composition.strip.layers {
            counts[layer.attention.source, default: [:]][layer.attention.layer, default: 0] += 1
        }
        return composition.sources.compactMap { source in
            let repeated = (counts[source.index] ?? [:]).filter { $0.value > 1 }.keys.sorted()
            guard let first = repeated.first, let last = repeated.last else { return nil }
            return .layersRepeated(source.name, count: repeated.count, first, last)
        }
    }
}

extension Diagnostic {
    /// The last layers of a model are never used.
    static func lastLayersUnused(
        _ name: String,
        _ used: Int,
        of count: Int,
        endsOutput: Bool,
        at range: SourceRange?
    ) -> Diagnostic {
        let unused = used == count - 1 ? "layer \(used)" : "layers \(used) to \(count - 1)"
        let fix =
            if used == count - 1 {
                FixIt("ranges are half-open: end at \(count) to include layer \(count - 1)", replacing: nil)
            } else {
                FixIt("the ranges fit a model of \(used) layers; '\(name)' has \(count)")
            }
        return Diagnostic(
            endsOutput ? .warning : .note,
            code: "last-layers-unused",
            "\(unused) of '\(name)' never reach the output"
                + (endsOutput ? ", which ends on its layer \(used - 1)" : ""),
            at: range,
            fix: fix
        )
    }

    /// The output ends on a layer that was not the last of its model.
    static func endsOnMiddleLayer(_ name: String, _ layer: Int, of count: Int, at range: SourceRange?) -> Diagnostic {
        Diagnostic(
            .warning,
            code: "ends-on-middle-layer",
            "the output ends on layer \(layer) of the \(count) of '\(name)', which its final norm and head have never read",
            at: range,
            fix: FixIt("end the stack with layer \(count - 1)")
        )
    }

    /// Layers that stand in the output more than once.
    static func layersRepeated(_ name: String, count: Int, _ first: Int, _ last: Int) -> Diagnostic {
        Diagnostic(
            .note,
            code: "layers-repeated",
            count == 1
                ? "layer \(first) of '\(name)' stands in the output more than once"
                : "\(count) layers of '\(name)' (from \(first) to \(last)) stand in the output more than once",
            at: nil as SourceRange?
        )
    }
}
