import SutureKernels
import SutureTensors
import Testing

@testable import SutureMerging

@Suite("Ranks of a tensor")
struct SelectionTests {
    /// Kinds of numbers that are hard to rank: continuous, tied in steps, tied and mostly zero, all equal, and such
    /// that the sample sees none of what matters.
    enum Kind: CaseIterable {
        case continuous
        case stepped
        case sparse
        case equal
        case clustered
    }

    private func numbers(_ kind: Kind, _ count: Int) -> [Float] {
        var generator = SplitMix(seed: 9)
        return (0..<count).map { i in
            switch kind {
            case .continuous: generator.normal()
            case .stepped: (generator.normal() * 4).rounded() / 4
            case .sparse: i % 11 == 0 ? (generator.normal() * 2).rounded() : 0
            case .equal: i % 2 == 0 ? 3 : -3
            case .clustered: i < count / 3 ? generator.normal() * 1e-3 : (i / 4096 % 7 == 0 ? 5 : 1)
            }
        }
    }

    /// Runs a selection over blocks of a tensor, as a survey would.
    private func cuts(_ ranks: [Int], of values: [Float], _ selection: MagnitudeSelection) -> [MagnitudeCut] {
        var selection = selection
        while let pass = selection.pending {
            var total = MergeStatistics(for: pass)
            for part in pass.elements ?? [0..<values.count] {
                for start in stride(from: part.lowerBound, to: part.upperBound, by: 1024) {
                    let block = start..<min(start + 1024, part.upperBound)
                    let piece = Array(values[block])
                    selection.survey(piece.span, of: 0, at: block, adding: &total)
                }
            }
            selection.absorb(total)
        }
        return selection.cuts
    }

    @Test("are found to the element", arguments: Kind.allCases, [1, 5, 3000, 70_000, 150_000])
    func found(_ kind: Kind, count: Int) {
        let values = numbers(kind, count)
        let order = values.indices.sorted { (magnitude(values[$0]), $1) > (magnitude(values[$1]), $0) }
        let ranks = [0, 1, count / 7, count / 2, count - 1, count]
        let selection = MagnitudeSelection(ranks: ranks.map { (0, $0) }, tensorCount: 1, elementCount: count)
        for (rank, cut) in zip(ranks, cuts(ranks, of: values, selection)) {
            expectSplit(cut, rank, values, order)
        }
    }

    @Test("are found by digits alone", arguments: Kind.allCases)
    func foundByDigits(_ kind: Kind) {
        let count = 20_000
        let values = numbers(kind, count)
        let order = values.indices.sorted { (magnitude(values[$0]), $1) > (magnitude(values[$1]), $0) }
        let ranks = [1, count / 7, count / 2, count - 1]
        var digits = DigitSelection(ranks.map { .init(tensor: 0, rank: $0) }, 1, count, true)
        while let pass = digits.pending {
            var total = MergeStatistics(for: pass)
            for part in pass.elements ?? [0..<count] {
                for start in stride(from: part.lowerBound, to: part.upperBound, by: 1024) {
                    let block = start..<min(start + 1024, part.upperBound)
                    let piece = Array(values[block])
                    digits.survey(piece.span, of: 0, at: block, adding: &total)
                }
            }
            digits.absorb(total)
        }
        for (rank, cut) in zip(ranks, digits.cuts) { expectSplit(cut, rank, values, order) }
    }

    /// A cut keeps exactly the first elements of the order; among zeros it does not matter which.
    private func expectSplit(_ cut: MagnitudeCut, _ rank: Int, _ values: [Float], _ order: [Int]) {
        var kept = values
        var span = kept.mutableSpan
        keep(&span, at: 0..<values.count, to: cut)
        let wanted = Set(order[..<rank])
        let isSplit = values.indices.allSatisfy { kept[$0] == (wanted.contains($0) ? values[$0] : 0) }
        #expect(isSplit, "rank \(rank)")
    }
}
