import SuturePlanning
import SutureTensors
import Synchronization

/// What the stretches of tensors in work have in common, as numbers; the oldest go when there are too many.
final class FactorCache: Sendable {
    /// What the numbers are.
    enum Key: Hashable {
        /// The second factor of one matrix of a stack, `[r, columns]`.
        case factor(StoredTensorReference, matrix: Int)

        /// The lengths that the columns of a sum have, `[columns]`.
        case lengths(of: StoredTensorReference, plus: LowRankUpdate)
    }

    private struct Held {
        var numbers: [Key: [Float]] = [:]
        var order: [Key] = []
        var byteCount = 0
    }

    private let byteLimit: Int
    private let held = Mutex(Held())

    /// Creates a cache.
    init(byteLimit: Int) { self.byteLimit = byteLimit }

    /// The numbers of a key, made where they are not at hand.
    ///
    /// - Throws: ``ExecutionError`` where they cannot be made.
    func numbers(_ key: Key, make: () throws(ExecutionError) -> [Float]) throws(ExecutionError) -> [Float] {
        if let known = held.withLock({ $0.numbers[key] }) { return known }
        let numbers = try make()
        held.withLock { held in
            // Another thread may have been faster.
            guard held.numbers[key] == nil else { return }
            held.numbers[key] = numbers
            held.order.append(key)
            held.byteCount += numbers.count * 4
            while held.byteCount > byteLimit, held.order.count > 1 {
                let oldest = held.numbers.removeValue(forKey: held.order.removeFirst())
                held.byteCount -= (oldest?.count ?? 0) * 4
            }
        }
        return numbers
    }
}
