import SutureTensors

extension StoredTensor {
    /// The steps between neighbours along each dimension, in elements.
    private var steps: [Int] {
        if let strides { return strides }
        var steps = [Int](repeating: 1, count: spec.shape.rank)
        for dimension in steps.indices.dropLast().reversed() {
            steps[dimension] = steps[dimension + 1] * max(1, spec.shape.dimensions[dimension + 1])
        }
        return steps
    }

    /// The same numbers, or some of them, in another order.
    ///
    /// - Parameters:
    ///   - dimensions: The length of each dimension and the step between its neighbours, in elements.
    ///   - element: The first element, counted in steps of one from the tensor's first.
    /// - Returns: The view, or `nil` where it would have more elements than can be counted.
    private func view(_ dimensions: [(length: Int, step: Int)], from element: Int = 0) -> StoredTensor? {
        guard let view = try? TensorSpec(spec.name, spec.dtype, Shape(dimensions.map(\.length))),
            let width = spec.dtype.elementByteCount
        else { return nil }
        let steps = dimensions.map(\.step)
        return StoredTensor(
            spec: view,
            file: file,
            offset: offset + element * width,
            strides: StridedLayout.isContiguous(view, steps) ? nil : steps
        )
    }

    /// A matrix, its rows as columns.
    func transposed() -> StoredTensor? {
        let (lengths, steps) = (spec.shape.dimensions, steps)
        guard lengths.count == 2 else { return nil }
        return view([(lengths[1], steps[1]), (lengths[0], steps[0])])
    }

    /// The matrix of a kernel: all dimensions but the first are one.
    func matrix() -> StoredTensor? {
        guard spec.shape.rank >= 2, strides == nil, let rows = spec.shape.dimensions.first, rows > 0 else { return nil }
        let columns = spec.elementCount / rows
        return view([(rows, columns), (columns, 1)])
    }

    /// The first factors of experts, which stand below one another: `[r · n, in]` as `[n, r, in]`.
    ///
    /// - Parameters:
    ///   - experts: How many there are.
    ///   - expert: The one that is meant; `nil` for all.
    ///   - isTransposed: Whether the matrices are to be `[in, r]`.
    /// - Returns: The stack, or the expert's matrix alone.
    func firstFactors(of experts: Int, _ expert: Int? = nil, isTransposed: Bool) -> StoredTensor? {
        let (lengths, steps) = (spec.shape.dimensions, steps)
        let rank = lengths[0] / experts
        let matrix = [(length: rank, step: steps[0]), (length: lengths[1], step: steps[1])]
        return factors(matrix, experts, step: rank * steps[0], expert, isTransposed)
    }

    /// Rows of the second factors of experts, whose columns take turns: `[out, r · n]` as `[n, out, r]`.
    ///
    /// - Parameters:
    ///   - experts: How many there are.
    ///   - expert: The one that is meant; `nil` for all.
    ///   - rows: Which of the rows, counted from the first.
    ///   - isTransposed: Whether the matrices are to be `[r, out]`.
    /// - Returns: The stack, or the expert's matrix alone.
    func secondFactors(of experts: Int, _ expert: Int? = nil, rows: Range<Int>, isTransposed: Bool) -> StoredTensor? {
        let (lengths, steps) = (spec.shape.dimensions, steps)
        let matrix = [(length: rows.count, step: steps[0]), (length: lengths[1] / experts, step: experts * steps[1])]
        return factors(matrix, experts, step: steps[1], expert, isTransposed, from: rows.lowerBound * steps[0])
    }

    private func factors(
        _ matrix: [(length: Int, step: Int)],
        _ experts: Int,
        step: Int,
        _ expert: Int?,
        _ isTransposed: Bool,
        from element: Int = 0
    ) -> StoredTensor? {
        let matrix = isTransposed ? matrix.reversed() : matrix
        if let expert { return view(matrix, from: element + expert * step) }
        return view([(experts, step)] + matrix, from: element)
    }
}
