import SutureMerging
import SuturePlanning

/// The work on computed tensors, handed out to threads that come for the next bit of it.
///
/// What merge methods must know of a whole tensor is surveyed, chunk by chunk, before the first piece of the output that
/// needs it is made; pieces are made in order. A thread that finds no piece ready surveys what comes next, so that nobody
/// waits for anybody as long as there is anything to do, and a tensor is read again soon after its survey.
final class Schedule: Sendable {
    /// A tensor to compute.
    struct Tensor: Sendable {
        /// Its number in the plan.
        let index: Int
        /// The pieces that need it; one at least.
        let pieces: Range<Int>
    }

    /// How far surveys may run ahead.
    struct Limits: Sendable {
        /// A tensor's first piece is fewer than so many after the next one.
        let ahead: Int
        /// The bytes of statistics that may be held at once.
        let statisticsByteCount: Int
    }

    private let crew: Crew
    private let settings: Plan.Settings
    private let isCancelled: @Sendable () -> Bool
    private let numbers: @Sendable (Int) -> StoredNumbers
    private let agenda: Monitor<Agenda>

    /// Plans work and does nothing yet.
    ///
    /// - Parameters:
    ///   - pieceCount: The number of pieces.
    ///   - tensors: The tensors to compute, ordered by their first pieces.
    ///   - limits: How far surveys may run ahead.
    ///   - settings: The plan's.
    ///   - crew: Who does the work.
    ///   - isCancelled: Whether to stop.
    ///   - numbers: The numbers that a tensor of the plan is computed from.
    init(
        _ pieceCount: Int,
        _ tensors: [Tensor],
        _ limits: Limits,
        settings: Plan.Settings,
        on crew: Crew,
        isCancelled: @escaping @Sendable () -> Bool,
        numbers: @escaping @Sendable (Int) -> StoredNumbers
    ) {
        self.crew = crew
        self.settings = settings
        self.isCancelled = isCancelled
        self.numbers = numbers
        agenda = Monitor(Agenda(pieceCount, tensors, limits, width: crew.width))
    }

    /// Does all of the work and returns when it is done.
    ///
    /// - Parameters:
    ///   - onSurveyed: Is told of each tensor when its last piece is handed out.
    ///   - make: Makes one piece, with the tensors that it needs by their numbers in the plan.
    /// - Throws: ``ExecutionError``: of several failures, the one that would come first on one thread.
    func run(
        onSurveyed: @escaping @Sendable (PreparedTensor) -> Void = { _ in },
        make: @Sendable (_ piece: Int, [Int: PreparedTensor], Workspaces) throws(ExecutionError) -> Void
    ) throws(ExecutionError) {
        crew.run(crew.width, state: { Workspaces() }) { _, workspaces in
            while case .step(let step) = agenda.wait({ $0.next(onSurveyed) }) {
                guard !isCancelled() else { return agenda.change { $0.fail(.cancelled(), at: .start) } }
                do throws(ExecutionError) {
                    switch step {
                    case .piece(let piece, let tensors): try make(piece, tensors, workspaces)
                    case .open(let tensor): try open(tensor)
                    case .chunk(let number, let job, let tensor, let open):
                        let workspace = workspaces.workspace(of: tensor.index, for: open.evaluator)
                        job.run(number, reading: open.numbers, in: workspace)
                        try finishChunk(of: tensor, job)
                    }
                } catch {
                    agenda.change { $0.fail(error, at: step.place) }
                }
            }
        }
        if let failure = agenda.withLock({ $0.failure?.error }) { throw failure }
    }

    private func open(_ tensor: Tensor) throws(ExecutionError) {
        let numbers = numbers(tensor.index)
        let evaluator = try numbers.tensor.makeEvaluator(settings: settings)
        settle(tensor, Agenda.OpenTensor(evaluator: evaluator, numbers: numbers))
    }

    private func finishChunk(of tensor: Tensor, _ job: SurveyJob) throws(ExecutionError) {
        guard var open = agenda.withLock({ $0.finishChunk(of: tensor) }) else { return }
        if let error = job.error { throw open.numbers.failure(error) }
        open.evaluator.finish(job)
        settle(tensor, open)
    }

    /// Begins the next survey of a tensor, or lets its pieces be made where nothing is left to learn.
    private func settle(_ tensor: Tensor, _ open: Agenda.OpenTensor) {
        let job = open.evaluator.nextSurvey()
        agenda.change { $0.settle(tensor, open, job) }
    }
}
