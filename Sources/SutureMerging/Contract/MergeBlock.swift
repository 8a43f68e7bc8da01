package import SutureKernels

/// A run of elements of every input and of the base, lent to a method for one call.
///
/// The rows belong to the caller's workspace. A method may overwrite its inputs, but not the base.
@safe
package struct MergeBlock: ~Copyable {
    /// Where in the tensor the block lies, in elements.
    package let elements: Range<Int>

    /// The number of inputs, the base not counted.
    package let inputCount: Int

    /// Whether some source is stored more finely than in 16 bits, so that the last bits of a `Float` matter.
    package let isPrecise: Bool

    private let inputs: UnsafeMutablePointer<Float>
    private let baseRow: UnsafeMutablePointer<Float>?
    private let stride: Int

    /// Lends rows of a workspace: `inputCount` of them, `stride` apart, and the base's where there is one.
    ///
    /// - Precondition: The memory outlives the block.
    @unsafe
    init(
        elements: Range<Int>,
        inputs: UnsafeMutablePointer<Float>,
        inputCount: Int,
        stride: Int,
        base: UnsafeMutablePointer<Float>?,
        isPrecise: Bool
    ) {
        precondition(stride >= elements.count, "rows are shorter than the block")
        self.isPrecise = isPrecise
        self.elements = elements
        self.inputCount = inputCount
        unsafe self.inputs = inputs
        unsafe baseRow = base
        self.stride = stride
    }

    /// The number of elements.
    package var count: Int { elements.count }

    /// Whether there is a base.
    package var hasBase: Bool { unsafe baseRow != nil }

    /// The numbers of one input.
    @_lifetime(borrow self)
    package func input(_ index: Int) -> Span<Float> {
        precondition(index >= 0 && index < inputCount, "no such input")
        let span = unsafe Span(_unsafeStart: UnsafePointer(inputs + index &* stride), count: elements.count)
        return unsafe _overrideLifetime(span, borrowing: self)
    }

    /// The numbers of one input, to overwrite.
    @_lifetime(&self)
    package mutating func mutableInput(_ index: Int) -> MutableSpan<Float> {
        precondition(index >= 0 && index < inputCount, "no such input")
        let span = unsafe MutableSpan(_unsafeStart: inputs + index &* stride, count: elements.count)
        return unsafe _overrideLifetime(span, mutating: &self)
    }

    /// Writes a linear combination of the inputs and perhaps the base: `Σ fᵢxᵢ + f·b`.
    ///
    /// - Parameters:
    ///   - factors: What each input is multiplied by.
    ///   - baseFactor: What the base is multiplied by; 0 leaves it out.
    ///   - output: As long as the block.
    package func combine(
        _ factors: [Double],
        base baseFactor: Double = 0,
        into output: inout MutableSpan<Float>
    ) {
        precondition(factors.count == inputCount, "there are not as many factors as inputs")
        guard isPrecise else {
            let taken = combineFirst(factors, into: &output)
            for index in taken..<factors.count { add(input(index), times: Float(factors[index]), to: &output) }
            if baseFactor != 0 { add(base, times: Float(baseFactor), to: &output) }
            return
        }
        var sums = [Double](repeating: 0, count: count)
        var span = sums.mutableSpan
        for (index, factor) in factors.enumerated() { add(input(index), times: factor, to: &span) }
        if baseFactor != 0 { add(base, times: baseFactor, to: &span) }
        round(sums.span, into: &output)
    }

    /// Writes the combination of the first inputs, as many as one sweep takes, and returns their number.
    private func combineFirst(_ factors: [Double], into output: inout MutableSpan<Float>) -> Int {
        func factor(_ index: Int) -> Float { Float(factors[index]) }
        switch factors.count {
        case 0: SutureKernels.fill(&output, with: 0)
        case 1: SutureKernels.combine(input(0), times: factor(0), into: &output)
        case 2: SutureKernels.combine(input(0), times: factor(0), input(1), times: factor(1), into: &output)
        default:
            SutureKernels.combine(
                input(0),
                times: factor(0),
                input(1),
                times: factor(1),
                input(2),
                times: factor(2),
                into: &output
            )
        }
        return min(3, factors.count)
    }

    /// Takes the base away from an input, in place: `x = R(x − b)`.
    ///
    /// - Precondition: There is a base.
    package mutating func subtractBase(from index: Int, _ rounding: StepRounding) {
        precondition(index >= 0 && index < inputCount, "no such input")
        guard let base = unsafe baseRow else { preconditionFailure("there is no base") }
        var values = unsafe MutableSpan(_unsafeStart: inputs + index &* stride, count: elements.count)
        let other = unsafe Span(_unsafeStart: UnsafePointer(base), count: elements.count)
        subtract(other, from: &values, rounding)
    }

    /// The numbers of the base; empty where there is none.
    package var base: Span<Float> {
        @_lifetime(borrow self)
        get {
            guard let baseRow = unsafe baseRow else { return unsafe _overrideLifetime(Span(), borrowing: self) }
            let span = unsafe Span(_unsafeStart: UnsafePointer(baseRow), count: elements.count)
            return unsafe _overrideLifetime(span, borrowing: self)
        }
    }
}

/// Rows of the block's length that a method may use as it likes, holding anything at first.
@safe
package struct MergeScratch: ~Copyable {
    private let rows: UnsafeMutablePointer<Float>
    private let rowCount: Int
    private let stride: Int
    private let count: Int

    /// Lends rows of a workspace.
    ///
    /// - Precondition: The memory outlives the value.
    @unsafe
    init(rows: UnsafeMutablePointer<Float>, rowCount: Int, stride: Int, count: Int) {
        precondition(stride >= count, "rows are shorter than the block")
        unsafe self.rows = rows
        self.rowCount = rowCount
        self.stride = stride
        self.count = count
    }

    /// A row to read.
    @_lifetime(borrow self)
    package func row(_ index: Int) -> Span<Float> {
        precondition(index >= 0 && index < rowCount, "no such row")
        let span = unsafe Span(_unsafeStart: UnsafePointer(rows + index &* stride), count: count)
        return unsafe _overrideLifetime(span, borrowing: self)
    }

    /// A row to overwrite.
    @_lifetime(&self)
    package mutating func mutableRow(_ index: Int) -> MutableSpan<Float> {
        precondition(index >= 0 && index < rowCount, "no such row")
        let span = unsafe MutableSpan(_unsafeStart: rows + index &* stride, count: count)
        return unsafe _overrideLifetime(span, mutating: &self)
    }

    /// Writes one number of a row.
    package mutating func set(_ row: Int, _ index: Int, _ value: Float) {
        var row = mutableRow(row)
        row[index] = value
    }

    /// Fills a row with one number.
    package mutating func fillRow(_ index: Int, with value: Float) {
        var row = mutableRow(index)
        fill(&row, with: value)
    }

    /// Lends one row to read and another to overwrite.
    ///
    /// - Precondition: They are two rows.
    package mutating func withRows(
        reading source: Int,
        writing destination: Int,
        _ body: (Span<Float>, inout MutableSpan<Float>) -> Void
    ) {
        precondition(source != destination, "one row cannot be read while it is overwritten")
        precondition(source >= 0 && source < rowCount && destination >= 0 && destination < rowCount, "no such row")
        let read = unsafe Span(_unsafeStart: UnsafePointer(rows + source &* stride), count: count)
        var written = unsafe MutableSpan(_unsafeStart: rows + destination &* stride, count: count)
        body(read, &written)
    }
}
