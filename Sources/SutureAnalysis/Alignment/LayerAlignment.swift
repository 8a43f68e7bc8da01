/// Which layer of a model each layer of another is, where their depths may differ.
package struct LayerAlignment: Hashable, Sendable {
    /// For each layer of the second model the layer of the first that it is laid beside; `nil` where none is like it.
    package let origins: [Int?]

    /// How alike each layer and its origin are, from sampled numbers; empty where layers were laid side by side by number.
    package let likeness: [Double]

    /// Lays layers of one number side by side.
    package init(depth: Int) {
        origins = (0..<depth).map { $0 }
        likeness = []
    }

    /// The least likeness of layers that have anything to do with each other; of unrelated ones it is near 0.
    package static let threshold = 0.5

    /// What a step costs that does not lead from a layer to the next one, in units of likeness: repeats and jumps are
    /// rarer than going on.
    private static let jump = 0.05

    /// The best way through the layers of the first model for those of the second, by dynamic programming.
    ///
    /// A way may go on, jump, repeat or leave a layer unaccounted for, so that stacks, prunings and up-scalings are all
    /// followed. Time is the product of the depths.
    ///
    /// - Parameters:
    ///   - likeness: For each layer of the second model, how alike it is to each layer of the first.
    ///   - threshold: The least likeness of layers that are laid side by side.
    package init(likeness: [[Double]], threshold: Double = Self.threshold) {
        guard let width = likeness.first?.count, width > 0 else {
            origins = likeness.map { _ in nil }
            self.likeness = likeness.map { _ in 0 }
            return
        }
        // The place behind the last stands for a layer that is like none.
        var best = likeness[0] + [threshold]
        var steps: [[Int]] = []
        for row in likeness.dropFirst() {
            let top = best.indices.max { best[$0] < best[$1] } ?? 0
            var next = [Double](repeating: 0, count: width + 1)
            var from = [Int](repeating: top, count: width + 1)
            for layer in 0...width {
                let previous = layer == width ? width : layer - 1
                next[layer] = best[top] - Self.jump
                if previous >= 0, best[previous] >= next[layer] {
                    next[layer] = best[previous]
                    from[layer] = previous
                }
                next[layer] += layer == width ? threshold : row[layer]
            }
            best = next
            steps.append(from)
        }
        var path = [best.indices.max { best[$0] < best[$1] } ?? width]
        for from in steps.reversed() { path.append(from[path[path.count - 1]]) }
        origins = path.reversed().map { $0 == width ? nil : $0 }
        self.likeness = zip(likeness, origins).map { row, origin in origin.map { row[$0] } ?? row.max() ?? 0 }
    }

    /// The origins, and where a layer is like none, the layer that would stand there had the run before or behind it gone on.
    ///
    /// A model may have but a norm in a layer, and norms tell nothing of likeness.
    ///
    /// - Parameter depth: The layers of the first model.
    /// - Returns: An origin for each layer of the second, `nil` where nothing goes on to there.
    package func continued(depth: Int) -> [Int?] {
        var continued = origins
        for layer in continued.indices.dropFirst() where continued[layer] == nil {
            continued[layer] = continued[layer - 1].flatMap { $0 + 1 < depth ? $0 + 1 : nil }
        }
        for layer in continued.indices.dropLast().reversed() where continued[layer] == nil {
            continued[layer] = continued[layer + 1].flatMap { $0 > 0 ? $0 - 1 : nil }
        }
        return continued
    }
}
