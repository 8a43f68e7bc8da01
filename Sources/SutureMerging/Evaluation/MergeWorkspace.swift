import SutureKernels
import SutureTensors

/// The memory of one worker that evaluates a tree: the bytes of a block of each source, and rows of `Float`.
///
/// A workspace belongs to one worker at a time, and to trees of the evaluator that made it.
@safe
package final class MergeWorkspace {
    let tileCount: Int
    let blockCount: Int
    private let rowCount: Int
    private let isPrecise: Bool
    private let rows: UnsafeMutablePointer<Float>
    private let leafBytes: UnsafeMutableRawPointer
    private let leafStarts: [Int]
    private let leafWidths: [Int]

    /// The elements whose bytes it holds, for each leaf.
    private(set) var loaded: [Range<Int>]

    init(_ program: MergeProgram, tileCount: Int, blockCount: Int) {
        self.tileCount = tileCount
        self.blockCount = blockCount
        rowCount = program.rowCount
        isPrecise = program.leaves.contains { $0.dtype.bitWidth > 16 }
        unsafe rows = .allocate(capacity: max(1, rowCount * tileCount))
        unsafe rows.initialize(repeating: 0, count: max(1, rowCount * tileCount))
        var starts: [Int] = []
        var total = 0
        for leaf in program.leaves {
            starts.append(total)
            total += leaf.byteWidth * blockCount
        }
        leafStarts = starts
        leafWidths = program.leaves.map { $0.byteWidth }
        unsafe leafBytes = .allocate(byteCount: max(1, total), alignment: 64)
        loaded = program.leaves.map { _ in 0..<0 }
    }

    deinit {
        unsafe rows.deallocate()
        unsafe leafBytes.deallocate()
    }

    /// Reads the elements of a leaf that a block needs.
    func load(
        _ leaf: Int,
        _ elements: Range<Int>,
        _ read: (inout MutableRawSpan) throws(MergeEvaluationError) -> Void
    ) throws(MergeEvaluationError) {
        precondition(elements.count <= blockCount, "a block is longer than the workspace")
        loaded[leaf] = 0..<0
        var span = unsafe MutableRawSpan(
            _unsafeStart: leafBytes + leafStarts[leaf],
            byteCount: elements.count * leafWidths[leaf]
        )
        try read(&span)
        loaded[leaf] = elements
    }

    /// Lends the stored bytes of some of the elements that were read.
    func withBytes<Value>(of leaf: Int, _ elements: Range<Int>, _ body: (RawSpan) -> Value) -> Value {
        let held = loaded[leaf]
        precondition(
            elements.lowerBound >= held.lowerBound && elements.upperBound <= held.upperBound,
            "these elements were not read"
        )
        let start = leafStarts[leaf] + (elements.lowerBound - held.lowerBound) * leafWidths[leaf]
        return body(
            unsafe RawSpan(
                _unsafeStart: UnsafeRawPointer(leafBytes + start),
                byteCount: elements.count * leafWidths[leaf]
            )
        )
    }

    /// Lends the first numbers of a row to overwrite.
    func withRow<Value>(_ row: Int, count: Int, _ body: (inout MutableSpan<Float>) -> Value) -> Value {
        precondition(row >= 0 && row < rowCount && count <= tileCount, "no such row")
        var span = unsafe MutableSpan(_unsafeStart: rows + row * tileCount, count: count)
        return body(&span)
    }

    /// Lends the inputs of a blend, its scratch rows and a row for its result.
    func withBlock<Value>(
        of blend: MergeProgram.Blend,
        _ elements: Range<Int>,
        output: Int,
        _ body: (inout MergeBlock, inout MergeScratch, inout MutableSpan<Float>) -> Value
    ) -> Value {
        precondition(elements.count <= tileCount, "a tile is longer than the workspace's rows")
        let start = blend.elements.lowerBound
        var block = unsafe MergeBlock(
            elements: (elements.lowerBound - start)..<(elements.upperBound - start),
            inputs: rows + blend.inputs * tileCount,
            inputCount: blend.inputCount,
            stride: tileCount,
            base: blend.base.map { unsafe rows + $0 * tileCount },
            isPrecise: isPrecise
        )
        let scratchCount = blend.method.scratchRowCount
        precondition(blend.scratch + scratchCount <= rowCount, "no such rows")
        var scratch = unsafe MergeScratch(
            rows: rows + blend.scratch * tileCount,
            rowCount: scratchCount,
            stride: tileCount,
            count: elements.count
        )
        var result = unsafe MutableSpan(_unsafeStart: rows + output * tileCount, count: elements.count)
        return body(&block, &scratch, &result)
    }
}
