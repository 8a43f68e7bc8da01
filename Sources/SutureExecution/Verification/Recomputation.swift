import Glibc
import SutureCheckpoints
package import SutureDiagnostics
package import SuturePlanning
import SutureTensors
import Synchronization
import SystemPackage

/// Makes tensors of a plan again from its sources, as a run would, and compares them with those in a folder.
package struct Recomputation: Sendable {
    /// What was found.
    package struct Outcome: Sendable {
        /// A message for each tensor that comes out otherwise.
        package var diagnostics: [Diagnostic] = []

        /// The tensors that were made again.
        package var tensorCount = 0

        /// Their bytes.
        package var byteCount = 0
    }

    private let plan: Plan
    private let standing: Standing
    private let tensors: [Int]
    private let sources: SourceFiles
    private let numbering: SourceNumbering
    private let computed: ComputedTensors
    private let budget: MemoryBudget
    private let isCancelled: @Sendable () -> Bool
    private let onEvent: @Sendable (ExecutionEvent) -> Void

    /// The bytes that are made at once.
    private static let pieceByteCount = 1 << 20

    /// The bytes of tensors whose surveys are held at once.
    private static let groupByteCount = 128 << 20

    /// Prepares to make tensors again; no weight is read yet.
    ///
    /// - Parameters:
    ///   - tensors: Which, by their numbers in the plan.
    ///   - plan: What the folder was made by.
    ///   - standing: Where what they are compared with lies.
    ///   - options: Threads and memory.
    ///   - isCancelled: Asked before each piece; called from any thread.
    ///   - onEvent: Told of progress; called from any thread.
    /// - Throws: ``ExecutionError`` where sources have changed, or there is too little memory.
    package init(
        _ tensors: [Int],
        of plan: Plan,
        in standing: Standing,
        options: ExecutionOptions,
        isCancelled: @escaping @Sendable () -> Bool = { false },
        onEvent: @escaping @Sendable (ExecutionEvent) -> Void = { _ in }
    ) throws(ExecutionError) {
        try PlanGuard.run(plan)
        self.plan = plan
        self.standing = standing
        self.tensors = tensors.filter { plan.tensors[$0].spec.byteCount > 0 }
        sources = SourceFiles(plan, plan.tensors.indices, in: options.sourceStore)
        try sources.verify()
        numbering = SourceNumbering(plan)
        computed = try ComputedTensors(plan, plan.tensors.indices)
        self.isCancelled = isCancelled
        self.onEvent = onEvent
        var options = options
        options.windowByteCount = min(options.windowByteCount, Self.pieceByteCount)
        // What is made and what is there lie side by side.
        budget = try MemoryBudget(
            options,
            needs: MemoryBudget.Needs(
                fixed: plan.tensors.count * 512 + 2 * computed.factorByteCount + sources.frameByteCount
                    + FrameCache.usualByteLimit,
                workspace: computed.workspaceByteCount + computed.scratchByteCount + computed.factorByteCount
                    + options.windowByteCount,
                statistics: computed.statisticsByteCount,
                collected: computed.collectedByteCount
            )
        )
    }

    /// Makes the tensors and compares them.
    ///
    /// - Throws: ``ExecutionError`` where the system refuses to read, or when cancelled.
    package func run() throws(ExecutionError) -> Outcome {
        let maps = plan.shards.map { ShardMap($0, of: plan, files: numbering) }
        let found = try standing.tensors(of: plan)
        // What is not there has been told of already.
        let present = tensors.filter { found.holds($0, of: plan) }
        var outcome = Outcome()
        outcome.tensorCount = present.count
        outcome.byteCount = present.reduce(0) { $0 + plan.tensors[$1].spec.byteCount }
        onEvent(.started(totalBytes: outcome.byteCount, doneBytes: 0))
        let factors = FactorCache(byteLimit: 2 * computed.factorByteCount)
        for group in groups(of: present) {
            for (index, place) in try compare(group, maps, found, factors).sorted(by: { $0.key < $1.key }) {
                let tensor = plan.tensors[index]
                outcome.diagnostics.append(
                    .comesOutOtherwise(tensor, in: found.path(of: tensor), byte: place, plan)
                )
            }
        }
        try sources.verify()
        return outcome
    }

    private func groups(of tensors: [Int]) -> [[Int]] {
        var groups: [[Int]] = []
        var bytes = Self.groupByteCount
        for index in tensors {
            let byteCount = plan.tensors[index].spec.byteCount
            if bytes >= Self.groupByteCount {
                groups.append([])
                bytes = 0
            }
            groups[groups.count - 1].append(index)
            bytes += byteCount
        }
        return groups
    }

    /// The first byte of each tensor that differs from what is there.
    private func compare(
        _ group: [Int],
        _ maps: [ShardMap],
        _ standing: StandingTensors,
        _ factors: FactorCache
    ) throws(ExecutionError) -> [Int: Int] {
        let (plan, sources, numbering, onEvent) = (plan, sources, numbering, onEvent)
        let step = budget.windowByteCount
        let pieces = group.flatMap { index in
            stride(from: 0, to: plan.tensors[index].spec.byteCount, by: step).map { start in
                (tensor: index, bytes: start..<min(start + step, plan.tensors[index].spec.byteCount))
            }
        }
        let found = Mutex<[Int: Int]>([:])
        let buffers = BufferPool(byteCount: 2 * step)
        let reader = SegmentReader(sources: sources, numbering: numbering)
        let schedule = Schedule(
            pieces.count,
            computedTensors(in: pieces.map(\.tensor)),
            Schedule.Limits(ahead: pieces.count, statisticsByteCount: budget.statisticsByteCount),
            settings: plan.settings,
            on: Crew(width: budget.threads),
            isCancelled: isCancelled
        ) { StoredNumbers(of: $0, in: plan, sources, numbering, factors) }
        try schedule.run { place, prepared, workspaces throws(ExecutionError) in
            let piece = pieces[place]
            let tensor = plan.tensors[piece.tensor]
            let range = tensor.offset + piece.bytes.lowerBound..<tensor.offset + piece.bytes.upperBound
            let difference = try unsafe buffers.withBuffer { (buffer) throws(ExecutionError) -> Int? in
                let made = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[..<range.count])
                let there = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[step..<step + range.count])
                for segment in maps[tensor.shard].segments(in: range) {
                    let start = segment.range.lowerBound - range.lowerBound
                    let part = unsafe UnsafeMutableRawBufferPointer(rebasing: made[start..<start + segment.range.count])
                    try unsafe reader.fill(part, with: segment, prepared, workspaces, header: { [] })
                }
                guard try unsafe standing.read(piece.bytes, of: piece.tensor, in: plan, into: there) else { return 0 }
                return unsafe Self.firstDifference(made, there)
            }
            if let difference {
                let byte = piece.bytes.lowerBound + difference
                found.withLock { $0[piece.tensor] = min($0[piece.tensor] ?? .max, byte) }
            }
            onEvent(.wrote(bytes: range.count))
        }
        return found.withLock { $0 }
    }

    /// The computed tensors among those that pieces are of, in order.
    private func computedTensors(in pieces: [Int]) -> [Schedule.Tensor] {
        let numbersToCompute = Set(computed.indices)
        var tensors: [Schedule.Tensor] = []
        var start = 0
        while start < pieces.count {
            let end = pieces[start...].firstIndex { $0 != pieces[start] } ?? pieces.count
            if numbersToCompute.contains(pieces[start]) {
                tensors.append(Schedule.Tensor(index: pieces[start], pieces: start..<end))
            }
            start = end
        }
        return tensors
    }

    private static func firstDifference(
        _ a: UnsafeMutableRawBufferPointer,
        _ b: UnsafeMutableRawBufferPointer
    ) -> Int? {
        guard let start = a.baseAddress, let other = b.baseAddress, unsafe memcmp(start, other, a.count) != 0 else {
            return nil
        }
        return a.indices.first { unsafe a[$0] != b[$0] }
    }
}

extension Diagnostic {
    fileprivate static func comesOutOtherwise(
        _ tensor: Plan.Tensor,
        in path: FilePath,
        byte: Int,
        _ plan: Plan
    ) -> Diagnostic {
        let block = tensor.spec.dtype.block
        let element = byte / block.byteCount * block.elementCount
        return Diagnostic(
            code: "comes-out-otherwise",
            "made again from its sources it differs from element \(element) on: \(tensor.expression.text(in: plan))",
            at: .file(path.string, tensor: tensor.spec.name),
            fix: FixIt("build the model again")
        )
    }
}
