import SutureAnalysis
import SutureCheckpoints
import SutureDiagnostics
import SutureExecution
import SutureHub
import SuturePlanning
import SutureRecipes

extension Surgery {
    /// Finds out of which models a model was made, and writes the recipe.
    ///
    /// Layers are laid beside those of each source that they are most like, then each tensor is explained: a copy, one
    /// number, a source times a factor, a sum of sources by least squares. The recipe that says so is planned, and what it
    /// makes is compared with the model byte for byte.
    ///
    /// - Parameters:
    ///   - model: The model: a folder, `owner/name[@revision]` on the hub, or `synthetic:…`.
    ///   - sources: What it may be made of; at least one.
    ///   - threads: The number of threads; one a core where it is left out.
    ///   - environment: The environment, which says where the hub cache is.
    ///   - readsHub: Whether models that are not on this machine are read from the hub, by byte ranges.
    ///   - isCancelled: Asked now and then whether to stop; called from any thread.
    ///   - onProgress: Told how far it is; called from any thread. The proof begins anew.
    /// - Returns: What was found.
    /// - Throws: ``BuildError`` with what is wrong with the models, or what the system refused.
    public static func identify(
        _ model: String,
        among sources: [String],
        threads: Int? = nil,
        environment: [String: String],
        readsHub: Bool = false,
        isCancelled: @escaping @Sendable () -> Bool = { false },
        onProgress: @escaping @Sendable (Progress) -> Void = { _ in }
    ) throws(BuildError) -> OriginReport {
        let hub = Hub(environment: environment, isCancelled: isCancelled)
        let studied = try study([model] + sources, environment, hub: readsHub ? hub : nil)
        do throws(ExecutionError) {
            let origins = try ModelOrigins(
                of: studied[0],
                among: Array(studied.dropFirst()),
                in: hub,
                threads: threads,
                isCancelled: isCancelled,
                onStart: { onProgress(.started(totalBytes: $0, doneBytes: 0)) },
                onBytes: { onProgress(.wrote(bytes: $0)) }
            )
            let recipe = OriginRecipe(of: origins, references: sources)
            guard let text = recipe.text else { return OriginReport(origins, recipe, faults: []) }
            var options = PlanningOptions()
            options.environment = environment
            if readsHub { options.hub = hub }
            let result: PlanningResult
            do throws(Diagnostics) {
                result = try Surgery(reading: SourceFile(path: "found.yml", text: text), options: options).plan()
            } catch {
                return OriginReport(origins, recipe, faults: error.all)
            }
            guard let plan = result.plan else {
                return OriginReport(origins, recipe, faults: result.diagnostics.filter { $0.severity == .error })
            }
            var execution = ExecutionOptions()
            execution.threads = threads
            execution.store = hub
            let proof = try Recomputation(
                Array(plan.tensors.indices),
                of: plan,
                in: .model(studied[0].checkpoint, store: hub),
                options: execution,
                isCancelled: isCancelled
            ) { event in
                switch event {
                case .started(let total, let done): onProgress(.started(totalBytes: total, doneBytes: done))
                case .wrote(let bytes): onProgress(.wrote(bytes: bytes))
                default: break
                }
            }
            return OriginReport(origins, recipe, plan: plan, proof: try proof.run())
        } catch { throw BuildError(diagnostics: error.diagnostics, exitCode: error.exitCode) }
    }

    /// Opens models and takes them apart.
    static func study(
        _ models: [String],
        _ environment: [String: String],
        hub: Hub?
    ) throws(BuildError) -> [StudiedModel] {
        var faults = Diagnostics()
        var studied: [StudiedModel] = []
        for model in models {
            do throws(Diagnostics) { studied.append(try StudiedModel(opening: model, environment, hub: hub)) } catch {
                faults.append(contentsOf: error.all)
            }
        }
        guard studied.count == models.count else {
            throw BuildError(diagnostics: faults.all, exitCode: exitCode(of: faults.all))
        }
        return studied
    }
}
