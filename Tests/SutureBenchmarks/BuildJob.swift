/// What a build benchmark builds.
enum BuildJob: String {
    /// Layers of one model stacked to half as many more: nothing is computed.
    case passthrough

    /// Two models mixed: one pass over their numbers.
    case linear

    /// Two models turned into each other: one pass to learn the angle, one to mix.
    case slerp

    /// Two models against a third: passes to find thresholds, one to merge.
    case ties

    /// A build that somebody else describes.
    case build

    /// The recipe, with models of about that many bytes.
    func recipe(modelBytes: Int) -> String {
        let layers = max(2, (modelBytes - Self.endBytes + Self.layerBytes / 2) / Self.layerBytes)
        let model = "synthetic:llama?layers=\(layers)&hidden=4096&heads=32&kv=8&mlp=14336&vocab=32000&dtype=bf16&seed=1"
        let tunings = ["a": "", "b": "&tune=2", "c": "&tune=3"]
        let inputs = inputNames.map { "\($0): \"\(model)\(tunings[$0] ?? "")\"" }
        return """
            slicegraph: 1
            inputs: {\(inputs.joined(separator: ", "))}
            graph:
              out:
            \(node(layers: layers))
            output: {dtype: bfloat16}

            """
    }

    private var inputNames: [String] {
        switch self {
        case .passthrough, .build: ["a"]
        case .linear, .slerp: ["a", "b"]
        case .ties: ["a", "b", "c"]
        }
    }

    private func node(layers: Int) -> String {
        let overlap = layers / 2
        switch self {
        case .passthrough, .build:
            let (end, start) = (layers / 2 + overlap / 2, layers / 2 - (overlap - overlap / 2))
            return "    stack: [\"a[0:\(end)]\", \"a[\(start):\(layers)]\"]"
        case .linear:
            return "    blend: {method: linear, inputs: [{from: a, weight: 0.6}, {from: b, weight: 0.4}]}"
        case .slerp: return "    blend: {method: slerp, inputs: [a, b], params: {t: 0.4}}"
        case .ties:
            return """
                    blend:
                      method: ties
                      base: a
                      inputs: [{from: b, weight: 0.5, density: 0.5}, {from: c, weight: 0.5, density: 0.5}]
                """
        }
    }

    /// The bytes of a layer of the model, and of its embedding, norm and head.
    private static let layerBytes = 436_224_000
    private static let endBytes = 524_296_192
}
