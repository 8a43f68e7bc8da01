/// The upper half of a `Float`: 8 bits of exponent, 7 of fraction.
struct BFloat16: StoredScalar {
    let bits: UInt16

    var widened: Float { Float(bitPattern: UInt32(bits) << 16) }

    init(bits: UInt16) {
        self.bits = bits
    }

    init(rounding value: Float) {
        let pattern = value.bitPattern
        let rounded = (pattern &+ 0x7fff &+ (pattern >> 16 & 1)) >> 16
        // A NaN keeps its sign and upper payload; the quiet bit keeps it from becoming infinity.
        let quiet = pattern >> 16 | 0x40
        bits = UInt16(truncatingIfNeeded: pattern & 0x7fff_ffff > 0x7f80_0000 ? quiet : rounded)
    }

    static func firstNonfinite(_ source: RawSpan) -> Int? { first(of: source, from: 0x7f80 as UInt16) }
}
