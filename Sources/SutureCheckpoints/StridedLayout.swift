package import SutureTensors

/// How far a tensor's elements lie apart where they do not follow each other.
package enum StridedLayout {
    /// The bytes from a tensor's first element to the end of its farthest.
    ///
    /// - Parameters:
    ///   - spec: The tensor.
    ///   - strides: The steps between neighbours along each dimension, in elements.
    /// - Returns: The bytes, or `nil` where the strides do not suit the tensor or reach farther than can be counted.
    package static func reach(of spec: TensorSpec, strides: [Int]) -> Int? {
        guard strides.count == spec.shape.rank, let width = spec.dtype.elementByteCount,
            strides.allSatisfy({ $0 >= 0 })
        else { return nil }
        guard spec.elementCount > 0 else { return 0 }
        var last = 0
        for (length, stride) in zip(spec.shape.dimensions, strides) {
            guard case (let step, false) = (length - 1).multipliedReportingOverflow(by: stride),
                case (let sum, false) = last.addingReportingOverflow(step)
            else { return nil }
            last = sum
        }
        guard case (let count, false) = last.addingReportingOverflow(1),
            case (let bytes, false) = count.multipliedReportingOverflow(by: width)
        else { return nil }
        return bytes
    }

    /// Whether the elements follow each other row by row; the stride of a dimension of one element says nothing.
    package static func isContiguous(_ spec: TensorSpec, _ strides: [Int]) -> Bool {
        guard spec.elementCount > 0 else { return true }
        var step = 1
        for (length, stride) in zip(spec.shape.dimensions, strides).reversed() where length > 1 {
            guard stride == step else { return false }
            step *= length
        }
        return true
    }

    /// Calls `body` for runs of elements that lie at even distances, in the order of the elements.
    ///
    /// Runs lie along the dimension whose neighbours are next to each other in the file where there is one among the
    /// last two, so that a transposed matrix is read by its columns.
    ///
    /// - Parameters:
    ///   - elements: Which elements, of the order in which they are written.
    ///   - shape: The tensor's dimensions.
    ///   - strides: Its strides, in elements.
    ///   - body: Given the file's first element, the target's first element counted from `elements`, the count, and the
    ///     steps between neighbours in the file and in the target.
    /// - Throws: What `body` throws.
    package static func forEachRun<Failure: Error>(
        _ elements: Range<Int>,
        shape: Shape,
        strides: [Int],
        _ body: (_ source: Int, _ target: Int, _ count: Int, _ sourceStep: Int, _ targetStep: Int) throws(Failure) ->
            Void
    ) throws(Failure) {
        // A dimension of one element says nothing, and would hide the one whose neighbours are next to each other.
        let kept = shape.dimensions.indices.filter { shape.dimensions[$0] != 1 }
        let (shape, strides) = (Shape(kept.map { shape.dimensions[$0] }), kept.map { strides[$0] })
        let rank = shape.rank
        guard rank > 0, !elements.isEmpty else {
            if !elements.isEmpty { try body(0, 0, 1, 1, 1) }
            return
        }
        let columns = shape.dimensions[rank - 1]
        var row = elements.lowerBound / columns
        let lastRow = (elements.upperBound - 1) / columns
        let height = rank > 1 ? shape.dimensions[rank - 2] : 1
        while row <= lastRow {
            let first = max(elements.lowerBound, row * columns)
            // Whole rows of one matrix whose columns lie together are taken column by column.
            let matrixEnd = (row / height + 1) * height
            let wholeEnd = min(matrixEnd, elements.upperBound / columns)
            if rank > 1, strides[rank - 2] == 1, strides[rank - 1] != 1, first == row * columns, wholeEnd - row > 1 {
                let start = start(of: row, shape, strides)
                let rows = wholeEnd - row
                for column in 0..<columns {
                    let target = row * columns + column - elements.lowerBound
                    try body(start + column * strides[rank - 1], target, rows, 1, columns)
                }
                row = wholeEnd
            } else {
                let last = min(elements.upperBound, (row + 1) * columns)
                let source = start(of: row, shape, strides) + (first - row * columns) * strides[rank - 1]
                try body(source, first - elements.lowerBound, last - first, strides[rank - 1], 1)
                row += 1
            }
        }
    }

    /// The first element of a row, counted over all dimensions but the last.
    private static func start(of row: Int, _ shape: Shape, _ strides: [Int]) -> Int {
        var rest = row
        var start = 0
        for dimension in (0..<shape.rank - 1).reversed() {
            let length = shape.dimensions[dimension]
            start += rest % length * strides[dimension]
            rest /= length
        }
        return start
    }
}
