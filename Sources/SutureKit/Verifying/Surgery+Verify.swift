import SutureCheckpoints
public import SutureDiagnostics
import SutureExecution
import SuturePlanning
import SystemPackage

extension Surgery {
    /// How a model is verified.
    public struct VerificationOptions: Sendable {
        /// The number of threads; `nil` for one a core.
        public var threads: Int?
        /// The memory that making tensors again may take, in bytes; `nil` for an eighth of the machine's.
        public var memory: Int?
        /// Whether the tensors' bytes are read at all; headers, index, config and small files always are.
        public var readsTensors = true
        /// The share of tensors' bytes that is made again from the sources, above 0 and at most 1; `nil` for none.
        public var recomputedShare: Double?
        /// What the choice of tensors hangs on.
        public var seed = 0
        /// Where the sources are now, by the names that the recipe gives them; others are where they were.
        public var inputs: [String: String] = [:]
        /// The environment, which says where the hub cache is.
        public var environment: [String: String] = [:]
        /// Whether sources that are not on this machine are read from the hub.
        public var readsHub = false

        /// Creates the usual options.
        public init() {}

        /// The share that a text says: `all`, or such as `1%`; `nil` where it says none.
        public static func share(_ text: String) -> Double? { Sample(text, seed: 0)?.share }
    }

    /// What verifying a model found.
    public struct Verified: Sendable {
        /// The folder.
        public var folder: String
        /// Whether a manifest says what should be there; without one only the structure is looked at.
        public var hasManifest = false
        /// Everything that was found; the model is as it should be where none of it is an error.
        public var diagnostics: [Diagnostic] = []
        /// What the tensors are, in number and bytes.
        public var tensors = Amount()
        /// Those whose hash is the manifest's.
        public var hashed = Amount()
        /// Those that were made again and compared.
        public var recomputed = Amount()
        /// Those whose bytes nobody could vouch for.
        public var unchecked = Amount()
        /// The time it took.
        public var duration = Duration.zero
        /// The most memory the process has had so far, in bytes, where the system tells.
        public var peakMemory: Int?

        /// A number of tensors and of their bytes.
        public struct Amount: Hashable, Sendable {
            /// How many tensors.
            public var count = 0
            /// Their bytes.
            public var byteCount = 0
        }

        /// Whether nothing is wrong.
        public var isGood: Bool { !diagnostics.contains { $0.severity == .error } }
    }

    /// Verifies a model: its structure, the hashes of what is in it, and on demand what its sources make of it.
    ///
    /// Blocks the calling thread; the work is done on threads of its own, in bounded memory.
    ///
    /// - Parameters:
    ///   - folder: The model's folder.
    ///   - options: How.
    ///   - isCancelled: Asked now and then, from any thread.
    ///   - onProgress: Told of progress, from any thread; the work begins anew for what is made again.
    /// - Returns: What was found, right or wrong.
    /// - Throws: ``BuildError`` where the system refuses, or when cancelled.
    public static func verify(
        _ folder: String,
        options: VerificationOptions = VerificationOptions(),
        isCancelled: @escaping @Sendable () -> Bool = { false },
        onProgress: @escaping @Sendable (Progress) -> Void = { _ in }
    ) throws(BuildError) -> Verified {
        var run = VerificationRun(FilePath(folder), options, isCancelled: isCancelled) { event in
            switch event {
            case .started(let total, let done): onProgress(.started(totalBytes: total, doneBytes: done))
            case .wrote(let bytes): onProgress(.wrote(bytes: bytes))
            default: break
            }
        }
        do throws(ExecutionError) { return try run.run() } catch {
            throw BuildError(diagnostics: error.diagnostics, exitCode: error.exitCode)
        }
    }
}
