import SuturePlanning
import SutureTensors
import Synchronization

/// The factors of adapters that tensors in work have in common, as numbers; the oldest go when there are too many.
final class FactorCache: Sendable {
    /// A factor, `[r, columns]`.
    final class Factor: Sendable {
        /// Its numbers.
        let numbers: [Float]

        init(_ numbers: [Float]) { self.numbers = numbers }
    }

    private struct Key: Hashable {
        let reference: StoredTensorReference
        let isTransposed: Bool
    }

    private struct Held {
        var factors: [Key: Factor] = [:]
        var order: [Key] = []
        var byteCount = 0
    }

    private let byteLimit: Int
    private let held = Mutex(Held())

    /// Creates a cache.
    init(byteLimit: Int) { self.byteLimit = byteLimit }

    /// The factor that a tensor holds, read where it is not at hand.
    ///
    /// - Parameters:
    ///   - reference: The tensor.
    ///   - isTransposed: Whether it lies as `[columns, r]`.
    ///   - numbers: What reads it.
    /// - Returns: The factor, `[r, columns]`.
    /// - Throws: ``ExecutionError`` where it cannot be read.
    func factor(
        _ reference: StoredTensorReference,
        isTransposed: Bool,
        reading numbers: AdaptedNumbers
    ) throws(ExecutionError) -> Factor {
        let key = Key(reference: reference, isTransposed: isTransposed)
        if let factor = held.withLock({ $0.factors[key] }) { return factor }
        var stored = try numbers.floats(0..<reference.spec.elementCount, of: reference)
        if isTransposed { stored = transposed(stored, rows: reference.spec.shape.dimensions[0]) }
        let factor = Factor(stored)
        held.withLock { held in
            // Another thread may have been faster.
            guard held.factors[key] == nil else { return }
            held.factors[key] = factor
            held.order.append(key)
            held.byteCount += stored.count * 4
            while held.byteCount > byteLimit, held.order.count > 1 {
                let oldest = held.factors.removeValue(forKey: held.order.removeFirst())
                held.byteCount -= (oldest?.numbers.count ?? 0) * 4
            }
        }
        return factor
    }

    private func transposed(_ numbers: [Float], rows: Int) -> [Float] {
        let columns = rows == 0 ? 0 : numbers.count / rows
        var result = [Float](repeating: 0, count: numbers.count)
        for row in 0..<rows {
            for column in 0..<columns { result[column * rows + row] = numbers[row * columns + column] }
        }
        return result
    }
}
