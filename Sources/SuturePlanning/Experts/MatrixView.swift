import SutureArchitectures
import SutureTensors

/// One matrix of one expert as it lies in a stored tensor, whatever else that holds.
struct MatrixView {
    /// The tensor.
    let tensor: StoredTensorReference

    /// Its first element, in elements from the tensor's.
    let start: Int

    /// Its outputs and inputs; a bias has one input.
    let outputs: (count: Int, step: Int)
    let inputs: (count: Int, step: Int)

    /// Finds a matrix in a tensor of experts.
    ///
    /// - Returns: `nil` where the tensor's shape is none that the piece can have.
    init?(
        _ matrix: ExpertMatrix,
        ofExpert expert: Int,
        of count: Int,
        in piece: ExpertPiece,
        _ tensor: StoredTensorReference
    ) {
        guard let place = piece.matrices.firstIndex(of: matrix), tensor.spec.dtype.block.elementCount == 1 else {
            return nil
        }
        var dimensions = tensor.spec.shape.dimensions
        var steps = tensor.strides ?? tensor.spec.shape.steps
        var start = 0
        if !piece.isApart {
            if piece.isFlat {
                guard let rows = dimensions.first, rows.isMultiple(of: count) else { return nil }
                dimensions[0] = rows / count
                start = expert * dimensions[0] * steps[0]
            } else {
                guard dimensions.first == count else { return nil }
                start = expert * steps.removeFirst()
                dimensions.removeFirst()
            }
        }
        guard dimensions.count == (piece.isBias ? 1 : 2) else { return nil }
        if piece.isBias {
            dimensions.append(1)
            steps.append(1)
        } else if piece.isTransposed {
            dimensions.swapAt(0, 1)
            steps.swapAt(0, 1)
        }
        let parts = piece.matrices.count
        guard dimensions[0].isMultiple(of: parts) else { return nil }
        let length = dimensions[0] / parts
        self.tensor = tensor
        self.start = start + place * (piece.isInterleaved ? steps[0] : length * steps[0])
        outputs = (length, piece.isInterleaved ? parts * steps[0] : steps[0])
        inputs = (dimensions[1], steps[1])
    }

    /// Some numbers of the tensor from the matrix's first on, as a tensor of their own.
    ///
    /// - Parameter axes: Its dimensions: lengths and steps.
    /// - Returns: `nil` where they reach farther than can be counted.
    func reference(_ axes: [(count: Int, step: Int)]) -> StoredTensorReference? {
        let shape = Shape(axes.map(\.count))
        guard let spec = try? TensorSpec(tensor.spec.name, tensor.spec.dtype, shape),
            let bytes = tensor.spec.dtype.block.bytes(of: start)
        else { return nil }
        let steps = axes.map(\.step)
        let isPlain = zip(axes, shape.steps).allSatisfy { $0.count == 1 || $0.step == $1 }
        return StoredTensorReference(
            source: tensor.source,
            file: tensor.file,
            offset: tensor.offset + bytes,
            spec: spec,
            strides: isPlain ? nil : steps
        )
    }

    /// The matrix alone, as a piece has it.
    func reference(as piece: ExpertPiece) -> StoredTensorReference? {
        reference(piece.isBias ? [outputs] : piece.isTransposed ? [inputs, outputs] : [outputs, inputs])
    }
}

extension Shape {
    /// The steps between neighbours along each dimension where the elements follow each other.
    var steps: [Int] {
        var step = 1
        var steps: [Int] = []
        for length in dimensions.reversed() {
            steps.append(step)
            step = step.multipliedReportingOverflow(by: max(1, length)).partialValue
        }
        return steps.reversed()
    }
}
