import SutureKernels
import SutureTensors
import Testing

@Suite("Widening and rounding")
struct ConvertTests {
    static let dtypes = DType.allCases.filter { $0.isPlainFloat }

    @Test("every 16-bit pattern widens to its value", arguments: [DType.bfloat16, .float16])
    func everyPatternWidens(_ dtype: DType) {
        let patterns = (0...UInt16.max).map { $0 }
        let widened = widen(patterns.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8($0 >> 8)] }, dtype)
        for (pattern, value) in zip(patterns, widened) {
            let expected =
                dtype == .float16
                ? slowValue(Int(pattern), exponentBits: 5, fractionBits: 10)
                : slowValue(Int(pattern), exponentBits: 8, fractionBits: 7)
            #expect(value.isNaN == expected.isNaN && (value.isNaN || Double(value) == expected))
            #expect(value.sign == (pattern >> 15 == 0 ? .plus : .minus))
        }
    }

    @Test("every 16-bit pattern survives both ways, a NaN as a NaN", arguments: [DType.bfloat16, .float16])
    func everyPatternSurvives(_ dtype: DType) {
        let bytes = (0...UInt16.max).flatMap { [UInt8(truncatingIfNeeded: $0), UInt8($0 >> 8)] }
        let values = widen(bytes, dtype)
        let back = narrow(values, dtype)
        for (i, value) in values.enumerated() {
            let same = back[2 * i] == bytes[2 * i] && back[2 * i + 1] == bytes[2 * i + 1]
            #expect(value.isNaN ? widen(Array(back[(2 * i)..<(2 * i + 2)]), dtype)[0].isNaN : same)
        }
    }

    @Test("every 8-bit pattern widens to its value and survives", arguments: [DType.float8E4M3, .float8E5M2])
    func everyBytePattern(_ dtype: DType) {
        let bytes = (0...UInt8.max).map { $0 }
        let values = widen(bytes, dtype)
        let back = narrow(values, dtype)
        for (i, value) in values.enumerated() {
            let isE4M3 = dtype == .float8E4M3
            // E4M3 has no infinity, and of its largest exponent only one pattern is NaN.
            let expected =
                isE4M3
                ? (i & 0x7f == 0x7f ? .nan : slowValue(i, exponentBits: 4, fractionBits: 3, hasInfinity: false))
                : slowValue(i, exponentBits: 5, fractionBits: 2)
            #expect(value.isNaN == expected.isNaN && (value.isNaN || Double(value) == expected))
            if !value.isNaN { #expect(back[i] == bytes[i]) } else { #expect(widen([back[i]], dtype)[0].isNaN) }
        }
    }

    @Test("rounds to the nearest, ties to even", arguments: dtypes)
    func roundsToNearest(_ dtype: DType) {
        guard dtype.bitWidth < 32 else { return }
        // Every stored number, its neighbour, and what lies between them.
        let limit = 1 << (dtype.bitWidth - 1)
        let patterns = (0..<limit).flatMap { pattern in
            dtype.bitWidth == 8 ? [UInt8(pattern)] : [UInt8(pattern & 255), UInt8(pattern >> 8)]
        }
        let values = widen(patterns, dtype)
        for pattern in 0..<(limit - 1) where values[pattern].isFinite && values[pattern + 1].isFinite {
            let (low, high) = (values[pattern], values[pattern + 1])
            let middle = low + (high - low) / 2
            let even = pattern & 1 == 0 ? low : high
            let rounded = widen(narrow([middle.nextDown, middle, middle.nextUp], dtype), dtype)
            #expect(rounded == [low, even, high], "\(low) and \(high)")
        }
    }

    @Test("what is too large is infinite, or NaN where there is no infinity", arguments: dtypes)
    func tooLarge(_ dtype: DType) {
        let values = widen(narrow([.greatestFiniteMagnitude, -.greatestFiniteMagnitude, .infinity], dtype), dtype)
        switch dtype {
        case .float32, .float64: #expect(values[0] == .greatestFiniteMagnitude && values[2] == .infinity)
        case .float8E4M3: #expect(values.allSatisfy { $0.isNaN })
        default: #expect(values == [.infinity, -.infinity, .infinity])
        }
    }

    @Test("any count, at any offset", arguments: dtypes)
    func anyCount(_ dtype: DType) {
        let width = dtype.bitWidth / 8
        for count in Array(0...9) + [1027] {
            let values = (0..<count).map { Float($0 % 17) - 8 }
            var bytes = [UInt8](repeating: 0xaa, count: count * width + 3)
            var span = bytes.mutableSpan
            var raw = span.mutableBytes
            SutureKernels.narrow(values.span, to: dtype, into: &raw, at: 3)
            #expect(Array(bytes[..<3]) == [0xaa, 0xaa, 0xaa])
            #expect(widen(Array(bytes[3...]), dtype) == values)
        }
    }

    @Test("finds the first number that is not finite", arguments: dtypes, [0, 1, 511, 1023, 1024, 2600])
    func firstNonfinite(_ dtype: DType, place: Int) {
        var values = (0..<3000).map { Float($0 % 100) - 50 }
        #expect(SutureKernels.firstNonfinite(narrow(values, dtype).span.bytes, dtype) == nil)
        values[place] = .nan
        values[2999] = .nan
        #expect(SutureKernels.firstNonfinite(narrow(values, dtype).span.bytes, dtype) == place)
        values[place] = -.infinity
        #expect(SutureKernels.firstNonfinite(narrow(values, dtype).span.bytes, dtype) == place)
    }

    @Test("rounding in place is rounding and widening again", arguments: dtypes)
    func roundingInPlace(_ dtype: DType) {
        let values = (0..<2000).map { Float($0 - 1000) * 0.0137 }
        var rounded = values
        var span = rounded.mutableSpan
        round(&span, to: dtype)
        #expect(rounded == widen(narrow(values, dtype), dtype))
    }
}

/// The value of a pattern of sign, exponent and fraction, worked out as the formats define it.
private func slowValue(
    _ pattern: Int,
    exponentBits: Int,
    fractionBits: Int,
    hasInfinity: Bool = true
) -> Double {
    let fraction = Double(pattern & (1 << fractionBits - 1)) / Double(1 << fractionBits)
    let exponent = pattern >> fractionBits & (1 << exponentBits - 1)
    let sign = pattern >> (fractionBits + exponentBits) & 1 == 0 ? 1.0 : -1.0
    let bias = 1 << (exponentBits - 1) - 1
    if hasInfinity, exponent == 1 << exponentBits - 1 { return fraction == 0 ? sign * .infinity : .nan }
    if exponent == 0 { return sign * fraction * power(1 - bias) }
    return sign * (1 + fraction) * power(exponent - bias)
}

private func power(_ exponent: Int) -> Double { Double(sign: .plus, exponent: exponent, significand: 1) }

/// Stored numbers as `Float`.
func widen(_ bytes: [UInt8], _ dtype: DType) -> [Float] {
    var values = [Float](repeating: 0, count: bytes.count / dtype.block.byteCount * dtype.block.elementCount)
    var span = values.mutableSpan
    SutureKernels.widen(bytes.span.bytes, dtype, into: &span)
    return values
}

/// Numbers as they are stored.
func narrow(_ values: [Float], _ dtype: DType) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: dtype.block.bytes(of: 0..<values.count).count)
    var span = bytes.mutableSpan
    var raw = span.mutableBytes
    SutureKernels.narrow(values.span, to: dtype, into: &raw)
    return bytes
}
