import SutureKernels
import Testing

@Suite("Sums and steps")
struct ArithmeticTests {
    static let counts = Array(0...20) + [1027]
    static let roundings: [StepRounding] = [.none, .bfloat16, .float16]

    private func numbers(_ count: Int, _ seed: Int) -> [Float] {
        (0..<count).map { Float(($0 * 7919 + seed * 104_729) % 1009 - 504) * 0.0117 }
    }

    @Test("inner products are those of double precision", arguments: counts)
    func innerProducts(_ count: Int) {
        let (a, b) = (numbers(count, 1), numbers(count, 2))
        let exact = zip(a, b).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
        #expect(abs(dot(a.span, b.span) - exact) <= 1e-12 * Double(count + 1))
        let rounded = zip(a, b).reduce(0.0) { $0 + Double(StepRounding.bfloat16($1.0 * $1.1)) }
        #expect(abs(dot(a.span, b.span, .bfloat16) - rounded) <= 1e-9)
        let sum = a.reduce(0.0) { $0 + Double(abs($1)) }
        #expect(abs(sumOfMagnitudes(a.span) - sum) <= 1e-10)
    }

    @Test("steps are rounded one by one", arguments: roundings, counts)
    func steps(_ rounding: StepRounding, _ count: Int) {
        let (a, b) = (numbers(count, 3), numbers(count, 4))

        func changed(_ body: (inout MutableSpan<Float>) -> Void) -> [Float] {
            var values = a
            var span = values.mutableSpan
            body(&span)
            return values
        }
        let pairs = zip(a, b)
        #expect(changed { add(b.span, to: &$0, rounding) } == pairs.map { rounding($0 + $1) })
        #expect(changed { subtract(b.span, from: &$0, rounding) } == pairs.map { rounding($0 - $1) })
        #expect(changed { scale(&$0, by: 0.3, rounding) } == a.map { rounding($0 * 0.3) })
        #expect(changed { divide(&$0, by: 0.3, rounding) } == a.map { rounding($0 / 0.3) })
        #expect(changed { add(b.span, times: 0.3, to: &$0, rounding) } == pairs.map { $0 + rounding($1 * 0.3) })
        #expect(
            changed { combine(a.span, times: 0.3, b.span, times: 0.7, into: &$0, rounding) }
                == pairs.map { rounding($0 * 0.3) + rounding($1 * 0.7) }
        )
    }

    @Test("one sweep elects as several do", arguments: [2, 3])
    func election(_ inputCount: Int) {
        let count = 1003
        // Products with 0 and −1 give zeros of both signs.
        let rows = (0..<inputCount).map { input in numbers(count, input).map { $0 * Float((Int($0 * 100)) % 3 - 1) } }
        let weights: [Float] = [0.5, 0.25, -1]
        var votes = [Float](repeating: 0, count: count)
        var (sum, agreed) = (votes, votes)
        var voteSpan = votes.mutableSpan
        for row in rows { add(row.span, to: &voteSpan) }
        for (row, weight) in zip(rows, weights) {
            var a = sum.mutableSpan
            var b = agreed.mutableSpan
            addAgreeing(row.span, with: votes.span, weight: weight, to: &a, &b)
        }
        var (quickSum, quickAgreed) = (rows[0], rows[0])
        var a = quickSum.mutableSpan
        var b = quickAgreed.mutableSpan
        let (first, second, last) = (rows[0], rows[1], rows[inputCount - 1])
        if inputCount == 2 {
            sumAgreeing(first.span, second.span, weights: (0.5, 0.25), into: &a, &b)
        } else {
            sumAgreeing(first.span, second.span, last.span, weights: (0.5, 0.25, -1), into: &a, &b)
        }
        #expect(quickSum == sum && quickAgreed == agreed)
    }

    @Test("a row is no distance from itself, and further from others the more they differ")
    func divergence() {
        let row = numbers(257, 5)
        let near = row.enumerated().map { $1 + ($0 % 2 == 0 ? 0.01 : 0) }
        let far = row.enumerated().map { $1 + ($0 % 2 == 0 ? 1 : 0) }
        #expect(abs(softmaxDivergence(of: row.span, from: row.span)) <= 1e-15)
        let (small, large) = (
            softmaxDivergence(of: near.span, from: row.span), softmaxDivergence(of: far.span, from: row.span)
        )
        #expect(small > 0 && large > 100 * small)
        #expect(abs(Double(softmaxDivergence(of: far.span, from: row.span, steps: .none)) - large) <= 1e-5)
    }
}
