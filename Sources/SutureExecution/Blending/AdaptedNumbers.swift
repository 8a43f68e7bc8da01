import SutureKernels
import SuturePlanning
import SutureTensors

/// A stored tensor with an adapter added or its scales applied, in float32, computed for the elements that are asked for.
///
/// Nothing is made whole: the factor with a row for each of the tensor's rows is read row by row, and the
/// other one, of a few rows, is held while the tensor is in work.
struct AdaptedNumbers {
    let base: StoredTensorReference
    let adaptation: Adaptation
    let files: SourceFiles
    let numbering: SourceNumbering
    let factors: FactorCache

    /// The elements that are worked on at once.
    private static let stretch = 1 << 16

    /// The bytes of memory that reading takes: of the calling thread, and of the factor that is held.
    static func needs(of base: StoredTensorReference, _ adaptation: Adaptation) -> (scratch: Int, factor: Int) {
        if case .dequantized(let scales, _) = adaptation {
            return (
                stretch * 12 + (stretch / max(1, base.spec.shape.rowLength) + 2) * scales.spec.shape.rowLength * 8, 0
            )
        }
        guard case .lowRank(let update) = adaptation else { return (stretch * 24, 0) }
        let columns = base.spec.shape.rowLength
        let rows = stretch / max(1, columns) + 2
        let row = update.magnitudes == nil ? 0 : columns * 24
        return (stretch * 24 + row + rows * update.rank * 16, update.columns.spec.elementCount * 12)
    }

    /// Computes a run of elements.
    ///
    /// - Parameters:
    ///   - elements: Which.
    ///   - bytes: Where to, as float32; exactly as long.
    /// - Throws: ``ExecutionError`` where a source cannot be read.
    func read(_ elements: Range<Int>, into bytes: inout MutableRawSpan) throws(ExecutionError) {
        var start = elements.lowerBound
        while start < elements.upperBound {
            let part = start..<min(start + Self.stretch, elements.upperBound)
            let values = try values(of: part)
            narrow(values.span, to: .float32, into: &bytes, at: (start - elements.lowerBound) * 4)
            start = part.upperBound
        }
    }

    private func values(of elements: Range<Int>) throws(ExecutionError) -> [Float] {
        switch adaptation {
        case .dequantized(let scales, let blocks):
            var values = try floats(elements, of: base)
            try DequantizedNumbers(numbers: self, scales: scales, blocks: blocks).scale(&values, at: elements)
            return values
        case .sum(let tensor, let scale):
            var values = try floats(elements, of: base)
            let added = try floats(elements, of: tensor)
            var span = values.mutableSpan
            add(added.span, times: Float(scale), to: &span)
            return values
        case .lowRank(let update):
            let columns = base.spec.shape.rowLength
            let rows = elements.lowerBound / columns..<(elements.upperBound - 1) / columns + 1
            let right = try factors.factor(update.columns, isTransposed: update.isTransposed, reading: self).numbers
            let left = try rowFactor(update, rows)
            if let magnitudes = update.magnitudes {
                return try decomposed(elements, rows, left, right, update, magnitudes)
            }
            var values = try floats(elements, of: base)
            var span = values.mutableSpan
            let first = rows.lowerBound * columns
            addProduct(
                left.span,
                right.span,
                rank: update.rank,
                columns: columns,
                elements: elements.lowerBound - first..<elements.upperBound - first,
                times: Float(update.scale),
                to: &span
            )
            return values
        }
    }

    /// Gives the rows of the sum the lengths that were learned (DoRA); a row's own length takes all of the row.
    private func decomposed(
        _ elements: Range<Int>,
        _ rows: Range<Int>,
        _ left: [Float],
        _ right: [Float],
        _ update: LowRankUpdate,
        _ magnitudes: StoredTensorReference
    ) throws(ExecutionError) -> [Float] {
        let columns = base.spec.shape.rowLength
        let lengths = try floats(rows, of: magnitudes)
        var values: [Float] = []
        values.reserveCapacity(elements.count)
        for (place, row) in rows.enumerated() {
            let whole = row * columns..<(row + 1) * columns
            var numbers = try floats(whole, of: base)
            var span = numbers.mutableSpan
            addProduct(
                left.span.extracting(place * update.rank..<(place + 1) * update.rank),
                right.span,
                rank: update.rank,
                columns: columns,
                elements: 0..<columns,
                times: Float(update.scale),
                to: &span
            )
            let length = dot(span.span, span.span).squareRoot()
            scale(&span, by: lengths[place] / Float(length))
            let wanted = elements.clamped(to: whole)
            values += numbers[wanted.lowerBound - whole.lowerBound..<wanted.upperBound - whole.lowerBound]
        }
        return values
    }

    /// The rows of the first factor, `[rows, r]`.
    private func rowFactor(_ update: LowRankUpdate, _ rows: Range<Int>) throws(ExecutionError) -> [Float] {
        let rank = update.rank
        guard update.isTransposed else {
            return try floats(rows.lowerBound * rank..<rows.upperBound * rank, of: update.rows)
        }
        let height = update.rows.spec.shape.rowLength
        var factor = [Float](repeating: 0, count: rows.count * rank)
        for part in 0..<rank {
            let run = try floats(part * height + rows.lowerBound..<part * height + rows.upperBound, of: update.rows)
            for (place, number) in run.enumerated() { factor[place * rank + part] = number }
        }
        return factor
    }

    /// A run of a stored tensor's elements as numbers.
    func floats(_ elements: Range<Int>, of reference: StoredTensorReference) throws(ExecutionError) -> [Float] {
        let dtype = reference.spec.dtype
        var stored = [UInt8](repeating: 0, count: elements.count * (dtype.bitWidth / 8))
        var storedSpan = stored.mutableSpan
        var bytes = unsafe storedSpan.mutableBytes
        try files.read(elements, of: reference, numbering, into: &bytes)
        // A scale may be a power of two and nothing else: its exponent, as float32 has it.
        if dtype == .float8E8M0 { return stored.map { scaleOfExponent($0) } }
        var numbers = [Float](repeating: 0, count: elements.count)
        var span = numbers.mutableSpan
        widen(bytes.bytes, dtype, into: &span)
        return numbers
    }
}
