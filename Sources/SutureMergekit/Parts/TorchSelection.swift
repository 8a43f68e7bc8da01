import SutureKernels
import SutureMerging

/// Finds which elements of tensors mergekit keeps, of equal magnitudes the ones that torch leaves in front.
///
/// It collects the magnitudes of one tensor after another whole. Larger tensors than ``largestCount`` are left to
/// ``MagnitudeSelection``, which keeps the first of equal magnitudes.
struct TorchSelection: Sendable {
    /// The most elements of a tensor that is collected whole.
    static let largestCount = 1 << 24

    /// Which sort of torch tells what is kept.
    enum Order: Sendable {
        /// Sorted, the largest first.
        case descending

        /// Sorted, the smallest first.
        case ascending

        /// The largest, selected by `topk`.
        case selected
    }

    /// What is looked for in one tensor.
    struct Search: Sendable {
        /// Which of the tensors.
        let tensor: Int

        /// The places in the order whose elements are kept; of `topk`, the first.
        let kept: Range<Int>
    }

    /// What was found, in the order of the searches; complete when nothing is pending.
    private(set) var found: [ElementSet] = []

    private let searches: [Search]
    private let order: Order
    private let elementCount: Int

    /// Looks for elements of tensors of that many elements.
    init(_ searches: [Search], _ order: Order, elementCount: Int) {
        self.searches = searches
        self.order = order
        self.elementCount = elementCount
    }

    /// The number of passes.
    var passCount: Int { searches.count }

    /// The bytes that a pass collects and that are kept of it.
    var collectedByteCount: Int {
        guard !searches.isEmpty else { return 0 }
        // A list that grows has room for twice as many, and is copied while it grows or is put in order.
        return elementCount * 4 * MemoryLayout<UInt64>.stride + searches.count * (elementCount / 8 + 8)
    }

    /// The next pass, or `nil` when all is found.
    var pending: SurveyPass? { found.count < searches.count ? SurveyPass(lists: 1) : nil }

    /// The tensor that the pending pass wants to see.
    var pendingTensor: Int { searches[found.count].tensor }

    /// Looks at one block of the pending tensor.
    func survey(_ values: Span<Float>, at elements: Range<Int>, adding statistics: inout MergeStatistics) {
        _ = gather(values, from: elements.lowerBound, in: .all, into: &statistics.lists[0])
    }

    /// Takes what the pending pass collected.
    mutating func absorb(_ statistics: MergeStatistics) {
        let kept = searches[found.count].kept
        var keys = statistics.lists[0]
        if order == .ascending {
            for i in keys.indices { keys[i] ^= 0x7fff_ffff << 32 }
        }
        var sorted = LibraryOrder(keys)
        keys = []
        if order == .selected {
            sorted.select(min(kept.upperBound, sorted.keys.count))
        } else {
            sorted.sort(around: [kept.lowerBound, kept.upperBound])
        }
        var set = ElementSet(elementCount: elementCount)
        for key in sorted.keys[kept.clamped(to: 0..<sorted.keys.count)] {
            set.insert(Int(UInt32.max &- UInt32(truncatingIfNeeded: key)))
        }
        found.append(set)
    }
}
