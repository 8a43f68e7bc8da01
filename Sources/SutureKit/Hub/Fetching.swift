import SutureCheckpoints
public import SutureDiagnostics
import SutureExecution
import SutureHub
public import SuturePlanning
import Synchronization
import SystemPackage

extension PlanningOptions {
    /// Lets models that are not on this machine be read from the hub, as far as they have to be.
    ///
    /// The environment says where the hub is, and whether it may be asked: set ``environment`` first.
    public mutating func readsHub() { hub = Hub(environment: environment) }
}

extension Surgery {
    /// What a plan reads of the hub, in bytes.
    public struct Fetch: Hashable, Sendable {
        /// The bytes that are read.
        public let neededByteCount: Int
        /// The bytes of them that are on this machine already.
        public let presentByteCount: Int
        /// The bytes of the files that they are in.
        public let sourceByteCount: Int
    }

    /// Whether a word on a command line is a recipe, and not a model's name.
    public static func isRecipe(_ word: String, environment: [String: String]) -> Bool {
        word == "-" || word.hasSuffix(".yml") || word.hasSuffix(".yaml")
            || (try? FileSystem.kind(of: FilePath(word))) == .file
            || RecipeShelf(environment: environment).path(ofRecipe: word) != nil
    }

    /// What is to be fetched before a plan can be run to its end; nothing is, to find that out.
    ///
    /// - Parameters:
    ///   - plan: The plan.
    ///   - environment: The environment, which says where ranges are kept.
    /// - Returns: `nil` where all sources are on this machine.
    /// - Throws: ``BuildError`` where the system refuses to look.
    public static func fetch(of plan: Plan, environment: [String: String]) throws(BuildError) -> Fetch? {
        try asking { () throws(FileError) in
            guard let fetch = try PlannedFetch(plan, from: Hub(environment: environment)) else { return nil }
            return Fetch(
                neededByteCount: fetch.neededByteCount,
                presentByteCount: try fetch.presentByteCount,
                sourceByteCount: fetch.sourceByteCount
            )
        }
    }

    /// Fetches what a plan reads of the hub, so that it can be run without a network.
    ///
    /// - Parameters:
    ///   - plan: The plan.
    ///   - whole: Whether the files are fetched whole, and put into the hub cache.
    ///   - environment: The environment, which says where the hub is.
    ///   - isCancelled: Asked now and then, from any thread.
    ///   - onProgress: Told of progress, from any thread.
    /// - Returns: The bytes that were fetched.
    /// - Throws: ``BuildError``.
    public static func fetch(
        _ plan: Plan,
        whole: Bool,
        environment: [String: String],
        isCancelled: @escaping @Sendable () -> Bool = { false },
        onProgress: @escaping @Sendable (Progress) -> Void = { _ in }
    ) throws(BuildError) -> Int {
        let hub = Hub(environment: environment, isCancelled: isCancelled)
        return try asking { () throws(FileError) in
            let files = plan.sources.flatMap { source in
                source.files.map { (FilePath($0.path), source.revision ?? "", $0.byteCount) }
            }
            guard
                let fetch = try whole
                    ? PlannedFetch(wholeFiles: files, from: hub) : PlannedFetch(plan, from: hub)
            else { return 0 }
            return try run(fetch, hub, onProgress)
        }
    }

    /// Fetches a model whole and puts it into the hub cache.
    ///
    /// - Parameters:
    ///   - reference: `owner/name[@revision]`.
    ///   - environment: The environment, which says where the hub is.
    ///   - isCancelled: Asked now and then, from any thread.
    ///   - onProgress: Told of progress, from any thread.
    /// - Returns: The model's folder, and the bytes that were fetched.
    /// - Throws: ``BuildError``.
    public static func fetch(
        model reference: String,
        environment: [String: String],
        isCancelled: @escaping @Sendable () -> Bool = { false },
        onProgress: @escaping @Sendable (Progress) -> Void = { _ in }
    ) throws(BuildError) -> (folder: String, byteCount: Int) {
        let hub = Hub(environment: environment, isCancelled: isCancelled)
        let model: Checkpoint
        do throws(Diagnostics) {
            model = try Checkpoint.open(CheckpointReference(parsing: reference), environment: environment, hub: hub)
        } catch {
            throw BuildError(diagnostics: error.all, exitCode: HubFailure.exitCode(of: error.all) ?? 1)
        }
        let count = try asking { () throws(FileError) in
            let files = model.files.map { (path: $0.path, commit: model.revision ?? "", byteCount: $0.byteCount) }
            guard let fetch = try PlannedFetch(wholeFiles: files, from: hub) else { return 0 }
            return try run(fetch, hub, onProgress)
        }
        return (model.folder.string, count)
    }

    private static func run(
        _ fetch: PlannedFetch,
        _ hub: Hub,
        _ onProgress: @escaping @Sendable (Progress) -> Void
    ) throws(FileError) -> Int {
        try fetch.checkRoom()
        let before = hub.meter.byteCount
        onProgress(.fetching(totalBytes: fetch.neededByteCount, doneBytes: try fetch.presentByteCount))
        hub.meter.tell { onProgress(.fetched(bytes: $0)) }
        defer { hub.meter.tell(nil) }
        try fetch.run(isStopped: { false })
        try fetch.settle()
        return hub.meter.byteCount - before
    }

    private static func asking<Value>(_ body: () throws(FileError) -> Value) throws(BuildError) -> Value {
        do throws(FileError) { return try body() } catch {
            let failure = ExecutionError(error)
            throw BuildError(diagnostics: failure.diagnostics, exitCode: failure.exitCode)
        }
    }

    // MARK: - While something is built

    /// Runs what reads a plan's sources, and fetches ahead of it what is on the hub.
    ///
    /// - Parameters:
    ///   - plan: The plan.
    ///   - options: How it is run.
    ///   - fetchesAll: Whether all that the plan reads will be read.
    ///   - isCancelled: Asked now and then, from any thread.
    ///   - onProgress: Told of progress, from any thread.
    ///   - body: What reads; it is given options that know the hub.
    /// - Returns: What `body` made.
    /// - Throws: ``ExecutionError``.
    static func fetching(
        _ plan: Plan,
        _ options: BuildOptions,
        all fetchesAll: Bool,
        _ isCancelled: @escaping @Sendable () -> Bool,
        _ onProgress: @escaping @Sendable (Progress) -> Void,
        _ body: @Sendable (ExecutionOptions) throws(ExecutionError) -> Receipt
    ) throws(ExecutionError) -> Receipt {
        var own = ExecutionOptions(options)
        let hub = Hub(environment: options.environment, isCancelled: isCancelled)
        let planned: PlannedFetch?
        do throws(FileError) {
            planned = try PlannedFetch(plan, from: hub)
            if fetchesAll { try planned?.checkRoom() }
        } catch { throw ExecutionError(error) }
        guard let planned else { return try body(own) }
        own.store = hub
        if let present = try? planned.presentByteCount, fetchesAll {
            onProgress(.fetching(totalBytes: planned.neededByteCount, doneBytes: present))
        }
        hub.meter.tell { onProgress(.fetched(bytes: $0)) }
        defer { hub.meter.tell(nil) }
        let result = Mutex<Result<Receipt, ExecutionError>?>(nil)
        // Bytes that are not what the hub says must not be in a model that is there.
        let isSettled = Mutex(false)
        let settle = { @Sendable () throws(ExecutionError) in
            guard !isSettled.withLock({ $0 }) else { return }
            do throws(FileError) { try planned.settle() } catch { throw ExecutionError(error) }
            isSettled.withLock { $0 = true }
        }
        own.beforePublishing = settle
        let execution = own
        Crew(width: fetchesAll ? 2 : 1).run(fetchesAll ? 2 : 1, state: {}) { index, _ in
            guard index == 0 else {
                // What fails here fails where it is read, and is told of there.
                try? planned.run(isStopped: { result.withLock { $0 != nil } })
                return
            }
            do throws(ExecutionError) {
                let receipt = try body(execution)
                result.withLock { $0 = .success(receipt) }
            } catch { result.withLock { $0 = .failure(error) } }
        }
        guard let outcome = result.withLock({ $0 }) else { preconditionFailure("every item is worked on") }
        let receipt = try outcome.get()
        try settle()
        return receipt
    }
}

extension Surgery {
    /// The exit code of a command that ends with messages: 1, or what a hub that gave nothing asks for.
    public static func exitCode(of diagnostics: [Diagnostic]) -> Int32 { HubFailure.exitCode(of: diagnostics) ?? 1 }
}
