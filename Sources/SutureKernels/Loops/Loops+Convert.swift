package import SutureTensors

extension Loops {
    /// Widens stored numbers of a decodable dtype; `source` holds exactly `destination.count` of them.
    package static func widen(_ source: RawSpan, _ dtype: DType, into destination: inout MutableSpan<Float>) {
        switch dtype {
        case .bfloat16: widen(source, as: BFloat16.self, into: &destination)
        case .float16: widen(source, as: Half.self, into: &destination)
        case .float32: widen(source, as: Float.self, into: &destination)
        case .float64: widen(source, as: Double.self, into: &destination)
        case .float8E4M3: widen(source, as: Float8E4M3.self, into: &destination)
        case .float8E5M2: widen(source, as: Float8E5M2.self, into: &destination)
        case .float8E8M0: widenExponents(source, into: &destination)
        case .ggmlQ80: widenQ80(source, into: &destination)
        default: preconditionFailure("the dtype holds no numbers to widen")
        }
    }

    /// Rounds to stored numbers of a blendable dtype, to nearest and ties to even, from a byte on.
    package static func narrow(
        _ source: Span<Float>,
        to dtype: DType,
        into destination: inout MutableRawSpan,
        at offset: Int
    ) {
        switch dtype {
        case .bfloat16: narrow(source, as: BFloat16.self, into: &destination, at: offset)
        case .float16: narrow(source, as: Half.self, into: &destination, at: offset)
        case .float32: narrow(source, as: Float.self, into: &destination, at: offset)
        case .float64: narrow(source, as: Double.self, into: &destination, at: offset)
        case .float8E4M3: narrow(source, as: Float8E4M3.self, into: &destination, at: offset)
        case .float8E5M2: narrow(source, as: Float8E5M2.self, into: &destination, at: offset)
        default: preconditionFailure("the dtype holds no numbers to round to")
        }
    }

    /// The first stored number that is NaN or infinite, counted in elements, or `nil` where all are finite.
    ///
    /// - Precondition: `dtype` is decodable.
    package static func firstNonfinite(_ source: RawSpan, _ dtype: DType) -> Int? {
        switch dtype {
        case .bfloat16: firstNonfinite(source, from: 0x7f80 as UInt16)
        case .float16: firstNonfinite(source, from: 0x7c00 as UInt16)
        case .float32: firstNonfinite(source, from: 0x7f80_0000 as UInt32)
        case .float64: firstNonfinite(source, from: 0x7ff0_0000_0000_0000 as UInt64)
        case .float8E4M3: firstNonfinite(source, from: 0x7f as UInt8)
        case .float8E5M2: firstNonfinite(source, from: 0x7c as UInt8)
        case .float8E8M0:
            (0..<source.byteCount).first { unsafe source.unsafeLoad(fromByteOffset: $0, as: UInt8.self) == 0xff }
        case .ggmlQ80: firstNonfiniteQ80(source)
        default: preconditionFailure("the dtype holds no numbers to look at")
        }
    }

    private static func widen<Scalar: StoredScalar>(
        _ source: RawSpan,
        as _: Scalar.Type,
        into destination: inout MutableSpan<Float>
    ) {
        let stride = MemoryLayout<Scalar>.stride
        precondition(source.byteCount == destination.count * stride, "source and destination differ in length")
        for i in destination.indices {
            destination[i] = unsafe source.unsafeLoadUnaligned(fromUncheckedByteOffset: i &* stride, as: Scalar.self)
                .widened
        }
    }

    private static func narrow<Scalar: StoredScalar>(
        _ source: Span<Float>,
        as _: Scalar.Type,
        into destination: inout MutableRawSpan,
        at offset: Int
    ) {
        let stride = MemoryLayout<Scalar>.stride
        precondition(
            offset >= 0 && destination.byteCount - offset >= source.count * stride,
            "the destination is too short"
        )
        for i in source.indices {
            unsafe destination.storeBytes(
                of: Scalar(rounding: source[i]),
                toUncheckedByteOffset: offset &+ i &* stride,
                as: Scalar.self
            )
        }
    }

    /// The first number whose bits without the sign are at least `least`.
    ///
    /// Runs of 1024 numbers are looked at without leaving the loop early, so that it vectorises: adding what `least` lacks
    /// of the sign bit carries into it.
    private static func firstNonfinite<Bits: FixedWidthInteger & UnsignedInteger & BitwiseCopyable>(
        _ source: RawSpan,
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
