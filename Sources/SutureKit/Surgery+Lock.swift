import SutureCheckpoints
public import SutureDiagnostics
import SutureExecution
public import SuturePlanning
import SystemPackage

extension Surgery {
    /// The models of a recipe as they were pinned: revisions, and the SHA-256 of every file.
    public struct Lock: Sendable {
        private let lock: RecipeLock
        private let path: FilePath

        /// How files are looked at.
        public struct Reading: Sendable {
            /// Whether weight files are read that no hub cache names by their hash; small files always are.
            public var readsWeights = true
            /// Whether the names in a hub cache are not taken at their word.
            public var readsAll = false
            /// The number of threads; `nil` for one a core.
            public var threads: Int?

            /// Creates the usual way to look.
            public init() {}
        }

        /// Reads a lock.
        ///
        /// - Throws: `Diagnostics` where there is none, or it cannot be read.
        public init(reading path: String) throws(Diagnostics) {
            self.path = FilePath(path)
            let bytes: [UInt8]
            do throws(FileError) {
                bytes = try FileSystem.read(self.path, limit: RecipeLock.byteLimit)
            } catch { throw Diagnostics([.noLock(path, error)]) }
            do throws(Diagnostic) { lock = try RecipeLock(parsing: bytes, path: path) } catch {
                throw Diagnostics([error])
            }
        }

        private init(_ lock: RecipeLock, at path: FilePath) {
            self.lock = lock
            self.path = path
        }

        /// Where a recipe's lock is: beside it.
        ///
        /// - Parameters:
        ///   - recipe: The recipe's file, or its name on the shelf.
        ///   - environment: The environment, which says where the shelf is.
        /// - Returns: The lock's path.
        public static func path(ofRecipe recipe: String, environment: [String: String]) -> String {
            (RecipeShelf(environment: environment).path(ofRecipe: recipe) ?? recipe) + ".lock"
        }

        /// Pins the models of a plan as they are.
        ///
        /// - Throws: ``BuildError``.
        public static func make(
            for plan: Plan,
            at path: String,
            _ reading: Reading = Reading(),
            isCancelled: @escaping @Sendable () -> Bool = { false },
            onProgress: @escaping @Sendable (Progress) -> Void = { _ in }
        ) throws(BuildError) -> Lock {
            let own = RecipeLock.Reading(reading, isCancelled, onProgress)
            do throws(ExecutionError) { return Lock(try RecipeLock.make(for: plan, own), at: FilePath(path)) } catch {
                throw BuildError(diagnostics: error.diagnostics, exitCode: error.exitCode)
            }
        }

        /// Writes it where it belongs; it is there whole or not at all.
        public func write() throws(BuildError) {
            do throws(FileError) { try FileSystem.write(lock.text, to: path) } catch {
                throw BuildError(diagnostics: [error.diagnostic], exitCode: 2)
            }
        }

        /// The commits that it pins, by the references that the recipe gives.
        public var revisions: [String: String] {
            var revisions: [String: String] = [:]
            for source in lock.sources {
                // A folder has the commit that it has, wherever it lies.
                let id = HubID(CheckpointReference(parsing: source.reference).model)
                guard let revision = source.revision, let id, id.text == source.hubID else { continue }
                revisions[source.reference] = revision
            }
            return revisions
        }

        /// The number of files that it pins.
        public var fileCount: Int { lock.sources.reduce(0) { $0 + $1.files.count } }

        /// The bytes of these files.
        public var byteCount: Int { lock.sources.reduce(0) { $0 + $1.files.reduce(0) { $0 + $1.byteCount } } }

        /// Compares the models of a plan with what is pinned.
        ///
        /// - Returns: A message for each file that differs.
        /// - Throws: ``BuildError`` where the system refuses to read.
        public func differences(
            from plan: Plan,
            _ reading: Reading = Reading(),
            isCancelled: @escaping @Sendable () -> Bool = { false },
            onProgress: @escaping @Sendable (Progress) -> Void = { _ in }
        ) throws(BuildError) -> [Diagnostic] {
            let own = RecipeLock.Reading(reading, isCancelled, onProgress)
            do throws(ExecutionError) { return try lock.differences(from: plan, lockedBy: path, own) } catch {
                throw BuildError(diagnostics: error.diagnostics, exitCode: error.exitCode)
            }
        }
    }
}

extension RecipeLock.Reading {
    fileprivate init(
        _ reading: Surgery.Lock.Reading,
        _ isCancelled: @escaping @Sendable () -> Bool,
        _ onProgress: @escaping @Sendable (Surgery.Progress) -> Void
    ) {
        self.init()
        readsWeights = reading.readsWeights
        readsAll = reading.readsAll
        threads = reading.threads
        self.isCancelled = isCancelled
        onEvent = { event in
            switch event {
            case .started(let total, let done): onProgress(.started(totalBytes: total, doneBytes: done))
            case .wrote(let bytes): onProgress(.wrote(bytes: bytes))
            default: break
            }
        }
    }
}

extension Diagnostic {
    fileprivate static func noLock(_ path: String, _ error: FileError) -> Diagnostic {
        Diagnostic(
            code: "no-lock",
            error.errno == .noSuchFileOrDirectory ? "the recipe's models are not pinned" : error.message,
            at: .file(path, tensor: nil),
            fix: FixIt("pin them with 'suture lock RECIPE'")
        )
    }
}
