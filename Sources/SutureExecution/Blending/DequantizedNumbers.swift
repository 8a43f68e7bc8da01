import SutureKernels
import SuturePlanning
import SutureTensors

/// Eight-bit floats times the scales of their blocks: `W[i, j] = q[i, j] · s[i / a, j / b]`.
struct DequantizedNumbers {
    let numbers: AdaptedNumbers
    let scales: StoredTensorReference
    let blocks: [Int]

    /// Whether there is a scale for every block, and no other.
    static func fits(_ shape: Shape, scales: Shape, _ blocks: [Int]) -> Bool {
        guard shape.rank >= 1, blocks.count == shape.rank, scales.elementCount != nil else { return false }
        let counts = zip(shape.dimensions, blocks).map { $1 > 0 ? $0 / $1 + ($0 % $1 == 0 ? 0 : 1) : -1 }
        guard counts.allSatisfy({ $0 >= 0 }) else { return false }
        return Shape(counts).elementCount == scales.elementCount
    }

    /// Multiplies a run of elements by their scales, row by row.
    func scale(_ values: inout [Float], at elements: Range<Int>) throws(ExecutionError) {
        let dimensions = numbers.base.spec.shape.dimensions
        let columns = numbers.base.spec.shape.rowLength
        let counts = zip(dimensions, blocks).map { $0 / $1 + ($0 % $1 == 0 ? 0 : 1) }
        let width = counts.last ?? 1
        let block = blocks.last ?? 1
        var held: (row: Int, scales: [Float])?
        var start = elements.lowerBound
        while start < elements.upperBound {
            let row = start / columns
            let end = min(elements.upperBound, (row + 1) * columns)
            let scaleRow = scaleRow(of: row, dimensions, counts)
            if held?.row != scaleRow {
                held = (scaleRow, try numbers.floats(scaleRow * width..<(scaleRow + 1) * width, of: self.scales))
            }
            let scales = held?.scales ?? []
            var span = values.mutableSpan
            scaleBlocks(
                &span,
                from: start - elements.lowerBound,
                count: end - start,
                column: start - row * columns,
                by: scales.span,
                of: block
            )
            start = end
        }
    }

    /// The row of the scales that a row of the tensor has, both counted over all dimensions but the last.
    private func scaleRow(of row: Int, _ dimensions: [Int], _ counts: [Int]) -> Int {
        var rest = row
        var result = 0
        var step = 1
        for dimension in (0..<dimensions.count - 1).reversed() {
            result += rest % dimensions[dimension] / blocks[dimension] * step
            rest /= dimensions[dimension]
            step *= counts[dimension]
        }
        return result
    }
}
