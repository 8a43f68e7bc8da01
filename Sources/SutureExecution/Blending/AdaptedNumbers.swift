import SutureKernels
import SuturePlanning
import SutureTensors

/// A stored tensor with an adapter added or its scales applied, in float32, computed for the elements that are asked for.
///
/// Nothing is made whole: see ``AdaptedMatrix`` and ``DequantizedNumbers``.
struct AdaptedNumbers {
    let base: StoredTensorReference
    let adaptation: Adaptation
    let files: SourceFiles
    let numbering: SourceNumbering
    let factors: FactorCache

    /// The elements that are worked on at once.
    static let stretch = 1 << 16

    /// The bytes of memory that reading takes: of the calling thread, and of what is held for all.
    static func needs(of base: StoredTensorReference, _ adaptation: Adaptation) -> (scratch: Int, factor: Int) {
        switch adaptation {
        case .sum: return (stretch * 24, 0)
        case .dequantized(let scales, _):
            let rows = stretch / max(1, base.spec.shape.rowLength) + 2
            return (stretch * 12 + rows * scales.spec.shape.rowLength * 8, 0)
        case .lowRank(let update):
            let columns = update.columnCount
            let rows = stretch / max(1, columns) + 2
            let lengths = update.magnitudes == nil ? 0 : columns * 24
            return (stretch * 24 + lengths + rows * update.rank * 16, update.rank * columns * 12 + lengths)
        }
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

    /// The first stored number that is none: of what changes the tensor, and then of the tensor itself.
    func firstNonfinite() throws(ExecutionError) -> (reference: StoredTensorReference, element: Int)? {
        for reference in adaptation.leaves + [base] {
            let count = reference.spec.elementCount
            for start in stride(from: 0, to: count, by: Self.stretch) {
                let numbers = try floats(start..<min(start + Self.stretch, count), of: reference)
                if let place = numbers.firstIndex(where: { !$0.isFinite }) { return (reference, start + place) }
            }
        }
        return nil
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
            return try AdaptedMatrix(numbers: self, update: update).values(of: elements)
        }
    }

    /// A run of a stored tensor's elements as numbers.
    func floats(_ elements: Range<Int>, of reference: StoredTensorReference) throws(ExecutionError) -> [Float] {
        let dtype = reference.spec.dtype
        var stored = [UInt8](repeating: 0, count: dtype.block.bytes(of: elements).count)
        var storedSpan = stored.mutableSpan
        var bytes = unsafe storedSpan.mutableBytes
        try files.read(elements, of: reference, numbering, into: &bytes)
        var numbers = [Float](repeating: 0, count: elements.count)
        var span = numbers.mutableSpan
        widen(bytes.bytes, dtype, into: &span)
        return numbers
    }
}
