package import SutureCheckpoints
import SutureKernels
import SuturePlanning
import SutureTensors
import Synchronization

/// One pass over tensors of any number of checkpoints, laid side by side, that reads each of their bytes once and writes
/// nothing.
///
/// Memory is some megabytes a thread, whatever the models.
package struct TensorPass: Sendable {
    /// What is looked at, in order.
    package let tensors: [AlignedTensor]

    private let files: SourceFiles
    private let firstFiles: [Int]

    /// The elements of a block, which is read at once from each checkpoint.
    private static let blockCount = 1 << 16

    /// The blocks of a chunk, whose finding is joined to those of others.
    private static let chunkBlocks = 32

    /// Prepares a pass; no weight is read yet.
    ///
    /// - Parameters:
    ///   - tensors: What to look at.
    ///   - checkpoints: The checkpoints that they are tensors of.
    ///   - store: Where the checkpoints' files are read from.
    package init(
        _ tensors: [AlignedTensor],
        of checkpoints: [Checkpoint],
        in store: any ByteStore = LocalFiles()
    ) {
        self.tensors = tensors
        var firstFiles: [Int] = []
        var all: [Plan.Source.File] = []
        for checkpoint in checkpoints {
            firstFiles.append(all.count)
            all += checkpoint.files.map(Plan.Source.File.init)
        }
        self.firstFiles = firstFiles
        files = SourceFiles(all, used: Array(all.indices), in: store)
    }

    /// The bytes that the pass reads.
    package var byteCount: Int { tensors.reduce(0) { $0 + $1.byteCount } }

    /// Looks at all numbers.
    ///
    /// - Parameters:
    ///   - reduction: What to learn of them.
    ///   - threads: How many threads work on it; one a core where it is left out.
    ///   - isCancelled: Asked before each chunk; called from any thread.
    ///   - onBytes: Told the bytes of each chunk that has been read; called from any thread.
    /// - Returns: What was learned of each tensor, in their order.
    /// - Throws: ``ExecutionError``, also where a file is not what it was when its header was read.
    package func run<Learned: Reduction>(
        _ reduction: Learned,
        threads: Int? = nil,
        isCancelled: @escaping @Sendable () -> Bool = { false },
        onBytes: @escaping @Sendable (Int) -> Void = { _ in }
    ) throws(ExecutionError) -> [Learned.Finding] {
        try files.verify()
        let chunks = tensors.indices.flatMap { tensor in
            stride(from: 0, to: max(1, tensors[tensor].elementCount), by: Self.blockCount * Self.chunkBlocks).map {
                Chunk(tensor: tensor, start: $0)
            }
        }
        let joined = Mutex(Joining<Learned>(tensors.count))
        let crew = Crew(width: max(1, min(threads ?? MemoryBudget.coreCount, 64)))
        try crew.forEach(chunks.indices, state: { NumberReader() }) {
            index,
            reader throws(ExecutionError) in
            if isCancelled() { throw .cancelled() }
            let chunk = chunks[index]
            let tensor = tensors[chunk.tensor]
            var finding = reduction.begin(tensor)
            let end = min(tensor.elementCount, chunk.start + Self.blockCount * Self.chunkBlocks)
            for start in stride(from: chunk.start, to: end, by: Self.blockCount) {
                let elements = start..<min(end, start + Self.blockCount)
                try reader.read(elements, of: tensor, from: files, firstFiles, blockCount: Self.blockCount)
                reduction.add(reader.block, to: &finding)
            }
            joined.withLock { $0.add(finding, index, chunk.tensor, reduction) }
            onBytes(
                tensor.members.reduce(0) { $0 + (end - chunk.start) * $1.tensor.spec.byteCount }
                    / max(1, tensor.elementCount)
            )
        }
        return joined.withLock { joined in joined.findings.compactMap(\.self) }
    }

    /// Some elements of an aligned tensor.
    private struct Chunk: Sendable {
        let tensor: Int
        let start: Int
    }

    /// Findings of chunks, joined in the order of the chunks.
    private struct Joining<Learned: Reduction>: Sendable {
        var findings: [Learned.Finding?]
        private var waiting: [Int: (tensor: Int, finding: Learned.Finding)] = [:]
        private var next = 0

        init(_ tensorCount: Int) { findings = Array(repeating: nil, count: tensorCount) }

        mutating func add(_ finding: Learned.Finding, _ chunk: Int, _ tensor: Int, _ reduction: Learned) {
            waiting[chunk] = (tensor, finding)
            while let (tensor, finding) = waiting.removeValue(forKey: next) {
                if var earlier = findings[tensor] {
                    findings[tensor] = nil
                    reduction.join(finding, to: &earlier)
                    findings[tensor] = earlier
                } else {
                    findings[tensor] = finding
                }
                next += 1
            }
        }
    }
}

/// What one thread reads blocks of numbers with.
private struct NumberReader {
    private(set) var block = NumberBlock(rowCount: 0, capacity: 0)
    private var bytes: [UInt8] = []

    /// Reads the same elements of all members of an aligned tensor.
    mutating func read(
        _ elements: Range<Int>,
        of tensor: AlignedTensor,
        from files: SourceFiles,
        _ firstFiles: [Int],
        blockCount: Int
    ) throws(ExecutionError) {
        if block.rows.count != tensor.members.count {
            block = NumberBlock(rowCount: tensor.members.count, capacity: blockCount)
        }
        var bytes = bytes
        try block.fill(count: elements.count) { (row, numbers) throws(ExecutionError) in
            let member = tensor.members[row]
            let stored = member.tensor
            let number = firstFiles[member.checkpoint] + stored.file
            let range = stored.spec.dtype.block.bytes(of: elements)
            if bytes.count < range.count { bytes = [UInt8](repeating: 0, count: range.count) }
            try unsafe bytes.withUnsafeMutableBufferPointer { (buffer) throws(ExecutionError) in
                let place = unsafe UnsafeMutableRawBufferPointer(
                    UnsafeMutableBufferPointer(rebasing: buffer[..<range.count])
                )
                try unsafe files.read(
                    range,
                    of: stored,
                    inFile: number,
                    into: place
                )
            }
            unsafe widen(bytes.span.bytes.extracting(0..<range.count), stored.spec.dtype, into: &numbers)
        }
        self.bytes = bytes
    }
}
