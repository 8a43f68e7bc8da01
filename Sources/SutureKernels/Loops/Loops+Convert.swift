package import SutureTensors

extension Loops {
    /// Widens stored numbers of a decodable dtype; `source` holds exactly `destination.count` of them.
    package static func widen(_ source: RawSpan, _ dtype: DType, into destination: inout MutableSpan<Float>) {
        guard let format = dtype.format else { preconditionFailure("the dtype holds no numbers to widen") }
        format.widen(source, into: &destination)
    }

    /// Rounds to stored numbers of a blendable dtype, from a byte on.
    package static func narrow(
        _ source: Span<Float>,
        to dtype: DType,
        into destination: inout MutableRawSpan,
        at offset: Int
    ) {
        guard let format = dtype.format else { preconditionFailure("the dtype holds no numbers to round to") }
        format.narrow(source, into: &destination, at: offset)
    }

    /// The first stored number that is NaN or infinite, counted in elements, or `nil` where all are finite.
    ///
    /// - Precondition: `dtype` is decodable.
    package static func firstNonfinite(_ source: RawSpan, _ dtype: DType) -> Int? {
        guard let format = dtype.format else { preconditionFailure("the dtype holds no numbers to look at") }
        return format.firstNonfinite(source)
    }
}
