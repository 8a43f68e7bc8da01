public import SutureDiagnostics
import SutureExecution
import SutureMerging
public import SuturePlanning
import SystemPackage

extension Surgery {
    /// How a plan is run; none of it changes a byte of the result.
    public struct BuildOptions: Sendable {
        /// The number of threads; `nil` for one a core.
        public var threads: Int?
        /// The memory the process may take, in bytes; `nil` for an eighth of the machine's, at least 128 MB.
        public var memory: Int?
        /// Whether an output that is there already is replaced.
        public var replacesExisting = false
        /// Whether to go on with what an earlier run of the same plan left.
        public var resumes = false
        /// Whether a build that is cancelled leaves what it has, for a later one to resume.
        public var keepsCancelled = false
        /// The folders that sources have here, by their names, where a plan made elsewhere knows others.
        public var sourceFolders: [String: String] = [:]
        /// How the weight files are packed; `nil` for not at all.
        public var compression: Compression?
        /// Whether weight files that the plan keeps as they are become links to the source's, so that nothing is
        /// written for them, and who edits one edits both; where the file system shares blocks, it does that instead.
        public var links = false
        /// Whether tensors that share blocks with a source are read, so that the manifest has their hashes too.
        public var hashesShared = false
        /// The environment, which says where the hub is, for sources that are not on this machine.
        public var environment: [String: String] = [:]

        /// Creates the options that suit most.
        public init() {}
    }

    /// What a progress display may hear.
    public enum Progress: Hashable, Sendable {
        /// The work begins; so many bytes will be written, and so many of them are there already.
        case started(totalBytes: Int, doneBytes: Int)
        /// So many more bytes are in the output.
        case wrote(bytes: Int)
        /// So many bytes are wanted of the hub, and so many of them are here already.
        case fetching(totalBytes: Int, doneBytes: Int)
        /// So many more bytes came from the hub.
        case fetched(bytes: Int)
        /// Everything is written and gets its final name.
        case publishing
    }

    /// What a build made, and what it took.
    public struct Outcome: Hashable, Sendable {
        /// The output folder.
        public let folder: String
        /// The bytes of all files in it.
        public let byteCount: Int
        /// The bytes of them that were written; the others share blocks with a source.
        public let writtenByteCount: Int
        /// The time from start to the last sync.
        public let duration: Duration
        /// The most memory the process has had so far, in bytes, where the system tells.
        public let peakMemory: Int?
        /// Whether there was nothing left to do.
        public let wasDone: Bool
        /// Where the tensors of a mergekit file are not what mergekit makes of them, and why.
        public let notices: [Diagnostic]
    }

    /// Why a build failed; nothing stands under the output's name then.
    public struct BuildError: Error, Sendable {
        /// All that was found.
        public let diagnostics: [Diagnostic]
        /// 1 when the plan or a source is wrong, 2 when the system refused, 3 when trying again may help.
        public let exitCode: Int32

        /// Creates an error.
        public init(diagnostics: [Diagnostic], exitCode: Int32) {
            self.diagnostics = diagnostics
            self.exitCode = exitCode
        }
    }

    /// The most memory that running a plan will take, in bytes.
    public static func memoryNeeded(_ options: BuildOptions) -> Int {
        ExecutionOptions(options).memoryLimit
    }

    /// About how much memory running a plan makes use of, in bytes; the most that it may take where that is not known.
    public static func memoryUsed(by plan: Plan, _ options: BuildOptions) -> Int {
        (try? Execution.memoryUsed(plan, options: ExecutionOptions(options))) ?? memoryNeeded(options)
    }

    /// Writes what a plan describes into a folder, which is there whole afterwards or not at all.
    ///
    /// Blocks the calling thread; the work is done on threads of its own.
    ///
    /// - Parameters:
    ///   - plan: What to write.
    ///   - folder: Where to.
    ///   - options: How.
    ///   - isCancelled: Asked now and then, from any thread.
    ///   - onProgress: Told of progress, from any thread.
    /// - Returns: What was made.
    /// - Throws: ``BuildError``.
    public static func build(
        _ plan: Plan,
        into folder: String,
        options: BuildOptions = BuildOptions(),
        isCancelled: @escaping @Sendable () -> Bool = { false },
        onProgress: @escaping @Sendable (Progress) -> Void = { _ in }
    ) throws(BuildError) -> Outcome {
        try building(onProgress) { (onEvent) throws(ExecutionError) in
            try fetching(plan, options, all: true, isCancelled, onProgress) { (own) throws(ExecutionError) in
                try Execution.run(
                    plan,
                    into: FilePath(folder),
                    options: own,
                    isCancelled: isCancelled,
                    onEvent: onEvent
                )
            }
        }
    }

    /// Runs what writes, and tells of it in the words of this room.
    static func building(
        _ onProgress: @escaping @Sendable (Progress) -> Void,
        _ body: (@escaping @Sendable (ExecutionEvent) -> Void) throws(ExecutionError) -> Receipt
    ) throws(BuildError) -> Outcome {
        do throws(ExecutionError) {
            let receipt = try body { event in
                switch event {
                case .started(let total, let done): onProgress(.started(totalBytes: total, doneBytes: done))
                case .wrote(let bytes), .shared(let bytes): onProgress(.wrote(bytes: bytes))
                case .publishing: onProgress(.publishing)
                case .shardFinished: break
                }
            }
            return Outcome(
                folder: receipt.folder.string,
                byteCount: receipt.logicalBytes,
                writtenByteCount: receipt.physicalBytes,
                duration: receipt.duration,
                peakMemory: receipt.peakMemory,
                wasDone: receipt.wasDone,
                notices: receipt.decisions.entries.map { .decided($0) }
            )
        } catch {
            throw BuildError(diagnostics: error.diagnostics, exitCode: error.exitCode)
        }
    }
}

extension ExecutionOptions {
    /// The options of a build.
    init(_ options: Surgery.BuildOptions) {
        self.init()
        threads = options.threads
        memory = options.memory
        memoryTaken = ProcessMemory.current
        replacesExisting = options.replacesExisting
        resumes = options.resumes
        keepsCancelled = options.keepsCancelled
        sourceFolders = options.sourceFolders.mapValues { FilePath($0) }
        packing = options.compression.map { FilePacker.Options($0) }
        packing?.threads = options.threads
        links = options.links
        hashes = options.hashesShared ? .all : .written
    }
}

extension Diagnostic {
    /// Tensors that are not what mergekit would make of them.
    fileprivate static func decided(_ entry: AppliedDecisions.Entry) -> Diagnostic {
        let count = entry.tensorCount
        return Diagnostic(
            .note,
            code: entry.decision.id,
            "in \(count) tensor\(count == 1 ? "" : "s"), such as '\(entry.example)': \(entry.decision.documented)",
            at: nil as SourceRange?,
            fix: .compatibility(with: entry.releases),
            notes: [Note(entry.words, at: nil)]
        )
    }
}
