import SutureExecution
import SystemPackage

extension Surgery {
    /// How weight files are packed.
    public struct Compression: Hashable, Sendable {
        /// zstd's level, 1 to 22; weights gain nothing above 1.
        public var level: Int

        /// Whether numbers of two bytes are taken apart into planes: smaller, and only `unpack` restores them.
        public var splitsPlanes: Bool

        /// Creates a way to pack.
        public init(level: Int = 1, splitsPlanes: Bool = false) {
            self.level = level
            self.splitsPlanes = splitsPlanes
        }
    }

    /// What became of a folder that was packed or restored.
    public struct PackingOutcome: Hashable, Sendable {
        /// The weight files.
        public let fileCount: Int
        /// Their bytes as they are.
        public let contentByteCount: Int
        /// Their bytes when packed.
        public let packedByteCount: Int
        /// The time it took.
        public let duration: Duration
    }

    /// Packs the safetensors files of a folder into another; all other files are copied.
    ///
    /// - Parameters:
    ///   - source: The folder.
    ///   - target: The folder to make.
    ///   - compression: How.
    ///   - replacesExisting: Whether a model that is there already is replaced.
    ///   - threads: The number of threads; `nil` for one a core.
    ///   - isCancelled: Asked now and then, from any thread.
    ///   - onFile: Told the name of each file that is done, its bytes as they are and when packed.
    /// - Returns: What became of it.
    /// - Throws: ``BuildError``; the folder is then not there.
    public static func pack(
        _ source: String,
        into target: String,
        compression: Compression = Compression(),
        replacesExisting: Bool = false,
        threads: Int? = nil,
        isCancelled: @escaping @Sendable () -> Bool = { false },
        onFile: (String, Int, Int) -> Void = { _, _, _ in }
    ) throws(BuildError) -> PackingOutcome {
        var options = FilePacker.Options(compression)
        options.threads = threads
        return try run(FolderPacker(.pack, options, isCancelled: isCancelled), source, target, replacesExisting, onFile)
    }

    /// Restores the packed files of a folder into another, byte for byte; all other files are copied.
    ///
    /// - Parameters:
    ///   - source: The folder.
    ///   - target: The folder to make.
    ///   - replacesExisting: Whether a model that is there already is replaced.
    ///   - threads: The number of threads; `nil` for one a core.
    ///   - isCancelled: Asked now and then, from any thread.
    ///   - onFile: Told the name of each file that is done, its bytes as they are and when packed.
    /// - Returns: What became of it.
    /// - Throws: ``BuildError``; the folder is then not there.
    public static func unpack(
        _ source: String,
        into target: String,
        replacesExisting: Bool = false,
        threads: Int? = nil,
        isCancelled: @escaping @Sendable () -> Bool = { false },
        onFile: (String, Int, Int) -> Void = { _, _, _ in }
    ) throws(BuildError) -> PackingOutcome {
        var options = FilePacker.Options()
        options.threads = threads
        return try run(
            FolderPacker(.unpack, options, isCancelled: isCancelled),
            source,
            target,
            replacesExisting,
            onFile
        )
    }

    private static func run(
        _ packer: FolderPacker,
        _ source: String,
        _ target: String,
        _ replacesExisting: Bool,
        _ onFile: (String, Int, Int) -> Void
    ) throws(BuildError) -> PackingOutcome {
        do throws(ExecutionError) {
            let outcome = try packer.run(
                FilePath(source),
                into: FilePath(target),
                replacesExisting: replacesExisting
            ) { name, done in
                onFile(name, done.contentBytes, done.packedBytes)
            }
            return PackingOutcome(
                fileCount: outcome.fileCount,
                contentByteCount: outcome.contentBytes,
                packedByteCount: outcome.packedBytes,
                duration: outcome.duration
            )
        } catch {
            throw BuildError(diagnostics: error.diagnostics, exitCode: error.exitCode)
        }
    }
}

extension FilePacker.Options {
    /// The options of a way to pack.
    init(_ compression: Surgery.Compression) {
        self.init()
        level = compression.level
        splitsPlanes = compression.splitsPlanes
    }
}
