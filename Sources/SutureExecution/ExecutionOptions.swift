package import SutureCheckpoints
package import SystemPackage

/// How a plan is run; none of it changes a byte of the result.
package struct ExecutionOptions: Sendable {
    /// Called when all is written and before it gets its name; what it throws leaves no output.
    package var beforePublishing: @Sendable () throws(ExecutionError) -> Void = {}

    /// The number of threads; `nil` for one a core.
    package var threads: Int?

    /// The memory the whole process may take, in bytes; `nil` for an eighth of the machine's, at least 128 MB.
    package var memory: Int?

    /// What of it the process has taken before the run begins, in bytes; `nil` for what a small program takes.
    package var memoryTaken: Int?

    /// Whether an output that is there already is replaced.
    package var replacesExisting = false

    /// Whether to go on with what an earlier run of the same plan left.
    package var resumes = false

    /// Whether a run that is cancelled leaves what it has, for a later one to go on with.
    package var keepsCancelled = false

    /// Where sources are on this machine, by their names, where the plan knows other folders.
    package var sourceFolders: [String: FilePath] = [:]

    /// How the weight files are packed once they are written; `nil` for not at all.
    package var packing: FilePacker.Options?

    /// Whether files that the plan keeps as they are become links to the source's, where blocks cannot be shared.
    package var links = false

    /// How untouched bytes are moved.
    package var mover = Mover.automatic

    /// Which tensors the manifest has a hash of.
    package var hashes = HashedBytes.written

    /// The bytes of a window; a power of two of at least 4096.
    package var windowByteCount = 4 << 20

    /// The bytes of a shard after which its progress is made durable and written into the journal.
    package var journalStride = 1 << 30

    /// The system calls to use.
    package var calls = FileCalls.system

    /// Where sources are read from; `nil` for the files of this machine.
    package var store: (any ByteStore)?

    /// Where sources are read from.
    var sourceStore: any ByteStore { store ?? LocalFiles(calls: calls) }

    /// Creates the options that suit most.
    package init() {}

    /// The memory the whole process may take, in bytes.
    package var memoryLimit: Int { memory ?? MemoryBudget.defaultByteCount }
}

/// How untouched bytes get from a source into an output.
package enum Mover: String, CaseIterable, Hashable, Sendable {
    /// Blocks are shared where the file system can, and read and written where it cannot.
    case automatic

    /// Read and written in windows.
    case windows

    /// Copied by the kernel, for comparison.
    case copyFileRange = "copy-file-range"
}

/// Which bytes of weight files are hashed.
package enum HashedBytes: String, CaseIterable, Hashable, Sendable {
    /// Those that are written, as they pass by; blocks that are shared with a source are read by nobody.
    case written

    /// All of them: what is shared is read for its hash.
    case all

    /// None: what hashing costs is measured against this.
    case none

    /// The stretches of a range of a file whose tensors get no hash.
    ///
    /// - Parameters:
    ///   - range: The bytes of the file.
    ///   - shared: Those that share their blocks with a source.
    /// - Returns: The stretches, in order.
    func skipped(in range: Range<Int>, shared: [Range<Int>]) -> [Range<Int>] {
        switch self {
        case .written: shared
        case .all: []
        case .none: [range]
        }
    }
}
