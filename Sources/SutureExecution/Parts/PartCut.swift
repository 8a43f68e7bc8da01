import SuturePlanning

/// Where a plan is cut into parts: between tensors, so that every part takes about as much work.
///
/// The same plan is cut at the same places on every machine. A tensor lies in one part as a whole, and a file's header
/// with the first of its tensors.
struct PartCut: Hashable, Sendable {
    /// The tensors of each part, as ranges of the plan's.
    let tensors: [Range<Int>]

    /// Cuts a plan that has passed ``PlanGuard``.
    ///
    /// - Throws: ``ExecutionError`` where a tensor cannot be computed, so that nobody knows what it costs.
    init(_ plan: Plan, count: Int) throws(ExecutionError) {
        guard count > 1 else {
            tensors = [plan.tensors.indices]
            return
        }
        // Sums of the work before each tensor, and of all.
        var sums = [0]
        sums.reserveCapacity(plan.tensors.count + 1)
        for tensor in plan.tensors { sums.append(sums[sums.count - 1] + (try tensor.work(in: plan))) }
        let places = Places(plan: plan, sums: sums)
        var tensors: [Range<Int>] = []
        var start = 0
        for number in 1...count {
            let end = number == count ? plan.tensors.count : max(start, places.best(number, of: count))
            tensors.append(start..<end)
            start = end
        }
        self.tensors = tensors
    }

    /// The bytes of the output's files that a part writes, file by file.
    func stretches(of part: Part, in plan: Plan) -> [Stretch] {
        let own = tensors[part.number - 1]
        // Whatever lies behind the last tensor belongs to the last part.
        let end = part.number == part.count ? Int.max : own.upperBound
        return plan.shards.indices.compactMap { number in
            let shard = plan.shards[number]
            let range = shard.start(of: own.lowerBound, in: plan)..<shard.start(of: end, in: plan)
            return range.isEmpty ? nil : Stretch(shard: number, range: range)
        }
    }
}

extension Plan.Shard {
    /// The first byte of the file that does not belong to what lies before a tensor.
    fileprivate func start(of tensor: Int, in plan: Plan) -> Int {
        if tensor <= tensors.lowerBound { return 0 }
        return tensor < tensors.upperBound ? plan.tensors[tensor].offset : byteCount
    }
}

/// The places where a plan can be cut.
private struct Places {
    let plan: Plan
    let sums: [Int]

    /// The tensor that a part begins with that ends `number` of `count` equal shares.
    ///
    /// Near the even share, the start of a file is best and the start of a block second: two machines then never write
    /// to one block, which some network file systems are slow at.
    func best(_ number: Int, of count: Int) -> Int {
        let total = sums[sums.count - 1]
        let share = total / count
        let target = share * number + total % count * number / count
        let slack = share / 20
        var low = firstPlace(notBefore: target - slack)
        // One place on each side of the even share, however far they are.
        low = max(0, min(low, firstPlace(notBefore: target) - 1))
        var best = low
        var place = low
        while place < sums.count {
            if isBetter(place, than: best, target, slack) { best = place }
            if sums[place] > target + slack { break }
            place += 1
        }
        return best
    }

    private func isBetter(_ place: Int, than other: Int, _ target: Int, _ slack: Int) -> Bool {
        let ranks = (rank(place, target, slack), rank(other, target, slack))
        if ranks.0 != ranks.1 { return ranks.0 < ranks.1 }
        return abs(sums[place] - target) < abs(sums[other] - target)
    }

    private func rank(_ place: Int, _ target: Int, _ slack: Int) -> Int {
        guard abs(sums[place] - target) <= slack else { return 3 }
        guard place < plan.tensors.count else { return 0 }
        let tensor = plan.tensors[place]
        if plan.shards[tensor.shard].tensors.lowerBound == place { return 0 }
        return tensor.offset % SharedBlocks.blockByteCount == 0 ? 1 : 2
    }

    private func firstPlace(notBefore sum: Int) -> Int {
        var low = 0
        var high = sums.count - 1
        while low < high {
            let middle = (low + high) / 2
            if sums[middle] < sum { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
