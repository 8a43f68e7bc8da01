import Testing

@testable import SutureKernels

@Suite("Random numbers")
struct PhiloxTests {
    /// The known answers that come with the generator's reference implementation.
    @Test("gives the known answers")
    func knownAnswers() {
        let answers: [(counter: UInt64, key: (UInt32, UInt32), first: [UInt32])] = [
            (0, (0, 0), [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8])
        ]
        for answer in answers {
            var draws = Draws()
            Philox(key: answer.key).draw(group: answer.counter, into: &draws)
            #expect((0..<4).map { draws.words[64 * $0] } == answer.first)
        }
    }

    @Test("a block draws what the tensor draws there", arguments: [0.5, 0.75, 0.625, 0.9, 0.123_456_789, 0.000_01])
    func blocksAgree(_ probability: Double) {
        let generator = Philox(RandomKey(seed: 3, node: "n", tensor: "t"), input: 1)
        func drawn(_ elements: Range<Int>) -> [Float] {
            var values = [Float](repeating: 1, count: elements.count)
            var span = values.mutableSpan
            keepRandomly(&span, at: elements, probability: probability, generator)
            return values
        }
        let whole = drawn(0..<20_000)
        for range in [0..<1, 7..<300, 255..<257, 511..<513, 1000..<5000, 8191..<8200, 9000..<20_000] {
            #expect(drawn(range) == Array(whole[range]))
        }
    }

    @Test("keeps as many as it should, to four deviations", arguments: [0.5, 0.25, 0.8125, 0.1, 0.9, 0.001, 0.999])
    func keepRate(_ probability: Double) {
        let count = 200_000
        for input in 0..<3 {
            var values = [Float](repeating: 1, count: count)
            var span = values.mutableSpan
            let key = RandomKey(seed: 11, node: "n", tensor: "t")
            keepRandomly(&span, at: 0..<count, probability: probability, Philox(key, input: input))
            let kept = Double(values.count { $0 == 1 })
            let deviation = (Double(count) * probability * (1 - probability)).squareRoot()
            #expect(abs(kept - Double(count) * probability) <= 4 * deviation)
            #expect(abs(drawnProbability(probability) - probability) <= 1e-3 * min(probability, 1 - probability))
        }
    }

    @Test("draws of few bits decide apart, those of one word among them", arguments: [0.5, 0.75, 0.0625])
    func neighbours(_ probability: Double) {
        let count = 1 << 18
        var kept = [Float](repeating: 1, count: count)
        var span = kept.mutableSpan
        let key = RandomKey(seed: 4, node: "n", tensor: "t")
        keepRandomly(&span, at: 0..<count, probability: probability, Philox(key, input: 0))
        // Elements next to each other, those that share a counter, and those that share a word.
        for distance in [1, 2, 64, 128, 256, 512, 1024, 4096, 8192] {
            let pairs = count - distance
            let both = Double((0..<pairs).count { kept[$0] == 1 && kept[$0 + distance] == 1 })
            let expected = probability * probability
            let deviation = (Double(pairs) * expected * (1 - expected)).squareRoot()
            // Pairs overlap, which makes the count of both deviate up to twice as much.
            #expect(abs(both - Double(pairs) * expected) <= 8 * deviation, "\(distance) apart")
        }
    }

    @Test("seeds, nodes, tensors and inputs draw apart")
    func drawApart() {
        let keys = [
            (RandomKey(seed: 1, node: "n", tensor: "t"), 0), (RandomKey(seed: 2, node: "n", tensor: "t"), 0),
            (RandomKey(seed: 1, node: "m", tensor: "t"), 0), (RandomKey(seed: 1, node: "n", tensor: "u"), 0),
            (RandomKey(seed: 1, node: "n", tensor: "t"), 1), (RandomKey(seed: 1, node: "nt", tensor: ""), 0),
            (RandomKey(seed: 1, node: "n", tensor: "t", inputs: ["a", "b"]), 0),
            (RandomKey(seed: 1, node: "n", tensor: "t", inputs: ["a", "a"]), 1),
        ]
        let count = 20_000
        let masks = keys.map { key, input in
            var values = [Float](repeating: 1, count: count)
            var span = values.mutableSpan
            keepRandomly(&span, at: 0..<count, probability: 0.5, Philox(key, input: input))
            return values
        }
        for (i, a) in masks.enumerated() {
            for b in masks[..<i] {
                // Half the elements agree by chance; the deviation is √n / 2.
                let agreeing = Double(zip(a, b).count { $0 == $1 })
                #expect(abs(agreeing - Double(count) / 2) <= 2.5 * Double(count).squareRoot())
            }
        }
    }

    @Test("an input's draws follow its name, not its place")
    func followNames() {
        let key = RandomKey(seed: 1, node: "n", tensor: "t", inputs: ["a", "b"])
        let reversed = RandomKey(seed: 1, node: "n", tensor: "t", inputs: ["b", "a"])
        #expect(key.words(input: 0) == reversed.words(input: 1))
        #expect(key.words(input: 0) != key.words(input: 1))
    }

    @Test("own probabilities keep the expected value")
    func ownProbabilities() {
        let count = 200_000
        let probabilities = (0..<count).map { 0.1 + 0.8 * Float($0 % 100) / 99 }
        var values = [Float](repeating: 1, count: count)
        var span = values.mutableSpan
        let generator = Philox(RandomKey(seed: 5, node: "n", tensor: "t"), input: 0)
        keepRandomly(&span, at: 0..<count, probabilities: probabilities.span, divides: true, generator)
        let mean = values.reduce(0) { $0 + Double($1) } / Double(count)
        let variance = probabilities.reduce(0) { $0 + Double(1 / $1 - 1) } / Double(count)
        #expect(abs(mean - 1) <= 4 * (variance / Double(count)).squareRoot())
    }
}
