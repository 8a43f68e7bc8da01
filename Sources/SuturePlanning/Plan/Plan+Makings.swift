import SutureMerging
package import SutureTensors

/// What is done to make a tensor, for sentences about a plan that must be true of it.
package struct TensorMaking: OptionSet, Hashable, Sendable {
    package let rawValue: Int

    package init(rawValue: Int) { self.rawValue = rawValue }

    /// Its numbers are another tensor's, in another dtype.
    package static let cast = TensorMaking(rawValue: 1)
    /// An adapter is added.
    package static let adapted = TensorMaking(rawValue: 2)
    /// Packed numbers are made plain.
    package static let unpacked = TensorMaking(rawValue: 4)
    /// Several tensors are merged.
    package static let merged = TensorMaking(rawValue: 8)
    /// Numbers are multiplied.
    package static let scaled = TensorMaking(rawValue: 16)
    /// It is one number everywhere.
    package static let filled = TensorMaking(rawValue: 32)
    /// Rows of several tensors stand below each other.
    package static let joined = TensorMaking(rawValue: 64)
    /// Blocks of tensors that hold one for each layer stand in a new order.
    package static let reordered = TensorMaking(rawValue: 128)

    /// What is done, in the order in which it is done; nothing is done to a tensor that is copied.
    package var inWords: String {
        guard !isEmpty else { return "copied byte for byte" }
        let words: [(TensorMaking, String)] = [
            (.reordered, "copied in blocks, one for each layer"), (.unpacked, "unpacked by its scales"),
            (.adapted, "changed by an adapter"), (.merged, "merged"), (.scaled, "scaled"),
            (.filled, "filled with one number"), (.joined, "joined of rows"), (.cast, "cast"),
        ]
        return words.filter { contains($0.0) }.map(\.1).joined(separator: ", ")
    }
}

extension Plan.Tensor {
    /// What is done to make it; nothing where its bytes are moved as they are.
    package var making: TensorMaking {
        var making = expression.making
        // What is computed is rounded to the output's dtype at the end, which is no step of its own.
        if making.subtracting(.reordered).isEmpty, let stored = expression.leaves.first, stored.spec.dtype != spec.dtype
        {
            making.insert(.cast)
        }
        return making
    }
}

extension TensorExpression {
    fileprivate var making: TensorMaking {
        fold(into: []) { making, part in
            switch part {
            case .stored: break
            case .filled: making.insert(.filled)
            case .scaled: making.insert(.scaled)
            case .rounded: making.insert(.cast)
            case .gathered(let gathered): making.insert(gathered.isOfRows ? .joined : .reordered)
            case .adapted(_, .dequantized): making.insert(.unpacked)
            case .adapted: making.insert(.adapted)
            case .blended: making.insert(.merged)
            }
        }
    }
}

extension Plan {
    /// How many tensors are made in which way, those that are copied first and then the commonest.
    package var makings: [(making: TensorMaking, count: Int)] {
        var counts: [TensorMaking: Int] = [:]
        for tensor in tensors { counts[tensor.making, default: 0] += 1 }
        return counts.map { (making: $0.key, count: $0.value) }.sorted { a, b in
            if a.making.isEmpty != b.making.isEmpty { return a.making.isEmpty }
            return (b.count, a.making.rawValue) < (a.count, b.making.rawValue)
        }
    }

    /// The dtypes of the output's tensors, those of most tensors first.
    package var dtypes: [(dtype: DType, count: Int)] {
        var counts: [DType: Int] = [:]
        for tensor in tensors { counts[tensor.spec.dtype, default: 0] += 1 }
        return counts.map { (dtype: $0.key, count: $0.value) }.sorted {
            ($1.count, $0.dtype.rawValue) < ($0.count, $1.dtype.rawValue)
        }
    }

    /// The titles of the merge methods in it.
    package var methodTitles: [String] {
        mergeMethods.map { methods[named: $0]?.descriptor.title ?? $0 }
    }
}
