/// What a build benchmark builds.
///
/// The models are a base of the shape of TinyLlama 1.1B and fine-tunes of it, made up from seeds.
enum BuildJob: String, CaseIterable {
    /// Layers of one model stacked to half as many more: nothing is computed.
    case passthrough

    /// Three models mixed: one pass over their numbers.
    case linear

    /// Two models turned into each other: one pass to learn the angle, one to mix.
    case slerp

    /// The differences of three models from their base, added.
    case taskArithmetic = "task_arithmetic"

    /// Three models against their base: passes to find thresholds, one to merge.
    case ties

    /// Three models against their base, their differences kept at random.
    case dareTies = "dare_ties"

    /// The recipe, with models of about that many bytes.
    func recipe(modelBytes: Int) -> String {
        let layers = max(2, (modelBytes - Self.endBytes + Self.layerBytes / 2) / Self.layerBytes)
        let model = "synthetic:llama?layers=\(layers)&hidden=2048&heads=32&kv=4&mlp=5632&vocab=32000&dtype=bf16&seed=1"
        let tunings = ["base": "", "a": "&tune=2", "b": "&tune=3", "c": "&tune=4"]
        let inputs = inputNames.map { "\($0): \"\(model)\(tunings[$0] ?? "")\"" }
        return """
            slicegraph: 1
            inputs: {\(inputs.joined(separator: ", "))}
            graph:
              out: \(node(layers: layers))
            output: {dtype: bfloat16}

            """
    }

    private var inputNames: [String] {
        switch self {
        case .passthrough: ["base"]
        case .slerp: ["a", "b"]
        case .linear: ["a", "b", "c"]
        case .taskArithmetic, .ties, .dareTies: ["base", "a", "b", "c"]
        }
    }

    private func node(layers: Int) -> String {
        switch self {
        case .passthrough:
            let overlap = layers / 2
            let (end, start) = (layers / 2 + overlap / 2, layers / 2 - (overlap - overlap / 2))
            return "{stack: [\"base[0:\(end)]\", \"base[\(start):\(layers)]\"]}"
        case .slerp: return "{blend: {method: slerp, inputs: [a, b], params: {t: 0.4}}}"
        case .linear: return "{blend: {method: linear, inputs: [\(inputs("", of: "abc"))]}}"
        case .taskArithmetic, .ties, .dareTies:
            let density = self == .taskArithmetic ? "" : ", density: 0.5"
            return "{blend: {method: \(rawValue), base: base, inputs: [\(inputs(density, of: "abc"))]}}"
        }
    }

    private func inputs(_ more: String, of names: String) -> String {
        names.map { "{from: \($0), weight: 0.3\(more)}" }.joined(separator: ", ")
    }

    /// The bytes of a layer of the model, and of its embedding, norm and head.
    private static let layerBytes = 88_088_576
    private static let endBytes = 262_148_096
}
