package import SutureTensors

/// Widens stored numbers to `Float`.
///
/// - Parameters:
///   - source: The stored bytes, little-endian, aligned or not.
///   - dtype: What the bytes hold; a dtype for which `isDecodable` is true.
///   - destination: One `Float` for each element.
/// - Precondition: `source` holds exactly `destination.count` elements, in whole blocks.
package func widen(_ source: RawSpan, _ dtype: DType, into destination: inout MutableSpan<Float>) {
    loops.widen(source, dtype, into: &destination)
}

/// Rounds `Float`s to stored numbers, to nearest and ties to even; blocks as ggml's reference does.
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
    loops.narrow(source, to: dtype, into: &destination, at: offset)
}

/// The first stored number that is NaN or infinite, counted in elements, or `nil` where all are finite.
///
/// - Precondition: `dtype` is decodable.
package func firstNonfinite(_ source: RawSpan, _ dtype: DType) -> Int? { loops.firstNonfinite(source, dtype) }
