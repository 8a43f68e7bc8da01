import SutureKernels
package import SutureTensors

/// Evaluates a tree, block by block, after surveying what its methods must know of whole tensors.
///
/// ```swift
/// var evaluator = try MergeEvaluator(tree, shape: shape)
/// try evaluator.prepare(reading: source, on: loop)
/// let workspace = evaluator.makeWorkspace()  // one for each worker
/// try evaluator.evaluate(0..<4096, reading: source, in: workspace, as: .bfloat16, into: &bytes)
/// ```
///
/// Inner blends are computed anew for each pass over them, never kept. The result is the same, to the last bit,
/// however a tensor is cut into ranges and on however many threads. Each source is read once for every block, however
/// often the tree names it.
package struct MergeEvaluator: Sendable {
    /// What to do where numbers are not finite.
    package struct Options: Hashable, Sendable {
        /// Whether NaN and infinity in a source or a result are let through.
        package var allowsNonfinite: Bool

        /// Creates options.
        package init(allowsNonfinite: Bool = false) {
            self.allowsNonfinite = allowsNonfinite
        }
    }

    /// What evaluating takes; all of it is known before a number is read.
    package let cost: MergeCost

    /// About how many elements of each source are read at once.
    package static let usualBlockCount = 1 << 17

    /// The number of elements of the tensor.
    package var elementCount: Int { program.elementCount }

    /// Whether every survey is done and blocks can be evaluated.
    package var isPrepared: Bool { !program.blends.contains { $0.method.pendingSurvey != nil } }

    /// Decisions that change this very tensor; complete once prepared.
    package var appliedDecisions: [MergeDecision] {
        var seen: Set<MergeDecision> = []
        return program.blends.flatMap { $0.method.appliedDecisions }.filter { seen.insert($0).inserted }
    }

    private var program: MergeProgram

    /// The leaves that a survey has read from end to end; their numbers need no second look.
    private var checked: Set<Int> = []

    /// The stored result, where one block is the whole tensor: it is computed once for all windows.
    private let kept: KeptResult?

    private let options: Options
    private let cutting: BlockCutting

    /// Checks a tree and lays out its evaluation.
    ///
    /// - Parameters:
    ///   - tree: How the tensor is made.
    ///   - shape: The tensor's shape, and that of every source but those under ``MergeTree/rows(_:of:then:)``.
    ///   - options: What to do where numbers are not finite.
    ///   - blockCount: About how many elements of each source to read at once. Sums over a tensor are folded block by
    ///     block, so another number may change a result's last bit.
    ///   - methods: The methods that a blend may name.
    /// - Throws: ``MergeTreeError`` when the tree cannot be evaluated.
    package init(
        _ tree: MergeTree,
        shape: Shape,
        options: Options = Options(),
        blockCount: Int = usualBlockCount,
        methods: MergeRegistry = .documented
    ) throws(MergeTreeError) {
        program = try MergeProgram(tree, shape: shape, methods: methods)
        cutting = BlockCutting(program, blockCount: blockCount)
        cost = MergeCost(program, cutting)
        kept = cost.wholeTensorReason == nil ? nil : KeptResult()
        self.options = options
    }

    /// The memory for one worker.
    ///
    /// - Parameter old: A workspace that is not used any more; its memory is taken over where it is large enough.
    /// - Returns: Memory that holds anything.
    package func makeWorkspace(from old: consuming MergeWorkspace? = nil) -> MergeWorkspace {
        MergeWorkspace(program, tileCount: cutting.tileCount, blockCount: cutting.blockCount, from: old)
    }

    /// The next survey, or `nil` when blocks can be evaluated.
    ///
    /// Its chunks may be run on any threads; when all have, hand it to ``finish(_:)``.
    package func nextSurvey() -> SurveyJob? {
        guard let blend = program.blends.firstIndex(where: { $0.method.pendingSurvey != nil }),
            let pass = program.blends[blend].method.pendingSurvey
        else { return nil }
        return SurveyJob(pass, of: blend, in: program, cutting, options, checked: checked)
    }

    /// Takes what a survey learned.
    ///
    /// - Precondition: All its chunks were run and none of them failed.
    package mutating func finish(_ job: SurveyJob) {
        program.blends[job.blend].method.absorb(job.result)
        checked.formUnion(job.wholeLeaves)
    }

    /// Runs all surveys.
    ///
    /// - Parameters:
    ///   - source: Where the bytes of the sources come from.
    ///   - loop: What runs the chunks of each survey.
    /// - Throws: ``MergeEvaluationError``, the one that lies first in the tensor.
    package mutating func prepare(
        reading source: any BlockSource,
        on loop: some ParallelLoop
    ) throws(MergeEvaluationError) {
        while let job = nextSurvey() {
            loop.run(job.chunkCount, state: { [self] in makeWorkspace() }) { index, workspace in
                job.run(index, reading: source, in: workspace)
            }
            if let error = job.error { throw error }
            finish(job)
        }
    }

    /// Computes a run of elements and rounds them to their stored dtype.
    ///
    /// - Parameters:
    ///   - elements: Any run of the tensor's elements that begins and ends between stored blocks of `dtype`; starts at
    ///     multiples of the cost's granule waste nothing.
    ///   - source: Where the bytes of the sources come from.
    ///   - workspace: The calling worker's memory.
    ///   - dtype: What to store.
    ///   - bytes: Where to store it, from the first byte on.
    /// - Throws: ``MergeEvaluationError``.
    /// - Precondition: The evaluator is prepared, and `bytes` is at least as long as the elements.
    package func evaluate(
        _ elements: Range<Int>,
        reading source: any BlockSource,
        in workspace: MergeWorkspace,
        as dtype: DType,
        into bytes: inout MutableRawSpan
    ) throws(MergeEvaluationError) {
        precondition(isPrepared, "a tree is evaluated before its surveys are done")
        precondition(
            elements.lowerBound >= 0 && elements.upperBound <= program.elementCount,
            "the tensor has no such elements"
        )
        guard let kept, elements != 0..<program.elementCount else {
            return try compute(elements, reading: source, in: workspace, as: dtype, into: &bytes)
        }
        let whole = try kept.bytes(of: dtype) { () throws(MergeEvaluationError) in
            var whole = [UInt8](repeating: 0, count: dtype.block.bytes(of: 0..<program.elementCount).count)
            var numbers = whole.mutableSpan
            var span = unsafe numbers.mutableBytes
            try compute(0..<program.elementCount, reading: source, in: workspace, as: dtype, into: &span)
            return whole
        }
        for (place, byte) in whole[dtype.block.bytes(of: elements)].enumerated() {
            bytes.storeBytes(of: byte, toByteOffset: place, as: UInt8.self)
        }
    }

    private func compute(
        _ elements: Range<Int>,
        reading source: any BlockSource,
        in workspace: MergeWorkspace,
        as dtype: DType,
        into bytes: inout MutableRawSpan
    ) throws(MergeEvaluationError) {
        let run = ProgramRun(program, options, checked: checked)
        let stored = dtype.block
        for block in cutting.blocks(covering: elements) {
            try run.load(block, 0..<program.steps.count, reading: source, into: workspace)
            for tile in cutting.tiles(of: block, whole: stored.elementCount) {
                let wanted = tile.clamped(to: elements)
                guard !wanted.isEmpty else { continue }
                run.compute(tile, 0..<program.steps.count, in: workspace)
                let place = stored.bytes(
                    of: wanted.lowerBound - elements.lowerBound..<wanted.upperBound - elements.lowerBound
                )
                workspace.withRow(0, count: tile.count) { row in
                    let first = wanted.lowerBound - tile.lowerBound
                    let result = row.span.extracting(first..<(first + wanted.count))
                    narrow(result, to: dtype, into: &bytes, at: place.lowerBound)
                }
                if !options.allowsNonfinite, !program.followsRelease {
                    let written = bytes.bytes.extracting(place)
                    if let first = firstNonfinite(written, dtype) {
                        throw .overflow(element: wanted.lowerBound + first)
                    }
                }
            }
        }
    }
}
