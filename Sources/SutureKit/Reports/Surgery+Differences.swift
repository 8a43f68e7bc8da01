import SutureAnalysis
import SutureArchitectures
import SutureCheckpoints
import SutureDiagnostics
import SutureExecution
import SutureHub
import SuturePlanning

extension Surgery {
    /// Compares models with the first of them: every tensor, the config, the tokens.
    ///
    /// Layers are laid side by side by their numbers, or where the depths differ by what is alike.
    ///
    /// - Parameters:
    ///   - models: At least two: folders, `owner/name[@revision]` on the hub, or `synthetic:…`.
    ///   - threads: The number of threads; one a core where it is left out.
    ///   - environment: The environment, which says where the hub cache is.
    ///   - readsHub: Whether models that are not on this machine are read from the hub, by byte ranges.
    ///   - isCancelled: Asked now and then whether to stop; called from any thread.
    ///   - onProgress: Told how far it is; called from any thread.
    /// - Returns: A report for each model behind the first.
    /// - Throws: ``BuildError`` with what is wrong with the models, or what the system refused.
    public static func compare(
        _ models: [String],
        threads: Int? = nil,
        environment: [String: String],
        readsHub: Bool = false,
        isCancelled: @escaping @Sendable () -> Bool = { false },
        onProgress: @escaping @Sendable (Progress) -> Void = { _ in }
    ) throws(BuildError) -> [DifferenceReport] {
        let hub = Hub(environment: environment, isCancelled: isCancelled)
        let studied = try study(models, environment, hub: readsHub ? hub : nil)
        guard let first = studied.first else { return [] }
        do throws(ExecutionError) {
            return try ModelDifference.find(
                between: first,
                and: Array(studied.dropFirst()),
                in: hub,
                threads: threads,
                isCancelled: isCancelled,
                onStart: { onProgress(.started(totalBytes: $0, doneBytes: 0)) },
                onBytes: { onProgress(.wrote(bytes: $0)) }
            )
            .map(DifferenceReport.init)
        } catch { throw BuildError(diagnostics: error.diagnostics, exitCode: error.exitCode) }
    }
}

extension StudiedModel {
    /// Opens a model and takes it apart.
    init(opening reference: String, _ environment: [String: String], hub: Hub?) throws(Diagnostics) {
        let model = CheckpointReference(parsing: reference)
        let checkpoint = try Checkpoint.open(model, environment: environment, hub: hub)
        do throws(AnatomyError) { try self.init(checkpoint, name: reference) } catch {
            throw Diagnostics([Diagnostic(error, in: checkpoint)])
        }
    }
}
