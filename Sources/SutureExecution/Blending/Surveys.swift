import SutureMerging
import SuturePlanning

/// Learns what merge methods must know of whole tensors before the first of their bytes is computed.
///
/// The passes of all tensors of a batch run side by side, chunk by chunk, so that small tensors do not leave threads idle.
struct Surveys {
    let crew: Crew
    let isCancelled: @Sendable () -> Bool

    /// Bytes of statistics that may be held at once.
    let statisticsLimit: Int

    /// Surveys tensors until all of them can be computed.
    func prepare(_ tensors: [StoredNumbers], settings: Plan.Settings) throws(ExecutionError) -> [PreparedTensor] {
        var prepared: [PreparedTensor] = []
        var group: [(evaluator: MergeEvaluator, numbers: StoredNumbers)] = []
        var held = 0
        for numbers in tensors {
            let evaluator = try numbers.tensor.makeEvaluator(settings: settings)
            let bytes = evaluator.cost.statisticsByteCount * (crew.width + 1) + evaluator.cost.collectedByteCount
            if !group.isEmpty, held + bytes > statisticsLimit {
                prepared += try survey(group)
                (group, held) = ([], 0)
            }
            group.append((evaluator, numbers))
            held += bytes
        }
        return try prepared + survey(group)
    }

    private func survey(
        _ group: [(evaluator: MergeEvaluator, numbers: StoredNumbers)]
    ) throws(ExecutionError) -> [PreparedTensor] {
        var group = group
        while true {
            var jobs: [Job] = []
            for (place, tensor) in group.enumerated() {
                guard let job = tensor.evaluator.nextSurvey() else { continue }
                jobs.append(Job(survey: job, evaluator: tensor.evaluator, numbers: tensor.numbers, place: place))
            }
            guard !jobs.isEmpty else { break }
            try run(jobs)
            for job in jobs { group[job.place].evaluator.finish(job.survey) }
        }
        return group.map { PreparedTensor(evaluator: $0.evaluator, numbers: $0.numbers) }
    }

    private func run(_ jobs: [Job]) throws(ExecutionError) {
        var starts = [0]
        for job in jobs { starts.append((starts.last ?? 0) + job.survey.chunkCount) }
        let chunkStarts = starts
        let isCancelled = isCancelled
        try crew.forEach(0..<(starts.last ?? 0), state: { Workspaces() }) { chunk, workspaces throws(ExecutionError) in
            if isCancelled() { throw .cancelled() }
            let number = chunkStarts.lastStart(notAfter: chunk)
            let job = jobs[number]
            let workspace = workspaces.workspace(of: number, for: job.evaluator)
            job.survey.run(chunk - chunkStarts[number], reading: job.numbers, in: workspace)
            if let error = job.survey.error { throw job.numbers.failure(error) }
        }
    }

    private struct Job: Sendable {
        let survey: SurveyJob
        let evaluator: MergeEvaluator
        let numbers: StoredNumbers
        let place: Int
    }
}

/// The memory of one thread that computes, for the tensor it is at.
final class Workspaces {
    private var current: (key: Int, workspace: MergeWorkspace)?

    /// The memory to compute a tensor in, made anew when the tensor is another than before.
    func workspace(of key: Int, for evaluator: MergeEvaluator) -> MergeWorkspace {
        if let current, current.key == key { return current.workspace }
        // First the old one goes, so that there are never two.
        current = nil
        let workspace = evaluator.makeWorkspace()
        current = (key, workspace)
        return workspace
    }
}

extension [Int] {
    /// The place of the last element that is no more than a number; elements ascend, and the first is no more.
    func lastStart(notAfter number: Int) -> Int {
        var low = 0
        var high = count
        while low + 1 < high {
            let middle = (low + high) / 2
            if self[middle] <= number { low = middle } else { high = middle }
        }
        return low
    }
}
