/// Adds a multiple of a product of two matrices to a stretch of a matrix: `W[e] = W[e] + scale · (L·R)[e]`.
///
/// Products are summed in the order of the rank before they are scaled, whatever the stretch.
///
/// - Parameters:
///   - left: `L`, `[rows, rank]`, from the first row that the stretch touches on.
///   - right: `R`, `[rank, columns]`.
///   - rank: The columns of `L`.
///   - columns: The columns of `R`.
///   - elements: The stretch, counted from the first element of `L`'s first row.
///   - scale: What the product is multiplied by.
///   - values: The stretch of `W`.
/// - Precondition: The spans are as long as that asks for.
package func addProduct(
    _ left: Span<Float>,
    _ right: Span<Float>,
    rank: Int,
    columns: Int,
    elements: Range<Int>,
    times scale: Float,
    to values: inout MutableSpan<Float>
) {
    precondition(columns > 0 && values.count == elements.count && right.count == rank * columns, "matrices do not fit")
    guard !elements.isEmpty else { return }
    let rows = elements.lowerBound / columns..<(elements.upperBound - 1) / columns + 1
    precondition(elements.lowerBound >= 0 && left.count >= rows.upperBound * rank, "the left matrix is too short")
    // A tile of the right matrix stays in the cache while all rows pass over it.
    let tile = 512
    var sums = [Float](repeating: 0, count: tile)
    var start = 0
    while start < columns {
        let end = min(start + tile, columns)
        for row in rows {
            let first = max(row * columns + start, elements.lowerBound)
            let last = min(row * columns + end, elements.upperBound)
            guard first < last else { continue }
            let column = first - row * columns
            let count = last - first
            var sum = sums.mutableSpan
            for i in 0..<count { sum[i] = 0 }
            var part = 0
            while part + 4 <= rank {
                let place = row * rank + part
                let x = right.extracting(part * columns + column..<part * columns + column + count)
                let y = right.extracting((part + 1) * columns + column..<(part + 1) * columns + column + count)
                let z = right.extracting((part + 2) * columns + column..<(part + 2) * columns + column + count)
                let w = right.extracting((part + 3) * columns + column..<(part + 3) * columns + column + count)
                let (a, b, c, d) = (left[place], left[place + 1], left[place + 2], left[place + 3])
                for i in 0..<count { sum[i] = sum[i] + a * x[i] + b * y[i] + c * z[i] + d * w[i] }
                part += 4
            }
            while part < rank {
                let a = left[row * rank + part]
                let x = right.extracting(part * columns + column..<part * columns + column + count)
                for i in 0..<count { sum[i] += a * x[i] }
                part += 1
            }
            let target = first - elements.lowerBound
            for i in 0..<count { values[target + i] += scale * sum[i] }
        }
        start = end
    }
}

/// Multiplies a part of a matrix's row by scales, each for a block of columns: `x[j] = x[j] · s[j / b]`.
///
/// - Parameters:
///   - values: Numbers, the part of the row among them.
///   - start: Where the part begins in them.
///   - count: How many numbers it has.
///   - column: The column of its first number.
///   - scales: The row's scales.
///   - block: The columns that share a scale.
/// - Precondition: There are as many values and scales as that asks for.
package func scaleBlocks(
    _ values: inout MutableSpan<Float>,
    from start: Int,
    count: Int,
    column: Int,
    by scales: Span<Float>,
    of block: Int
) {
    precondition(start >= 0 && count >= 0 && start + count <= values.count && block > 0 && column >= 0, "no such part")
    var done = 0
    while done < count {
        let place = (column + done) / block
        let end = min(count, (place + 1) * block - column)
        let factor = scales[place]
        for i in start + done..<start + end { values[i] *= factor }
        done = end
    }
}
