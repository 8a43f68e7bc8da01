import SutureMerging
import SuturePlanning
import SutureTensors

/// An output tensor of whose sources all is known that must be, so that any of its bytes can be computed.
struct PreparedTensor: Sendable {
    /// Its evaluator, surveyed.
    let evaluator: MergeEvaluator

    /// Where its sources are read.
    let numbers: StoredNumbers

    private var spec: TensorSpec { numbers.tensor.tensor.spec }

    /// Computes some of its bytes.
    ///
    /// A window may cut a block of elements in two; both windows then compute it and take their part.
    ///
    /// - Parameters:
    ///   - bytes: Which, counted from its first.
    ///   - buffer: Where to; exactly as long.
    ///   - workspace: The calling thread's memory.
    /// - Throws: ``ExecutionError`` where a source cannot be read or a number is not finite.
    func compute(
        _ bytes: Range<Int>,
        into buffer: UnsafeMutableRawBufferPointer,
        workspace: MergeWorkspace
    ) throws(ExecutionError) {
        let stored = spec.dtype.block
        let width = stored.byteCount
        let firstWhole = (bytes.lowerBound + width - 1) / width
        let endWhole = bytes.upperBound / width
        guard firstWhole <= endWhole else {
            return try unsafe computePart(bytes, into: buffer, workspace)
        }
        let head = bytes.lowerBound..<firstWhole * width
        let tail = endWhole * width..<bytes.upperBound
        if !head.isEmpty {
            try unsafe computePart(
                head,
                into: UnsafeMutableRawBufferPointer(rebasing: buffer[..<head.count]),
                workspace
            )
        }
        if firstWhole < endWhole {
            let whole = head.count..<buffer.count - tail.count
            let place = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[whole])
            var span = unsafe place.mutableBytes
            try evaluate(firstWhole * stored.elementCount..<endWhole * stored.elementCount, into: &span, workspace)
        }
        if !tail.isEmpty {
            let place = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[(buffer.count - tail.count)...])
            try unsafe computePart(tail, into: place, workspace)
        }
    }

    /// Computes one block of elements and takes some of its bytes.
    private func computePart(
        _ bytes: Range<Int>,
        into buffer: UnsafeMutableRawBufferPointer,
        _ workspace: MergeWorkspace
    ) throws(ExecutionError) {
        let stored = spec.dtype.block
        let width = stored.byteCount
        let number = bytes.lowerBound / width
        var whole = [UInt8](repeating: 0, count: width)
        var elements = whole.mutableSpan
        var span = unsafe elements.mutableBytes
        try evaluate(number * stored.elementCount..<(number + 1) * stored.elementCount, into: &span, workspace)
        let start = bytes.lowerBound - number * width
        unsafe buffer.copyBytes(from: whole[start..<start + bytes.count])
    }

    private func evaluate(
        _ elements: Range<Int>,
        into span: inout MutableRawSpan,
        _ workspace: MergeWorkspace
    ) throws(ExecutionError) {
        do throws(MergeEvaluationError) {
            try evaluator.evaluate(elements, reading: numbers, in: workspace, as: spec.dtype, into: &span)
        } catch { throw numbers.failure(error) }
    }
}
