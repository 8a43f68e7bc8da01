import SutureKernels
import SuturePlanning
import SutureTensors

/// A matrix, or a stack of them, with a product of two factors added: `W + scale · L · R`.
///
/// The factor with a row for each of the matrix's rows is read row by row, and the other one, of a few rows, is held
/// while the tensor is in work.
struct AdaptedMatrix {
    let numbers: AdaptedNumbers
    let update: LowRankUpdate

    private var columns: Int { update.columnCount }

    /// Computes a run of elements.
    ///
    /// - Throws: ``ExecutionError`` where a source cannot be read.
    func values(of elements: Range<Int>) throws(ExecutionError) -> [Float] {
        guard let magnitudes = update.magnitudes else { return try sum(elements) }
        if update.scalesColumns { return try scaledColumns(elements, magnitudes) }
        return try scaledRows(elements, magnitudes)
    }

    /// The sum itself, matrix by matrix.
    private func sum(_ elements: Range<Int>) throws(ExecutionError) -> [Float] {
        let size = max(1, update.rowCount * columns)
        let matrices = elements.lowerBound / size..<(elements.upperBound - 1) / size + 1
        if matrices.count == 1 { return try sum(elements, inMatrix: matrices.lowerBound) }
        var values: [Float] = []
        values.reserveCapacity(elements.count)
        for number in matrices {
            values += try sum(elements.clamped(to: number * size..<(number + 1) * size), inMatrix: number)
        }
        return values
    }

    private func sum(_ elements: Range<Int>, inMatrix number: Int) throws(ExecutionError) -> [Float] {
        let rows = elements.lowerBound / columns..<(elements.upperBound - 1) / columns + 1
        let left = try numbers.floats(rows.lowerBound * update.rank..<rows.upperBound * update.rank, of: update.rows)
        let right = try factor(ofMatrix: number)
        let first = rows.lowerBound * columns
        var values = try numbers.floats(elements, of: numbers.base)
        var span = values.mutableSpan
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

    /// The second factor of a matrix, `[r, columns]`.
    private func factor(ofMatrix number: Int) throws(ExecutionError) -> [Float] {
        let count = update.rank * columns
        return try numbers.factors.numbers(.factor(update.columns, matrix: number)) { () throws(ExecutionError) in
            try numbers.floats(number * count..<(number + 1) * count, of: update.columns)
        }
    }

    // MARK: - Lengths

    /// Gives the rows of the sum the lengths that were learned (DoRA); a row's own length takes all of the row.
    private func scaledRows(
        _ elements: Range<Int>,
        _ magnitudes: StoredTensorReference
    ) throws(ExecutionError) -> [Float] {
        let rows = elements.lowerBound / columns..<(elements.upperBound - 1) / columns + 1
        let lengths = try numbers.floats(rows, of: magnitudes)
        var values: [Float] = []
        values.reserveCapacity(elements.count)
        for (place, row) in rows.enumerated() {
            let whole = row * columns..<(row + 1) * columns
            var sums = try sum(whole)
            var span = sums.mutableSpan
            let length = dot(span.span, span.span).squareRoot()
            scale(&span, by: lengths[place] / Float(length))
            let wanted = elements.clamped(to: whole)
            values += sums[wanted.lowerBound - whole.lowerBound..<wanted.upperBound - whole.lowerBound]
        }
        return values
    }

    /// Gives the columns of the sum the lengths that were learned, for weights that lie as `[in, out]`.
    private func scaledColumns(
        _ elements: Range<Int>,
        _ magnitudes: StoredTensorReference
    ) throws(ExecutionError) -> [Float] {
        let wanted = try numbers.floats(0..<columns, of: magnitudes)
        let lengths = try numbers.factors.numbers(.lengths(of: numbers.base, plus: update)) {
            () throws(ExecutionError) in try columnLengths()
        }
        var values = try sum(elements)
        for place in values.indices {
            let column = (elements.lowerBound + place) % columns
            values[place] *= wanted[column] / lengths[column]
        }
        return values
    }

    /// The lengths of the sum's columns, which take a pass over all of it.
    private func columnLengths() throws(ExecutionError) -> [Float] {
        var squares = [Double](repeating: 0, count: columns)
        let stretch = max(columns, AdaptedNumbers.stretch / columns * columns)
        let count = numbers.base.spec.elementCount
        var start = 0
        while start < count {
            let end = min(count, start + stretch)
            let values = try sum(start..<end)
            for place in values.indices {
                let value = Double(values[place])
                squares[place % columns] += value * value
            }
            start = end
        }
        return squares.map { Float($0.squareRoot()) }
    }
}
