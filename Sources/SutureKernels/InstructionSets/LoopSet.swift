import SutureTensors

/// ``Loops`` as they were built for one set of instructions; what each does is said there.
protocol LoopSet: SendableMetatype {
    static func widen(_ source: RawSpan, _ dtype: DType, into destination: inout MutableSpan<Float>)
    static func narrow(
        _ source: Span<Float>,
        to dtype: DType,
        into destination: inout MutableRawSpan,
        at offset: Int
    )
    static func firstNonfinite(_ source: RawSpan, _ dtype: DType) -> Int?

    static func fill(_ destination: inout MutableSpan<Float>, with value: Float)
    static func scale(_ values: inout MutableSpan<Float>, by factor: Float)
    static func add(_ other: Span<Float>, to values: inout MutableSpan<Float>)
    static func subtract(_ other: Span<Float>, from values: inout MutableSpan<Float>)
    static func add(_ other: Span<Float>, times factor: Float, to values: inout MutableSpan<Float>)
    static func addFused(_ other: Span<Float>, times factor: Float, to values: inout MutableSpan<Float>)
    static func combine(_ a: Span<Float>, times s: Float, into destination: inout MutableSpan<Float>)
    static func combine(
        _ a: Span<Float>,
        times s: Float,
        _ b: Span<Float>,
        times t: Float,
        into destination: inout MutableSpan<Float>
    )
    static func combine(
        _ a: Span<Float>,
        times s: Float,
        _ b: Span<Float>,
        times t: Float,
        _ c: Span<Float>,
        times u: Float,
        into destination: inout MutableSpan<Float>
    )

    static func dot(_ a: Span<Float>, _ b: Span<Float>) -> Double
    static func products(_ a: Span<Float>, _ b: Span<Float>) -> (aa: Double, ab: Double, bb: Double)
    static func sumOfMagnitudes(_ values: Span<Float>) -> Double

    static func countAround(
        _ values: Span<Float>,
        upper: Int32,
        lower: Int32
    ) -> (above: Int, onUpper: Int, onLower: Int)
    static func find(
        _ values: Span<Float>,
        from first: Int32,
        width: Int32,
        into positions: inout MutableSpan<UInt32>
    ) -> Int
    static func keep(
        _ values: inout MutableSpan<Float>,
        in range: Range<Int>,
        below upper: Int32,
        from lower: Int32,
        times factor: Float
    )

    static func draw(_ key: (UInt32, UInt32), from first: UInt64, into words: inout MutableSpan<UInt32>)
    static func keep(
        _ values: inout MutableSpan<Float>,
        from first: Int,
        drawn words: Span<UInt32>,
        shift: UInt32,
        mask: UInt32,
        below limit: Int32,
        times factor: Float
    )

    static func addAgreeing(
        _ values: Span<Float>,
        with votes: Span<Float>,
        weight: Float,
        to sum: inout MutableSpan<Float>,
        _ weights: inout MutableSpan<Float>
    )
    static func sumAgreeing(
        _ a: Span<Float>,
        _ b: Span<Float>,
        weights: (Float, Float),
        into sum: inout MutableSpan<Float>,
        _ agreed: inout MutableSpan<Float>
    )
    static func sumAgreeing(
        _ a: Span<Float>,
        _ b: Span<Float>,
        _ c: Span<Float>,
        weights: (Float, Float, Float),
        into sum: inout MutableSpan<Float>,
        _ agreed: inout MutableSpan<Float>
    )
    static func divide(
        _ values: inout MutableSpan<Float>,
        byWeights weights: Span<Float>,
        atLeast least: Float,
        times factor: Float
    )
}

extension Loops: LoopSet {}

/// The loops of this process.
let loops: any LoopSet.Type = InstructionSet.current.loops
