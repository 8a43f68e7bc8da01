import SutureArchitectures
import SutureCheckpoints
import SutureDiagnostics
import SutureExecution
import SutureHub
import SutureJSON
import SuturePlanning
import SutureTensors
import SystemPackage

/// One verification, from the folder's listing to the tensors that are made again.
struct VerificationRun {
    private let folder: FilePath
    private let options: Surgery.VerificationOptions
    private let isCancelled: @Sendable () -> Bool
    private let onEvent: @Sendable (ExecutionEvent) -> Void
    private var verified: Surgery.Verified
    private var faultyFiles: Set<String> = []

    init(
        _ folder: FilePath,
        _ options: Surgery.VerificationOptions,
        isCancelled: @escaping @Sendable () -> Bool,
        onEvent: @escaping @Sendable (ExecutionEvent) -> Void
    ) {
        self.folder = folder
        self.options = options
        self.isCancelled = isCancelled
        self.onEvent = onEvent
        verified = Surgery.Verified(folder: folder.string)
    }

    mutating func run() throws(ExecutionError) -> Surgery.Verified {
        let start = ContinuousClock.now
        if let manifest = try readManifest() {
            try compare(with: manifest)
        } else if verified.isGood {
            verified.diagnostics.append(.noManifest(folder))
        }
        checkStructure()
        verified.duration = .now - start
        verified.peakMemory = ProcessMemory.peak
        return verified
    }

    private mutating func readManifest() throws(ExecutionError) -> Manifest? {
        let path = folder.appending(DocumentNames.manifest)
        do throws(FileError) {
            guard try FileSystem.kind(of: folder) == .folder else {
                throw FileError(.open, folder, .noSuchFileOrDirectory)
            }
            guard try FileSystem.kind(of: path) != nil else { return nil }
            let bytes = try FileSystem.read(path, limit: Manifest.byteLimit)
            do throws(Diagnostic) { return try Manifest(parsing: bytes, path: path.string) } catch {
                verified.diagnostics.append(error)
                return nil
            }
        } catch { throw ExecutionError(.model, error.diagnostic) }
    }

    // MARK: - Against the manifest

    private mutating func compare(with manifest: Manifest) throws(ExecutionError) {
        verified.hasManifest = true
        verified.tensors.count = manifest.tensors.count
        verified.tensors.byteCount = manifest.tensors.reduce(0) { $0 + $1.spec.byteCount }
        var own = Verification.Options()
        own.threads = options.threads
        own.readsTensors = options.readsTensors
        let verification = Verification(
            folder,
            against: manifest,
            options: own,
            isCancelled: isCancelled,
            onEvent: onEvent
        )
        let outcome = try verification.run()
        verified.diagnostics += outcome.diagnostics.all
        faultyFiles = outcome.faultyFiles
        verified.hashed = Surgery.Verified.Amount(count: outcome.tensorCount, byteCount: outcome.byteCount)
        guard options.readsTensors else { return }
        guard options.recomputedShare != nil || !outcome.unhashed.isEmpty else { return }
        try recompute(manifest, unhashed: outcome.unhashed)
    }

    /// Makes tensors again: those that were asked for, and those that only their source can vouch for.
    private mutating func recompute(_ manifest: Manifest, unhashed: [Int]) throws(ExecutionError) {
        let replanning = Replanning(folder: folder, manifest: manifest, options: options)
        let plan: Plan
        do throws(Diagnostics) { plan = try replanning.plan() } catch {
            // Nobody asked for the sources; that they are gone is worth a word and no fault.
            guard options.recomputedShare == nil else { return verified.diagnostics += error.all }
            let bytes = unhashed.reduce(0) { $0 + manifest.tensors[$1].spec.byteCount }
            verified.unchecked = Surgery.Verified.Amount(count: unhashed.count, byteCount: bytes)
            let reason = error.all.first { $0.severity == .error }?.message
            return verified.diagnostics.append(.cannotCheckShared(folder, unhashed.count, bytes, reason))
        }
        if options.recomputedShare != nil { verified.diagnostics += replanning.differences(from: plan) }
        var chosen = Set(unhashed)
        if let sample = options.recomputedShare.flatMap({ Sample(share: $0, seed: options.seed) }) {
            chosen.formUnion(sample.tensors(of: plan))
        }
        var execution = ExecutionOptions()
        execution.threads = options.threads
        execution.memory = options.memory
        execution.store = Hub(environment: options.environment, isCancelled: isCancelled)
        let outcome = try Recomputation(
            chosen.sorted(),
            of: plan,
            in: .folder(folder),
            options: execution,
            isCancelled: isCancelled,
            onEvent: onEvent
        ).run()
        verified.diagnostics += outcome.diagnostics
        verified.recomputed = Surgery.Verified.Amount(count: outcome.tensorCount, byteCount: outcome.byteCount)
    }

    // MARK: - Structure

    /// Opens the folder as a model, as anybody would who wants to load it.
    private mutating func checkStructure() {
        let checkpoint: Checkpoint
        do throws(Diagnostics) {
            checkpoint = try Checkpoint.open(
                CheckpointReference(folder: folder.string),
                environment: options.environment
            )
        } catch {
            // A file that is told of already is why it does not open.
            if faultyFiles.isEmpty { verified.diagnostics += error.all }
            return
        }
        if !verified.hasManifest {
            verified.tensors.count = checkpoint.tensors.count
            verified.tensors.byteCount = checkpoint.byteCount
        }
        verified.diagnostics += checkpoint.notices.filter { $0.severity != .note }
        do throws(AnatomyError) {
            let anatomy = try Anatomy.read(config: checkpoint.config, tensors: checkpoint.tensors.map(\.spec))
            let faults = anatomy.findings.filter { $0.severity == .error }
            // What does not fit in a file that was changed follows from the change, and is mended with it.
            guard faultyFiles.isEmpty else { return explain(faults.map(\.message), by: checkpoint.configPath) }
            verified.diagnostics += faults.map { Diagnostic($0, in: checkpoint) }
        } catch {
            guard faultyFiles.isEmpty else { return explain([error.finding.message], by: checkpoint.configPath) }
            verified.diagnostics.append(.noLayersToCheck(folder, error))
        }
    }

    /// Says what a changed config no longer fits, beside the change.
    private mutating func explain(_ messages: [String], by config: FilePath) {
        let place = Diagnostic.Place.file(config.string, tensor: nil)
        guard let index = verified.diagnostics.firstIndex(where: { $0.place == place }) else { return }
        let told = verified.diagnostics[index]
        verified.diagnostics[index] = Diagnostic(
            told.severity,
            code: told.code,
            told.message,
            at: told.place,
            fix: told.fix,
            notes: told.notes + messages.map { Diagnostic.Note($0, at: nil) }
        )
    }
}

extension Diagnostic {
    fileprivate static func noManifest(_ folder: FilePath) -> Diagnostic {
        Diagnostic(
            .warning,
            code: "no-manifest",
            "there is no manifest.json, so only headers, index and config are compared with each other",
            at: .file(folder.string, tensor: nil),
            fix: FixIt("models that suture builds have one")
        )
    }

    fileprivate static func noLayersToCheck(_ folder: FilePath, _ error: AnatomyError) -> Diagnostic {
        Diagnostic(
            .warning,
            code: error.finding.code,
            "\(error.finding.message); the config is not compared with the tensors",
            at: .file(folder.string, tensor: nil)
        )
    }

    fileprivate static func cannotCheckShared(
        _ folder: FilePath,
        _ count: Int,
        _ byteCount: Int,
        _ reason: String?
    ) -> Diagnostic {
        Diagnostic(
            .warning,
            code: "shared-not-checked",
            "\(count) tensors (\(ByteSize.format(byteCount))) share blocks with a source and have no hash, and the source"
                + " cannot be compared with" + (reason.map { ": \($0)" } ?? ""),
            at: .file(folder.string, tensor: nil),
            fix: FixIt("say where the source is: --input name=MODEL; or build with --hash-all")
        )
    }
}
