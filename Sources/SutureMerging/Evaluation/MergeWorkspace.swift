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
    private let memory: Memory
    private let rows: UnsafeMutablePointer<Float>
    private let leafBytes: UnsafeMutableRawPointer
    private let leafStarts: [Int]
    private let leafBlocks: [StoredBlock]

    /// The elements whose bytes it holds, for each leaf.
    private(set) var loaded: [Range<Int>]

    /// Makes the memory, or takes over that of a workspace that is not used any more, whatever it holds.
    init(_ program: MergeProgram, tileCount: Int, blockCount: Int, from old: consuming MergeWorkspace? = nil) {
        self.tileCount = tileCount
        self.blockCount = blockCount
        rowCount = program.rowCount
        isPrecise = program.leaves.contains { $0.dtype.bitWidth > 16 || $0.dtype.isGGML }
        var starts: [Int] = []
        var total = 0
        for leaf in program.leaves {
            starts.append(total)
            // From the start of a page, the system's copy is fastest.
            total += Memory.wholePages(leaf.block.bytes(of: 0..<blockCount).count)
        }
        leafStarts = starts
        leafBlocks = program.leaves.map(\.block)
        loaded = program.leaves.map { _ in 0..<0 }
        let wanted = total + Memory.wholePages(max(1, rowCount * tileCount) * MemoryLayout<Float>.stride)
        if let old, old.memory.byteCount >= wanted {
            memory = old.memory
        } else {
            _ = consume old
            memory = Memory(wanted)
        }
        unsafe leafBytes = memory.start
        let count = max(1, rowCount * tileCount)
        unsafe rows = (memory.start + total).bindMemory(to: Float.self, capacity: count)
    }

    /// Pages that belong to a workspace, and to its successor after it.
    @safe
    private final class Memory {
        let byteCount: Int
        let start: UnsafeMutableRawPointer

        init(_ byteCount: Int) {
            self.byteCount = byteCount
            unsafe start = .allocate(byteCount: byteCount, alignment: Self.pageByteCount)
            unsafe start.initializeMemory(as: UInt8.self, repeating: 0, count: byteCount)
        }

        deinit {
            unsafe start.deallocate()
        }

        private static let pageByteCount = 4096

        static func wholePages(_ byteCount: Int) -> Int {
            (byteCount + pageByteCount - 1) / pageByteCount * pageByteCount
        }
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
            byteCount: leafBlocks[leaf].bytes(of: elements).count
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
        let bytes = leafBlocks[leaf].bytes(of: elements)
        let start = leafStarts[leaf] + bytes.lowerBound - leafBlocks[leaf].bytes(of: held).lowerBound
        return body(unsafe RawSpan(_unsafeStart: UnsafeRawPointer(leafBytes + start), byteCount: bytes.count))
    }

    /// Lends the first numbers of a row to overwrite.
    func withRow<Value>(_ row: Int, count: Int, _ body: (inout MutableSpan<Float>) -> Value) -> Value {
        precondition(row >= 0 && row < rowCount && count <= tileCount, "no such row")
        var span = unsafe MutableSpan(_unsafeStart: rows + row * tileCount, count: count)
        return body(&span)
    }

    /// Lends the inputs of a blend, its scratch rows and a row for its result.
    ///
    /// - Parameters:
    ///   - blend: The blend.
    ///   - elements: Some of the tile's elements.
    ///   - skipped: How many elements of the tile come before them.
    ///   - output: The row for the result.
    ///   - body: Called with all of them.
    /// - Returns: What `body` returns.
    func withBlock<Value>(
        of blend: MergeProgram.Blend,
        _ elements: Range<Int>,
        skipping skipped: Int = 0,
        output: Int,
        _ body: (inout MergeBlock, inout MergeScratch, inout MutableSpan<Float>) -> Value
    ) -> Value {
        precondition(
            skipped >= 0 && skipped + elements.count <= tileCount,
            "a tile is longer than the workspace's rows"
        )
        let start = blend.elements.lowerBound
        var block = unsafe MergeBlock(
            elements: (elements.lowerBound - start)..<(elements.upperBound - start),
            inputs: rows + blend.inputs * tileCount + skipped,
            inputCount: blend.inputCount,
            stride: tileCount,
            base: blend.base.map { unsafe rows + $0 * tileCount + skipped },
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
