package import SutureMerging
import SuturePlanning
import SutureTensors

/// The decisions by which tensors are not what mergekit would make of them, and how many tensors each changed.
package struct AppliedDecisions: Hashable, Sendable {
    /// One decision.
    package struct Entry: Hashable, Sendable {
        /// What was decided.
        package let decision: MergeDecision
        /// The first tensor that it changed.
        package let example: String
        /// The number of tensors that it changed.
        package fileprivate(set) var tensorCount: Int
    }

    /// The decisions, in the order in which they were met.
    package private(set) var entries: [Entry] = []

    /// Notes what was decided of a tensor.
    ///
    /// - Parameters:
    ///   - tensor: The tensor.
    ///   - settings: Whose numbers are wanted, and the dtype of the merge where the recipe gives one; otherwise it is
    ///     the tensor's.
    mutating func add(_ tensor: PreparedTensor, _ settings: Plan.Settings) {
        let dtype = settings.computeDType ?? tensor.numbers.tensor.tensor.spec.dtype
        for decision in tensor.evaluator.appliedDecisions {
            let isTold =
                settings.compatibility.map { decision.isLacking(in: $0, dtype) }
                ?? (decision.mayApply(in: dtype) && decision.subject != .draws)
            guard isTold else { continue }
            if let known = entries.firstIndex(where: { $0.decision == decision }) {
                entries[known].tensorCount += 1
            } else {
                let name = tensor.numbers.tensor.tensor.spec.name
                entries.append(Entry(decision: decision, example: name, tensorCount: 1))
            }
        }
    }
}
