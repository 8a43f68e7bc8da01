import SutureKernels
import SutureTensors

/// Runs the steps of a program over one block at a time.
struct ProgramRun {
    private let program: MergeProgram
    private let options: MergeEvaluator.Options
    private let checked: Set<Int>

    /// Prepares a run.
    ///
    /// - Parameters:
    ///   - program: The program.
    ///   - options: What to do where numbers are not finite.
    ///   - checked: The leaves all of whose numbers an earlier pass has found finite.
    init(_ program: MergeProgram, _ options: MergeEvaluator.Options, checked: Set<Int>) {
        self.program = program
        self.options = options
        self.checked = checked
    }

    /// Reads what a block needs of the leaves that some steps name.
    func load(
        _ block: Range<Int>,
        _ steps: Range<Int>,
        reading source: any BlockSource,
        into workspace: MergeWorkspace
    ) throws(MergeEvaluationError) {
        var seen: Set<Int> = []
        for step in program.steps[steps] {
            guard case .load(let index) = step.work, seen.insert(index).inserted else { continue }
            let leaf = program.leaves[index]
            let wanted = block.clamped(to: leaf.elements)
            guard !wanted.isEmpty else { continue }
            try workspace.load(index, wanted) { (bytes) throws(MergeEvaluationError) in
                do throws(BlockSourceError) {
                    try source.read(wanted, of: leaf.source, into: &bytes)
                } catch { throw .unreadable(source: leaf.source, error) }
            }
            guard !options.allowsNonfinite, !checked.contains(index) else { continue }
            let first = workspace.withBytes(of: index, wanted) { firstNonfinite($0, leaf.dtype) }
            if let first { throw .nonfinite(source: leaf.source, element: wanted.lowerBound + first) }
        }
    }

    /// Computes some steps for one tile of the block that was read.
    func compute(_ tile: Range<Int>, _ steps: Range<Int>, in workspace: MergeWorkspace) {
        for step in program.steps[steps] where step.elements.contains(tile.lowerBound) {
            switch step.work {
            case .load(let leaf):
                let dtype = program.leaves[leaf].dtype
                workspace.withBytes(of: leaf, tile) { bytes in
                    workspace.withRow(step.output, count: tile.count) { widen(bytes, dtype, into: &$0) }
                }
            case .fill(let value): workspace.withRow(step.output, count: tile.count) { fill(&$0, with: value) }
            case .scale(0): workspace.withRow(step.output, count: tile.count) { zero(&$0) }
            case .scale(let factor): workspace.withRow(step.output, count: tile.count) { scale(&$0, by: factor) }
            case .round(let dtype): workspace.withRow(step.output, count: tile.count) { round(&$0, to: dtype) }
            case .blend(let index):
                let blend = program.blends[index]
                workspace.withBlock(of: blend, tile, output: step.output) { block, scratch, output in
                    blend.takeDifferences(&block)
                    blend.method.combine(&block, scratch: &scratch, into: &output)
                }
            }
        }
    }
}

extension MergeProgram.Blend {
    /// Takes the base away from the inputs, where the method works on differences.
    func takeDifferences(_ block: inout MergeBlock) {
        guard method.usesDifferences, block.hasBase else { return }
        for input in 0..<inputCount { block.subtractBase(from: input, rounding) }
    }
}
