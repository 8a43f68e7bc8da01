/// A number as a checkpoint stores it, which widens to `Float` and is rounded from it.
protocol StoredScalar: NumberFormat, BitwiseCopyable {
    /// The number as a `Float`; rounded where the stored format is wider.
    var widened: Float { get }

    /// Rounds to the nearest stored number, ties to even.
    init(rounding value: Float)
}

extension Float: StoredScalar {
    var widened: Float { self }

    init(rounding value: Float) { self = value }

    static func firstNonfinite(_ source: RawSpan) -> Int? { first(of: source, from: 0x7f80_0000 as UInt32) }
}

extension Double: StoredScalar {
    var widened: Float { Float(self) }

    init(rounding value: Float) { self = Double(value) }

    static func firstNonfinite(_ source: RawSpan) -> Int? { first(of: source, from: 0x7ff0_0000_0000_0000 as UInt64) }
}

extension StoredScalar {
    static func widen(_ source: RawSpan, into destination: inout MutableSpan<Float>) {
        let stride = MemoryLayout<Self>.stride
        precondition(source.byteCount == destination.count * stride, "source and destination differ in length")
        for i in destination.indices {
            destination[i] = unsafe source.unsafeLoadUnaligned(fromUncheckedByteOffset: i &* stride, as: Self.self)
                .widened
        }
    }

    static func narrow(_ source: Span<Float>, into destination: inout MutableRawSpan, at offset: Int) {
        let stride = MemoryLayout<Self>.stride
        precondition(
            offset >= 0 && destination.byteCount - offset >= source.count * stride,
            "the destination is too short"
        )
        for i in source.indices {
            unsafe destination.storeBytes(
                of: Self(rounding: source[i]),
                toUncheckedByteOffset: offset &+ i &* stride,
                as: Self.self
            )
        }
    }

    /// The first number whose bits without the sign are at least some.
    ///
    /// Runs of 1024 numbers are looked at without leaving the loop early, so that it vectorises: adding what the least
    /// lacks of the sign bit carries into it. The bits are no part of the protocol, whose tables of what integers can
    /// would be shared with other rooms.
    static func first<Bits: FixedWidthInteger & UnsignedInteger & BitwiseCopyable>(
        of source: RawSpan,
        from least: Bits
    ) -> Int? {
        let stride = MemoryLayout<Bits>.stride
        let count = source.byteCount / stride
        let sign = Bits(1) << (Bits.bitWidth - 1)
        let lacking = sign &- least
        var start = 0
        while start < count {
            let end = min(start &+ 1024, count)
            var found: Bits = 0
            for i in start..<end {
                let bits = unsafe source.unsafeLoadUnaligned(fromUncheckedByteOffset: i &* stride, as: Bits.self)
                found |= (bits & ~sign) &+ lacking
            }
            if found & sign != 0 {
                return (start..<end).first { i in
                    let bits = unsafe source.unsafeLoadUnaligned(fromUncheckedByteOffset: i &* stride, as: Bits.self)
                    return bits & ~sign >= least
                }
            }
            start = end
        }
        return nil
    }
}
