import SutureDiagnostics

/// Draws the layers of a strip together to the runs that people think in: `0-15 a[0:16] | 16-31 b[8:24]`.
struct StackPicture {
    let layers: [Strip.Layer]

    /// The runs, in order.
    ///
    /// A run goes on while the labels count on by one, stand still, or count back by one.
    func runs() -> [Plan.Stack.Run] {
        var runs: [Plan.Stack.Run] = []
        var start = 0
        while start < layers.count {
            var end = start + 1
            if end < layers.count {
                let step = [1, 0, -1].first { layers[start].label.isFollowed(by: layers[end].label, step: $0) }
                while let step, end < layers.count, layers[end - 1].label.isFollowed(by: layers[end].label, step: step),
                    layers[end].range == layers[start].range
                {
                    end += 1
                }
            }
            runs.append(
                Plan.Stack.Run(
                    layers: start..<end,
                    label: layers[start].label.text(to: layers[end - 1].label),
                    place: layers[start].range?.placeText
                )
            )
            start = end
        }
        return runs
    }
}

extension SourceRange {
    /// The place as messages write it: `file:line:column`.
    var placeText: String { "\(file.path):\(start.line):\(start.column)" }
}
