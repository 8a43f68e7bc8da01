extension Loops {
    /// Fills a block with one number.
    package static func fill(_ destination: inout MutableSpan<Float>, with value: Float) {
        for i in destination.indices { destination[i] = value }
    }

    /// Multiplies a block by a number: `x = x·s`.
    package static func scale(_ values: inout MutableSpan<Float>, by factor: Float) {
        for i in values.indices { values[i] *= factor }
    }

    /// Adds a block: `x = x + y`.
    package static func add(_ other: Span<Float>, to values: inout MutableSpan<Float>) {
        precondition(other.count == values.count, "spans differ in length")
        for i in values.indices { values[i] += other[i] }
    }

    /// Takes a block away: `x = x − y`.
    package static func subtract(_ other: Span<Float>, from values: inout MutableSpan<Float>) {
        precondition(other.count == values.count, "spans differ in length")
        for i in values.indices { values[i] -= other[i] }
    }

    /// Adds a multiple of a block: `x = x + y·s`.
    package static func add(_ other: Span<Float>, times factor: Float, to values: inout MutableSpan<Float>) {
        precondition(other.count == values.count, "spans differ in length")
        for i in values.indices { values[i] += other[i] * factor }
    }

    /// Adds a multiple of a block in one step, so that the product is not rounded by itself: `x = x + y·s`.
    package static func addFused(_ other: Span<Float>, times factor: Float, to values: inout MutableSpan<Float>) {
        precondition(other.count == values.count, "spans differ in length")
        for i in values.indices { values[i] = values[i].addingProduct(other[i], factor) }
    }

    /// Writes `z = 0 + x·s`, so that no zero is negative.
    package static func combine(_ a: Span<Float>, times s: Float, into destination: inout MutableSpan<Float>) {
        precondition(a.count == destination.count, "spans differ in length")
        for i in destination.indices { destination[i] = 0 + a[i] * s }
    }

    /// Writes `z = 0 + x·s + y·t`, so that no zero is negative.
    package static func combine(
        _ a: Span<Float>,
        times s: Float,
        _ b: Span<Float>,
        times t: Float,
        into destination: inout MutableSpan<Float>
    ) {
        precondition(a.count == destination.count && b.count == destination.count, "spans differ in length")
        for i in destination.indices { destination[i] = 0 + a[i] * s + b[i] * t }
    }

    /// Writes `z = 0 + x·s + y·t + v·u`, so that no zero is negative.
    package static func combine(
        _ a: Span<Float>,
        times s: Float,
        _ b: Span<Float>,
        times t: Float,
        _ c: Span<Float>,
        times u: Float,
        into destination: inout MutableSpan<Float>
    ) {
        precondition(
            a.count == destination.count && b.count == destination.count && c.count == destination.count,
            "spans differ in length"
        )
        for i in destination.indices { destination[i] = 0 + a[i] * s + b[i] * t + c[i] * u }
    }
}
