package import SutureMerging
import SuturePlanning
import SutureTensors

/// The decisions by which tensors are not what another program would make of them, and how many tensors each changed.
package struct AppliedDecisions: Hashable, Sendable {
    /// One decision.
    package struct Entry: Hashable, Sendable {
        /// What was decided.
        package let decision: MergeDecision
        /// What the other program computes.
        package let words: String
        /// The releases whose numbers can be had where they are not those computed here.
        package let releases: [MergeRelease]
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
    ///   - plan: Whose numbers are wanted, and the dtype of the merge where the recipe gives one; otherwise it is the
    ///     tensor's.
    mutating func add(_ tensor: PreparedTensor, of plan: Plan) {
        guard let emulation = plan.methods.emulation else { return }
        let settings = plan.settings
        let dtype = settings.computeDType ?? tensor.numbers.tensor.tensor.spec.dtype
        for decision in tensor.evaluator.appliedDecisions {
            let isTold =
                settings.compatibility.map { emulation.lacks(decision, in: $0, dtype) }
                ?? (emulation.mayDepart(from: decision, in: dtype) && decision.subject != .draws)
            guard isTold else { continue }
            if let known = entries.firstIndex(where: { $0.decision == decision }) {
                entries[known].tensorCount += 1
            } else {
                let entry = Entry(
                    decision: decision,
                    words: emulation.words(for: decision),
                    releases: emulation.reproducing([decision]),
                    example: tensor.numbers.tensor.tensor.spec.name,
                    tensorCount: 1
                )
                entries.append(entry)
            }
        }
    }
}
