import SutureKernels
import SuturePlanning
import SutureTensors
import Synchronization

/// Rows of several sources of numbers, with means and fillings among them, read in runs of elements.
///
/// Nothing is made whole: what is asked for is read where it lies. What pads is the one row that all rows must be read
/// for, once, and kept.
struct GatheredRows: Hashable, Sendable {
    /// What rows are taken from.
    let inputs: [NumberSource]

    /// The dtype that rows are read in.
    let dtype: DType

    /// The elements of a row.
    let columns: Int

    /// The number of rows.
    let rowCount: Int

    private let runs: [GatheredTensor.Run]

    /// The first row of each run.
    private let starts: [Int]

    private let padding = PaddingRow()

    /// The most bytes that a thread takes beside what it fills, for rows of usual length.
    static let scratchByteCount = AdaptedNumbers.stretch * 12

    /// Works out where rows come from; `nil` where they do not fit, or are no rows that are read.
    init?(_ gathered: GatheredTensor) {
        guard gathered.isOfRows, let shape = gathered.shape, gathered.numberDType.isBlendable else { return nil }
        var inputs: [NumberSource] = []
        for input in gathered.inputs {
            guard let source = NumberSource(input), source.dtype.isBlendable else { return nil }
            inputs.append(source)
        }
        self.inputs = inputs
        dtype = gathered.numberDType
        columns = Shape(Array(shape.dimensions.dropFirst())).elementCount ?? 0
        rowCount = shape.dimensions[0]
        runs = gathered.runs
        var next = 0
        starts = runs.map { run in
            defer { next += run.count }
            return next
        }
        guard columns > 0, columns.isMultiple(of: dtype.block.elementCount) else { return nil }
    }

    /// Reads a run of elements, in ``dtype``.
    ///
    /// - Throws: ``ExecutionError`` where a source cannot be read.
    func read(_ elements: Range<Int>, of numbers: StoredNumbers, into bytes: inout MutableRawSpan)
        throws(ExecutionError)
    {
        var start = elements.lowerBound
        var index = run(ofRow: start / columns)
        while start < elements.upperBound {
            let own = starts[index] * columns..<(starts[index] + runs[index].count) * columns
            let wanted = start..<min(own.upperBound, elements.upperBound)
            let target = bytesBetween(elements.lowerBound, wanted)
            let place = start - own.lowerBound
            switch runs[index] {
            case .blocks(let input, let rows):
                let first = rows.lowerBound * columns + place
                try copy(first..<first + wanted.count, of: inputs[input], numbers, into: &bytes, target)
            case .mean(let blocks):
                let values = try mean(of: blocks, place..<place + wanted.count, numbers)
                narrow(values.span, to: dtype, into: &bytes, at: target.lowerBound)
            case .filled(let number, _):
                let values = [Float](repeating: Float(number), count: wanted.count)
                narrow(values.span, to: dtype, into: &bytes, at: target.lowerBound)
            case .padding:
                let row = try padding.row { () throws(ExecutionError) in try meanOfAll(numbers) }
                let values = (place..<place + wanted.count).map { row[$0 % columns] }
                narrow(values.span, to: dtype, into: &bytes, at: target.lowerBound)
            }
            start = wanted.upperBound
            index += 1
        }
    }

    /// The number that one of the elements is, where it is no mean or filling.
    func origin(of element: Int) -> (NumberSource, Int)? {
        let index = run(ofRow: element / columns)
        guard case .blocks(let input, let rows) = runs[index] else { return nil }
        return (inputs[input], element + (rows.lowerBound - starts[index]) * columns)
    }

    /// The run that a row is in, by halving.
    private func run(ofRow row: Int) -> Int {
        var (low, high) = (0, runs.count)
        while low + 1 < high {
            let middle = (low + high) / 2
            if starts[middle] <= row { low = middle } else { high = middle }
        }
        return low
    }

    /// Where elements lie among bytes that begin with one of them.
    private func bytesBetween(_ first: Int, _ elements: Range<Int>) -> Range<Int> {
        dtype.block.bytes(of: elements.lowerBound - first..<elements.upperBound - first)
    }

    /// Copies a run of an input's elements, as they are where they are stored so.
    private func copy(
        _ elements: Range<Int>,
        of input: NumberSource,
        _ numbers: StoredNumbers,
        into bytes: inout MutableRawSpan,
        _ target: Range<Int>
    ) throws(ExecutionError) {
        guard input.dtype != dtype else {
            return try unsafe bytes.withUnsafeMutableBytes { (buffer) throws(ExecutionError) in
                let place = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[target])
                var span = unsafe place.mutableBytes
                try numbers.read(elements, of: input, into: &span)
            }
        }
        let width = dtype.bitWidth / 8
        for start in stride(from: elements.lowerBound, to: elements.upperBound, by: AdaptedNumbers.stretch) {
            let part = start..<min(start + AdaptedNumbers.stretch, elements.upperBound)
            let values = try floats(part, of: input, numbers)
            narrow(values.span, to: dtype, into: &bytes, at: target.lowerBound + (start - elements.lowerBound) * width)
        }
    }

    /// A run of an input's elements as numbers.
    private func floats(
        _ elements: Range<Int>,
        of input: NumberSource,
        _ numbers: StoredNumbers
    ) throws(ExecutionError) -> [Float] {
        var stored = [UInt8](repeating: 0, count: input.dtype.block.bytes(of: elements).count)
        var storedSpan = stored.mutableSpan
        var bytes = unsafe storedSpan.mutableBytes
        try numbers.read(elements, of: input, into: &bytes)
        var values = [Float](repeating: 0, count: elements.count)
        var span = values.mutableSpan
        widen(bytes.bytes, input.dtype, into: &span)
        return values
    }

    /// The mean of some columns of rows.
    private func mean(
        of blocks: [GatheredTensor.Block],
        _ columns: Range<Int>,
        _ numbers: StoredNumbers
    ) throws(ExecutionError) -> [Float] {
        var sums = [Double](repeating: 0, count: columns.count)
        for block in blocks {
            let first = block.number * self.columns + columns.lowerBound
            let values = try floats(first..<first + columns.count, of: inputs[block.input], numbers)
            var span = sums.mutableSpan
            add(values.span, times: 1, to: &span)
        }
        return sums.map { Float($0 / Double(blocks.count)) }
    }

    /// The mean of all rows that do not pad.
    private func meanOfAll(_ numbers: StoredNumbers) throws(ExecutionError) -> [Float] {
        var sums = [Double](repeating: 0, count: columns)
        var count = 0
        let rowsAtOnce = max(1, AdaptedNumbers.stretch / columns)
        for (run, first) in zip(runs, starts) {
            if case .padding = run { continue }
            count += run.count
            for row in stride(from: first, to: first + run.count, by: rowsAtOnce) {
                let end = min(row + rowsAtOnce, first + run.count)
                let values = try floats(row * columns..<end * columns, of: .rows(self), numbers)
                for place in 0..<end - row {
                    var span = sums.mutableSpan
                    add(values.span.extracting(place * columns..<(place + 1) * columns), times: 1, to: &span)
                }
            }
        }
        return sums.map { Float(count == 0 ? 0 : $0 / Double(count)) }
    }
}

/// The row that pads, made by whoever asks first while the others wait.
private final class PaddingRow: Hashable, Sendable {
    private let row = Mutex<[Float]?>(nil)

    func row(_ make: () throws(ExecutionError) -> [Float]) throws(ExecutionError) -> [Float] {
        try row.withLock { row throws(ExecutionError) in
            if let row { return row }
            let made = try make()
            row = made
            return made
        }
    }

    /// It follows from the rows, and tells nothing apart.
    static func == (a: PaddingRow, b: PaddingRow) -> Bool { true }

    func hash(into hasher: inout Hasher) {}
}
