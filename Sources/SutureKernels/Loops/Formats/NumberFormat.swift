import SutureTensors

/// How the numbers of one dtype are stored: one by one, or in blocks that share scales.
///
/// It stays in this module: a generic loop is fast only where its format is defined beside it.
protocol NumberFormat {
    /// Widens stored numbers; `source` holds exactly `destination.count` of them.
    static func widen(_ source: RawSpan, into destination: inout MutableSpan<Float>)

    /// Rounds to stored numbers, from a byte on; only of formats that ``DType/isBlendable`` names.
    static func narrow(_ source: Span<Float>, into destination: inout MutableRawSpan, at offset: Int)

    /// The first stored number that is NaN or infinite, counted in elements, or `nil` where all are finite.
    static func firstNonfinite(_ source: RawSpan) -> Int?
}

extension DType {
    /// The format of its numbers; `nil` where they are not read as such.
    var format: (any NumberFormat.Type)? {
        switch self {
        case .bfloat16: BFloat16.self
        case .float16: Half.self
        case .float32: Float.self
        case .float64: Double.self
        case .float8E4M3: Float8E4M3.self
        case .float8E5M2: Float8E5M2.self
        case .float8E8M0: Float8E8M0.self
        case .ggmlQ40: Q40.self
        case .ggmlQ41: Q41.self
        case .ggmlQ50: Q50.self
        case .ggmlQ51: Q51.self
        case .ggmlQ80: Q80.self
        case .ggmlQ2K: Q2K.self
        case .ggmlQ3K: Q3K.self
        case .ggmlQ4K: Q4K.self
        case .ggmlQ5K: Q5K.self
        case .ggmlQ6K: Q6K.self
        case .ggmlIQ4NL: IQ4NL.self
        case .ggmlIQ4XS: IQ4XS.self
        case .ggmlMXFP4: MXFP4.self
        default: nil
        }
    }
}
