import SutureTensors

/// Something outside the layers that is as many as they are, and so may follow them: a list of a query a layer, a
/// vector of a scale for each, a second stack that runs in step.
///
/// Of a family that is known it is known whether it does. Of any other the layers cannot be moved without a word.
package struct Follower: Hashable, Sendable {
    /// Its name, with `N` for the numbers it has or its shape behind it.
    package let name: String

    /// How many entries it has.
    package let count: Int
}

/// Finds what may follow the layers of a stack.
struct FollowerFinder {
    let stacks: [Stack]
    let main: Int

    /// A list of numbered entries outside the layers.
    private struct Run {
        var numbers: Set<Int> = []
        var tensors = 0
    }

    /// What may follow the layers, in the order of the tensors.
    func find(among tensors: [TensorSpec], _ parts: [ModelPart?]) -> [Follower] {
        let depth = stacks[main].layerCount
        guard depth > 2 else { return [] }
        var order: [String] = []
        var runs: [String: Run] = [:]
        var found: [Follower] = []
        for (tensor, part) in zip(tensors, parts) where isOutside(part) {
            guard let (prefix, number) = Self.numbered(tensor.name) else {
                if depth > 3, Self.isPerLayer(tensor, depth) {
                    found.append(Follower(name: "\(tensor.name) \(tensor.shape)", count: depth))
                }
                continue
            }
            if runs[prefix] == nil { order.append(prefix) }
            runs[prefix, default: Run()].numbers.insert(number)
            runs[prefix, default: Run()].tensors += 1
        }
        for prefix in order where !StackChoice.areTwins(prefix, stacks[main].prefix) {
            guard let run = runs[prefix], let first = run.numbers.min(), let last = run.numbers.max(), first < 2,
                last - first + 1 == run.numbers.count
            else { continue }
            let count = run.numbers.count
            // A stack is a layer's fellow where there are as many; a list of single tensors may begin or end beside it.
            let isStack = run.tensors > 2 * count
            guard count == depth || !isStack && [depth - 1, depth + 1, 2 * depth].contains(count) else { continue }
            found.append(Follower(name: prefix + ".N", count: count))
        }
        return found
    }

    private func isOutside(_ part: ModelPart?) -> Bool {
        switch part {
        case .layer(let stack, _, _, _): stack != main
        case .end(.embedCompanion), .end(.headCompanion), .other, nil: true
        case .end, .extraLayer, .draft, .tower: false
        }
    }

    /// A name up to its first number, and the number.
    private static func numbered(_ name: String) -> (prefix: String, number: Int)? {
        let parts = name.split(separator: ".")
        for (place, part) in parts.enumerated().dropFirst() {
            if let number = LayeredName.number(part.utf8) { return (parts[..<place].joined(separator: "."), number) }
        }
        return nil
    }

    /// Whether a tensor has an entry, or a block, for each layer.
    private static func isPerLayer(_ tensor: TensorSpec, _ depth: Int) -> Bool {
        if tensor.name.contains("per_layer") { return tensor.shape.dimensions.contains { $0 > 0 && $0 % depth == 0 } }
        guard !positional.contains(where: tensor.name.contains) else { return false }
        return tensor.shape.dimensions.contains(depth)
    }

    /// Tables of positions and rotations, whose length is a matter of heads.
    private static let positional = ["rotary", "inv_freq", "rope", "relative", "position"]
}
