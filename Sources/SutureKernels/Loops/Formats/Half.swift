/// IEEE binary16, by integer steps: without F16C the standard library's `Float16` is a call for each element.
struct Half: StoredScalar {
    let bits: UInt16

    var widened: Float {
        let magnitude = UInt32(bits & 0x7fff) << 13
        let scaled = (Float(bitPattern: magnitude) * 0x1p112).bitPattern
        let pattern = magnitude >= 0x7c00 << 13 ? magnitude | 0x7f80_0000 : scaled
        return Float(bitPattern: pattern | UInt32(bits & 0x8000) << 16)
    }

    init(bits: UInt16) {
        self.bits = bits
    }

    init(rounding value: Float) {
        let pattern = value.bitPattern
        let magnitude = pattern & 0x7fff_ffff
        // Below the smallest normal number, adding 1/2 leaves the rounded fraction in the low bits.
        let subnormal = (Float(bitPattern: magnitude) + 0.5).bitPattern &- 0x3f00_0000
        let normal = (magnitude &- 0x3800_0000 &+ 0x0fff &+ (magnitude >> 13 & 1)) >> 13
        let finite = magnitude < 0x3880_0000 ? subnormal : normal
        let quiet = 0x7e00 | (magnitude >> 13 & 0x3ff)
        let special = magnitude > 0x7f80_0000 ? quiet : 0x7c00
        let result = magnitude >= 0x4780_0000 ? special : finite
        bits = UInt16(truncatingIfNeeded: result | (pattern >> 16 & 0x8000))
    }

    static func firstNonfinite(_ source: RawSpan) -> Int? { first(of: source, from: 0x7c00 as UInt16) }
}
