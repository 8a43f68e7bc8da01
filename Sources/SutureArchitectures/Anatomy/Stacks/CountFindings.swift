import SutureDiagnostics
import SutureJSON

extension Finding {
    /// The config and the tensors count layers differently.
    static func layerCountMismatch(path: [String], stated: Int, found: Int) -> Finding {
        Finding(
            .error,
            code: "layer-count-mismatch",
            "config.json says \(stated) layers in \(path.joined(separator: ".")), the tensors have \(found)",
            fix: stated > found
                ? "fetch the checkpoint's missing files" : "set \(path.last ?? "the count") to \(found)",
            field: path
        )
    }

    /// The config has no key that counts layers.
    static func noLayerCount(_ prefix: String, found: Int) -> Finding {
        Finding(
            .warning,
            code: "no-layer-count",
            "config.json does not say how many layers there are, the tensors under \(prefix) have \(found)",
            fix: "add num_hidden_layers: \(found) to config.json"
        )
    }

    /// The config counts layers with something that is no count.
    static func noSuchLayerCount(_ path: [String], _ value: JSONValue, found: Int) -> Finding {
        let shown = excerpt(JSONPrinter.print(value))
        return Finding(
            .warning,
            code: "no-layer-count",
            "config.json says \(path.joined(separator: ".")): \(shown), and the tensors have \(found) layers",
            fix: "set it to \(found)",
            field: path
        )
    }

    /// Some numbers between the first layer and the last have no tensors.
    static func layersWithoutTensors(_ layers: [Int], prefix: String) -> Finding {
        let shown = layers.prefix(8).map(String.init).joined(separator: ", ") + (layers.count > 8 ? ", …" : "")
        return Finding(
            .warning,
            code: "layer-without-tensors",
            "\(layers.count == 1 ? "layer" : "layers") \(shown) of \(prefix) \(layers.count == 1 ? "has" : "have") no tensors",
            fix: "fetch the checkpoint's missing files, unless the family leaves such layers empty"
        )
    }

    /// There is more than one stack, and surgery works on one.
    static func severalStacks(_ stacks: [Stack], main: Int) -> Finding {
        let others = stacks.indices.filter { $0 != main }.map { "\(stacks[$0].prefix) (\(stacks[$0].layerCount))" }
        return Finding(
            .note,
            code: "several-stacks",
            "layers mean those of \(stacks[main].prefix); \(others.joined(separator: ", ")) is carried as it is"
        )
    }
}
