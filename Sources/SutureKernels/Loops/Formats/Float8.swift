/// Eight bits of which 4 are exponent and 3 fraction (OCP E4M3): no infinities, one NaN of each sign.
struct Float8E4M3: StoredScalar {
    static func firstNonfinite(_ source: RawSpan) -> Int? { first(of: source, from: 0x7f as UInt8) }

    let bits: UInt8

    var widened: Float {
        let magnitude = UInt32(bits & 0x7f)
        let scaled = (Float(bitPattern: magnitude << 20) * 0x1p120).bitPattern
        return Float(bitPattern: (magnitude == 0x7f ? 0x7fc0_0000 : scaled) | UInt32(bits & 0x80) << 24)
    }

    /// Rounds; what is too large becomes NaN, as the format has no infinity.
    init(rounding value: Float) {
        let pattern = value.bitPattern
        let magnitude = pattern & 0x7fff_ffff
        let subnormal = (Float(bitPattern: magnitude) + 0x1p14).bitPattern &- 0x4680_0000
        let normal = (magnitude &- 0x3c00_0000 &+ 0x7_ffff &+ (magnitude >> 20 & 1)) >> 20
        let finite = magnitude < 0x3c80_0000 ? subnormal : normal
        let result = magnitude >= 0x43f0_0000 ? 0x7f : finite
        bits = UInt8(truncatingIfNeeded: result | (pattern >> 24 & 0x80))
    }
}

/// Eight bits of which 5 are exponent and 2 fraction (OCP E5M2): the upper half of a binary16.
struct Float8E5M2: StoredScalar {
    static func firstNonfinite(_ source: RawSpan) -> Int? { first(of: source, from: 0x7c as UInt8) }

    let bits: UInt8

    var widened: Float { Half(bits: UInt16(bits) << 8).widened }

    init(rounding value: Float) {
        let pattern = value.bitPattern
        let magnitude = pattern & 0x7fff_ffff
        let subnormal = (Float(bitPattern: magnitude) + 0x1p7).bitPattern &- 0x4300_0000
        let normal = (magnitude &- 0x3800_0000 &+ 0xf_ffff &+ (magnitude >> 21 & 1)) >> 21
        let finite = magnitude < 0x3880_0000 ? subnormal : normal
        let special: UInt32 = magnitude > 0x7f80_0000 ? 0x7f : 0x7c
        let result = magnitude >= 0x4780_0000 ? special : finite
        bits = UInt8(truncatingIfNeeded: result | (pattern >> 24 & 0x80))
    }
}

/// A power of two of which the exponent is stored (OCP E8M0), `2^(e - 127)`, and NaN for 255: a scale and no weight.
struct Float8E8M0: BlockFormat {
    static var elementCount: Int { 1 }
    static var byteCount: Int { 1 }

    static func widen(_ block: StoredBytes, into numbers: inout MutableSpan<Float>, at first: Int) {
        let exponent = block[0]
        let power = exponent == 0 ? 0x0040_0000 : UInt32(exponent) << 23
        numbers[first] = Float(bitPattern: exponent == 255 ? 0x7fc0_0000 : power)
    }

    static func isFinite(_ block: StoredBytes) -> Bool { block[0] != 255 }
}
