import SutureTensors
import Synchronization

/// One pass over the inputs of one blend: chunks to run on any threads, folded in their order.
package final class SurveyJob: Sendable {
    /// The number of chunks.
    package var chunkCount: Int { chunks.count }

    /// How many parts of a pass over parts make a chunk.
    private static let partsTogether = 64

    let blend: Int
    private let pass: SurveyPass
    private let program: MergeProgram
    private let cutting: BlockCutting
    private let options: MergeEvaluator.Options
    private let checked: Set<Int>
    private let chunks: [[Range<Int>]]
    private let folding: Mutex<Folding>

    init(
        _ pass: SurveyPass,
        of blend: Int,
        in program: MergeProgram,
        _ cutting: BlockCutting,
        _ options: MergeEvaluator.Options,
        checked: Set<Int>
    ) {
        self.checked = checked
        self.blend = blend
        self.pass = pass
        self.program = program
        self.cutting = cutting
        self.options = options
        let whole = program.blends[blend].elements
        let start = whole.lowerBound
        if let parts = pass.elements {
            let moved = parts.map { ((start + $0.lowerBound)..<(start + $0.upperBound)).clamped(to: whole) }
            chunks = stride(from: 0, to: moved.count, by: Self.partsTogether).map {
                Array(moved[$0..<min($0 + Self.partsTogether, moved.count)])
            }
        } else {
            chunks = cutting.chunks(of: whole).map { [$0] }
        }
        folding = Mutex(Folding(MergeStatistics(for: pass)))
    }

    /// The error of the first chunk that failed, first in the tensor and not in time.
    package var error: MergeEvaluationError? { folding.withLock { $0.errors.min { $0.key < $1.key }?.value } }

    /// The leaves that it reads from end to end, and so has found finite where that is looked for.
    var wholeLeaves: Set<Int> {
        guard pass.elements == nil else { return [] }
        let elements = program.blends[blend].elements
        return program.steps[program.blends[blend].steps].reduce(into: []) { leaves, step in
            guard case .load(let leaf) = step.work else { return }
            let own = program.leaves[leaf].elements
            if own.lowerBound >= elements.lowerBound, own.upperBound <= elements.upperBound { leaves.insert(leaf) }
        }
    }

    /// What all chunks told.
    var result: MergeStatistics { folding.withLock { $0.result } }

    /// Runs one chunk; a failure is kept in ``error``.
    ///
    /// Chunks are best started in their order, each once, on any threads.
    package func run(_ index: Int, reading source: any BlockSource, in workspace: MergeWorkspace) {
        let blend = program.blends[blend]
        let run = ProgramRun(program, options, checked: checked)
        guard var statistics = folding.withLock({ $0.start(index, pass) }) else { return }
        var failure: MergeEvaluationError?
        do throws(MergeEvaluationError) {
            for part in chunks[index] {
                for block in cutting.blocks(covering: part) {
                    try run.load(block, blend.steps, reading: source, into: workspace)
                    for tile in cutting.tiles(of: block) {
                        // Whole granules are read, and of them what was asked for is looked at.
                        let wanted = tile.clamped(to: part)
                        guard !wanted.isEmpty else { continue }
                        run.compute(tile, blend.steps, in: workspace)
                        let skipped = wanted.lowerBound - tile.lowerBound
                        workspace.withBlock(of: blend, wanted, skipping: skipped, output: 0) { block, scratch, _ in
                            blend.takeDifferences(&block)
                            blend.method.survey(&block, scratch: &scratch, adding: &statistics)
                        }
                    }
                }
            }
        } catch { failure = error }
        folding.withLock { $0.end(index, statistics, failure) }
    }
}

/// What the chunks of a pass have told so far.
private struct Folding: Sendable {
    private(set) var errors: [Int: MergeEvaluationError] = [:]
    private var total: MergeStatistics
    private var folded = 0
    private var waiting: [Int: MergeStatistics] = [:]

    // Counters that no running chunk uses; counting has no order, so a chunk goes on where another stopped.
    private var counters: [[Int]] = []

    init(_ empty: MergeStatistics) {
        total = empty
    }

    /// What all chunks told.
    var result: MergeStatistics {
        var result = total
        for counted in counters {
            for i in counted.indices { result.counters[i] += counted[i] }
        }
        return result
    }

    /// Empty statistics for a chunk, or `nil` where an earlier chunk has failed.
    mutating func start(_ index: Int, _ pass: SurveyPass) -> MergeStatistics? {
        if let first = errors.keys.min(), first < index { return nil }
        let counted = counters.popLast()
        var statistics = MergeStatistics(
            for: SurveyPass(
                sums: pass.sumCount,
                counters: counted == nil ? pass.counterCount : 0,
                lists: pass.listCount
            )
        )
        if let counted { statistics.counters = counted }
        return statistics
    }

    /// Folds a chunk in, and those after it that waited for it.
    mutating func end(_ index: Int, _ statistics: MergeStatistics, _ failure: MergeEvaluationError?) {
        if let failure { errors[index] = failure }
        var partial = statistics
        counters.append(partial.counters)
        partial.counters = []
        waiting[index] = partial
        while let next = waiting.removeValue(forKey: folded) {
            for i in next.sums.indices { total.sums[i] += next.sums[i] }
            for i in next.lists.indices { total.lists[i] += next.lists[i] }
            total.records += next.records
            folded += 1
        }
    }
}
