import SutureTensors
import Testing

@testable import SutureKernels

/// Whatever processor a merge runs on, its bytes are the same.
@Suite struct InstructionSetTests {
    @Test func theBaselineIsEverywhere() {
        #expect(InstructionSet.available.first == .baseline)
        #expect(InstructionSet.available.contains(.current))
    }

    #if arch(x86_64)
        @Test(arguments: [
            ("fpu sse2", false, false), ("", false, false),
            ("avx avx2 bmi1 bmi2 f16c fma abm movbe xsave", true, false),
            ("avx avx2 bmi1 bmi2 f16c fma abm movbe xsave avx512f avx512bw avx512cd avx512dq avx512vl", true, true),
            ("avx avx2 bmi1 bmi2 f16c fma abm movbe xsave avx512f avx512bw avx512cd avx512dq", true, false),
            ("bmi1 bmi2 f16c fma abm movbe avx512f avx512bw avx512cd avx512dq avx512vl", false, false),
        ])
        func aLevelNeedsAllThatTheSystemNames(_ flags: String, _ hasV3: Bool, _ hasV4: Bool) {
            let processor = Processor(flags: flags)
            #expect(processor.hasV3 == hasV3)
            #expect(processor.hasV4 == hasV4)
        }
    #endif

    @Test(arguments: InstructionSet.available, Loop.all)
    func everyLoopGivesTheBitsOfTheBaseline(_ set: InstructionSet, _ loop: Loop) {
        for count in [0, 1, 7, 8, 15, 16, 17, 63, 256, 1000] {
            let expected = loop.run(InstructionSet.baseline.loops, Numbers(count: count))
            #expect(loop.run(set.loops, Numbers(count: count)) == expected, "\(count) elements")
        }
    }

    /// Rows of numbers of all sizes and signs, zeros and numbers that are none among them.
    struct Numbers {
        let a, b, c: [Float]

        init(count: Int) {
            var state: UInt64 = 7
            func next() -> Float {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                let bits = UInt32(truncatingIfNeeded: state >> 32)
                return bits % 11 == 0 ? (bits % 2 == 0 ? -0.0 : 0) : Float(bitPattern: bits)
            }
            func row() -> [Float] { (0..<count).map { _ in next() } }
            (a, b, c) = (row(), row(), row())
        }
    }

    /// A loop, and the bits that it leaves.
    struct Loop: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let run: @Sendable (any LoopSet.Type, Numbers) -> [UInt64]

        init(_ name: String, _ run: @escaping @Sendable (any LoopSet.Type, Numbers) -> [UInt64]) {
            testDescription = name
            self.run = run
        }

        /// A loop that changes a row.
        init(
            _ name: String,
            changing change: @escaping @Sendable (any LoopSet.Type, Numbers, inout MutableSpan<Float>) -> Void
        ) {
            self.init(name) { loops, numbers in
                var row = numbers.c
                var span = row.mutableSpan
                change(loops, numbers, &span)
                return row.map { bits($0) }
            }
        }

        /// A loop that changes two rows.
        init(
            _ name: String,
            changingTwo change:
                @escaping @Sendable (any LoopSet.Type, Numbers, inout MutableSpan<Float>, inout MutableSpan<Float>)
                -> Void
        ) {
            self.init(name) { loops, numbers in
                var (row, other) = (numbers.c, numbers.b)
                var span = row.mutableSpan
                var second = other.mutableSpan
                change(loops, numbers, &span, &second)
                return (row + other).map { bits($0) }
            }
        }

        static let all: [Loop] =
            DType.allCases.filter(\.isDecodable).flatMap { conversions($0) } + [
                Loop("fill", changing: { loops, _, row in loops.fill(&row, with: 1.5) }),
                Loop("scale", changing: { loops, _, row in loops.scale(&row, by: 0.3) }),
                Loop("add", changing: { loops, numbers, row in loops.add(numbers.a.span, to: &row) }),
                Loop("subtract", changing: { loops, numbers, row in loops.subtract(numbers.a.span, from: &row) }),
                Loop("add times", changing: { loops, numbers, row in loops.add(numbers.a.span, times: 0.3, to: &row) }),
                Loop(
                    "combine 1",
                    changing: { loops, numbers, row in
                        loops.combine(numbers.a.span, times: 0.3, into: &row)
                    }
                ),
                Loop(
                    "combine 2",
                    changing: { loops, numbers, row in
                        loops.combine(numbers.a.span, times: 0.3, numbers.b.span, times: 0.7, into: &row)
                    }
                ),
                Loop(
                    "combine 3",
                    changing: { loops, numbers, row in
                        let c = numbers.c
                        loops.combine(
                            numbers.a.span,
                            times: 0.3,
                            numbers.b.span,
                            times: 0.7,
                            c.span,
                            times: 0.1,
                            into: &row
                        )
                    }
                ),
                Loop("dot") { loops, numbers in [bits(loops.dot(numbers.a.span, numbers.b.span))] },
                Loop("products") { loops, numbers in
                    let (first, mixed, second) = loops.products(numbers.a.span, numbers.b.span)
                    #expect(bits(mixed) == bits(loops.dot(numbers.a.span, numbers.b.span)))
                    #expect(bits(first) == bits(loops.dot(numbers.a.span, numbers.a.span)))
                    return [bits(first), bits(mixed), bits(second)]
                },
                Loop("sum of magnitudes") { loops, numbers in [bits(loops.sumOfMagnitudes(numbers.a.span))] },
                Loop("count around") { loops, numbers in
                    let counts = loops.countAround(numbers.a.span, upper: 0x5000_0000, lower: 0)
                    return [counts.above, counts.onUpper, counts.onLower].map { UInt64($0) }
                },
                Loop("find") { loops, numbers in
                    let piece = numbers.a.span.extracting(first: min(256, numbers.a.count))
                    var places = [UInt32](repeating: 0, count: 256)
                    var room = places.mutableSpan
                    let found = loops.find(piece, from: 0x3000_0000, width: 0x0800_0000, into: &room)
                    return places[..<found].map { UInt64($0) }
                },
                Loop(
                    "keep a window",
                    changing: { loops, _, row in
                        loops.keep(&row, in: 0..<row.count, below: 0x5000_0000, from: 0x2000_0000, times: 0.5)
                    }
                ),
                Loop(
                    "keep the largest",
                    changing: { loops, _, row in
                        loops.keep(&row, in: 0..<row.count, below: .max, from: 0x2000_0000, times: 0.5)
                    }
                ),
                Loop("draw") { loops, numbers in
                    var words = [UInt32](repeating: 0, count: 256)
                    var span = words.mutableSpan
                    loops.draw((1, 2), from: 0xffff_fff0 &+ UInt64(numbers.a.count), into: &span)
                    return words.map { UInt64($0) }
                },
                Loop(
                    "keep what is drawn",
                    changing: { loops, numbers, row in
                        let words = numbers.a.map(\.bitPattern)
                        loops.keep(
                            &row,
                            from: 0,
                            drawn: words.span,
                            shift: 16,
                            mask: 0xffff,
                            below: 0x8000,
                            times: 2
                        )
                    }
                ),
                Loop(
                    "add agreeing",
                    changingTwo: { loops, numbers, row, weights in
                        loops.addAgreeing(numbers.a.span, with: numbers.b.span, weight: 0.5, to: &row, &weights)
                    }
                ),
                Loop(
                    "sum agreeing of 2",
                    changingTwo: { loops, numbers, row, weights in
                        loops.sumAgreeing(numbers.a.span, numbers.b.span, weights: (0.5, 0.2), into: &row, &weights)
                    }
                ),
                Loop(
                    "sum agreeing of 3",
                    changingTwo: { loops, numbers, row, weights in
                        let c = numbers.c
                        let factors: (Float, Float, Float) = (0.5, 0.2, 0.1)
                        loops.sumAgreeing(
                            numbers.a.span,
                            numbers.b.span,
                            c.span,
                            weights: factors,
                            into: &row,
                            &weights
                        )
                    }
                ),
                Loop(
                    "divide",
                    changing: { loops, numbers, row in
                        loops.divide(&row, byWeights: numbers.a.span, atLeast: 1e-8, times: 0.5)
                    }
                ),
            ]

        private static func conversions(_ dtype: DType) -> [Loop] {
            let widening = Loop("widen \(dtype.rawValue)") { loops, numbers in
                let bytes = numbers.stored(dtype)
                var row = [Float](repeating: 0, count: numbers.whole(dtype))
                var span = row.mutableSpan
                loops.widen(bytes.span.bytes, dtype, into: &span)
                // Of two numbers that are none either may come out.
                return row.map { $0.isNaN ? .max : bits($0) }
            }
            let narrowing = Loop("narrow \(dtype.rawValue)") { loops, numbers in
                let whole = numbers.whole(dtype)
                var bytes = [UInt8](repeating: 0, count: dtype.block.bytes(of: 0..<whole).count)
                var span = bytes.mutableSpan
                var raw = span.mutableBytes
                loops.narrow(numbers.a.span.extracting(0..<whole), to: dtype, into: &raw, at: 0)
                return bytes.map { UInt64($0) }
            }
            let looking = Loop("look for nonfinite \(dtype.rawValue)") { loops, numbers in
                [loops.firstNonfinite(numbers.stored(dtype).span.bytes, dtype).map { UInt64($0) } ?? .max]
            }
            return [widening, looking] + (dtype.isBlendable ? [narrowing] : [])
        }
    }
}

extension InstructionSetTests.Numbers {
    /// As many numbers as a row has and whole blocks hold.
    fileprivate func whole(_ dtype: DType) -> Int { a.count / dtype.block.elementCount * dtype.block.elementCount }

    /// Bytes for ``whole(_:)`` numbers.
    fileprivate func stored(_ dtype: DType) -> [UInt8] {
        let bytes = (a + b).flatMap { number in (0..<4).map { UInt8(truncatingIfNeeded: number.bitPattern >> ($0 * 8)) }
        }
        return Array(bytes[..<dtype.block.bytes(of: 0..<whole(dtype)).count])
    }
}

private func bits(_ number: Float) -> UInt64 { UInt64(number.bitPattern) }

private func bits(_ number: Double) -> UInt64 { number.bitPattern }
