package import SutureTensors

/// Widens stored numbers to `Float`.
///
/// - Parameters:
///   - source: The stored bytes, little-endian, aligned or not.
///   - dtype: What the bytes hold; a dtype for which `isBlendable` is true.
///   - destination: One `Float` for each element.
/// - Precondition: `source` holds exactly `destination.count` elements of a blendable dtype.
package func widen(_ source: RawSpan, _ dtype: DType, into destination: inout MutableSpan<Float>) {
    switch dtype {
    case .bfloat16: widen(source, as: BFloat16.self, into: &destination)
    case .float16: widen(source, as: Half.self, into: &destination)
    case .float32: widen(source, as: Float.self, into: &destination)
    case .float64: widen(source, as: Double.self, into: &destination)
    case .float8E4M3: widen(source, as: Float8E4M3.self, into: &destination)
    case .float8E5M2: widen(source, as: Float8E5M2.self, into: &destination)
    default: preconditionFailure("\(dtype.rawValue) holds no numbers to widen")
    }
}

/// Rounds `Float`s to stored numbers, to nearest and ties to even.
///
/// A NaN stays a NaN. What is too large becomes infinity, or NaN in `F8_E4M3`, which has no infinity.
///
/// - Parameters:
///   - source: The numbers.
///   - dtype: What to store; a dtype for which `isBlendable` is true.
///   - destination: The bytes to write, little-endian, aligned or not.
///   - offset: The first byte to write.
/// - Precondition: `destination` holds `source.count` elements of a blendable dtype from `offset` on.
package func narrow(
    _ source: Span<Float>,
    to dtype: DType,
    into destination: inout MutableRawSpan,
    at offset: Int = 0
) {
    switch dtype {
    case .bfloat16: narrow(source, as: BFloat16.self, into: &destination, at: offset)
    case .float16: narrow(source, as: Half.self, into: &destination, at: offset)
    case .float32: narrow(source, as: Float.self, into: &destination, at: offset)
    case .float64: narrow(source, as: Double.self, into: &destination, at: offset)
    case .float8E4M3: narrow(source, as: Float8E4M3.self, into: &destination, at: offset)
    case .float8E5M2: narrow(source, as: Float8E5M2.self, into: &destination, at: offset)
    default: preconditionFailure("\(dtype.rawValue) holds no numbers to round to")
    }
}

/// The first stored number that is NaN or infinite, counted in elements, or `nil` where all are finite.
///
/// - Precondition: `dtype` is blendable.
package func firstNonfinite(_ source: RawSpan, _ dtype: DType) -> Int? {
    switch dtype {
    case .bfloat16: firstNonfinite(source, from: 0x7f80 as UInt16)
    case .float16: firstNonfinite(source, from: 0x7c00 as UInt16)
    case .float32: firstNonfinite(source, from: 0x7f80_0000 as UInt32)
    case .float64: firstNonfinite(source, from: 0x7ff0_0000_0000_0000 as UInt64)
    case .float8E4M3: firstNonfinite(source, from: 0x7f as UInt8)
    case .float8E5M2: firstNonfinite(source, from: 0x7c as UInt8)
    default: preconditionFailure("\(dtype.rawValue) holds no numbers to look at")
    }
}

private func widen<Scalar: StoredScalar>(
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

private func narrow<Scalar: StoredScalar>(
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
private func firstNonfinite<Bits: FixedWidthInteger & UnsignedInteger & BitwiseCopyable>(
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
