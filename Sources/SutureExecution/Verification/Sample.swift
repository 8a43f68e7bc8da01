import SutureCheckpoints
package import SuturePlanning
import SutureTensors

/// A part of a plan's tensors, chosen by chance that a seed makes the same each time.
package struct Sample: Hashable, Sendable {
    /// The share of bytes that is wanted, above 0 and at most 1.
    package let share: Double

    /// What the choice hangs on.
    package let seed: Int

    /// Creates a sample; `nil` where the share is none.
    package init?(share: Double, seed: Int) {
        guard share > 0, share <= 1 else { return nil }
        self.share = share
        self.seed = seed
    }

    /// Reads `all` or a share such as `1%`; `nil` where the text is neither.
    package init?(_ text: String, seed: Int) {
        if text == "all" {
            self.init(share: 1, seed: seed)
        } else {
            guard text.hasSuffix("%"), let percent = Double(text.dropLast()) else { return nil }
            self.init(share: percent / 100, seed: seed)
        }
    }

    /// The tensors, by their numbers in the plan: as few as have the share of bytes, and at least one.
    package func tensors(of plan: Plan) -> [Int] {
        let wanted = Double(plan.tensorByteCount) * share
        guard share < 1 else { return Array(plan.tensors.indices) }
        let ranked = plan.tensors.indices.map { index in
            (index, ContentHash(of: "\(seed) \(plan.tensors[index].spec.name)"))
        }.sorted { ($0.1.high, $0.1.low) < ($1.1.high, $1.1.low) }
        var chosen: [Int] = []
        var bytes = 0
        for (index, _) in ranked where chosen.isEmpty || Double(bytes) < wanted {
            chosen.append(index)
            bytes += plan.tensors[index].spec.byteCount
        }
        return chosen.sorted()
    }
}
