import SutureCheckpoints
import SutureDiagnostics
import SutureMerging
import SuturePlanning
import SutureTensors

/// Where the numbers of one leaf of a tree come from.
indirect enum NumberSource: Hashable, Sendable {
    /// A stored tensor, in its own dtype.
    case stored(StoredTensorReference)

    /// A stored tensor and what an adapter adds to it, in float32.
    case adapted(StoredTensorReference, Adaptation)

    /// Blocks of several stored tensors; the first of them is the one messages speak of.
    case gathered(GatheredBytes, from: StoredTensorReference)

    /// Rows of several sources of numbers.
    case rows(GatheredRows)

    /// The stored tensor that gives the leaf its shape, and is to blame where numbers are no numbers.
    var reference: StoredTensorReference {
        switch self {
        case .stored(let reference), .adapted(let reference, _), .gathered(_, let reference): reference
        case .rows(let rows): rows.inputs[0].reference
        }
    }

    /// The dtype that its numbers are read in.
    var dtype: DType {
        switch self {
        case .stored(let reference), .gathered(_, let reference): reference.spec.dtype
        case .adapted: .float32
        case .rows(let rows): rows.dtype
        }
    }

    /// How many numbers there are.
    var elementCount: Int {
        switch self {
        case .stored(let reference), .adapted(let reference, _): reference.spec.elementCount
        case .gathered(let bytes, let reference):
            bytes.rowBytes / reference.spec.dtype.block.byteCount * reference.spec.dtype.block.elementCount
                * bytes.rowCount
        case .rows(let rows): rows.rowCount * rows.columns
        }
    }

    /// Whether blocks are parted in memory on the way to its numbers.
    var isGathered: Bool {
        switch self {
        case .stored, .adapted: false
        case .gathered: true
        case .rows(let rows): rows.inputs.contains { $0.isGathered }
        }
    }

    /// What adapters and scales make on the way to its numbers.
    var adaptations: [(base: StoredTensorReference, adaptation: Adaptation)] {
        switch self {
        case .stored, .gathered: []
        case .adapted(let base, let adaptation): [(base, adaptation)]
        case .rows(let rows): rows.inputs.flatMap(\.adaptations)
        }
    }

    /// Creates what is read and not computed; `nil` for all else, and for blocks that do not fit, which ``PlanGuard``
    /// has reported.
    init?(_ expression: TensorExpression) {
        switch expression {
        case .stored(let reference): self = .stored(reference)
        case .adapted(let reference, let adaptation): self = .adapted(reference, adaptation)
        case .gathered(let gathered):
            if let rows = GatheredRows(gathered) {
                self = .rows(rows)
            } else if let bytes = GatheredBytes(gathered), let first = gathered.inputs.first?.leaves.first {
                self = .gathered(bytes, from: first)
            } else {
                return nil
            }
        case .scaled, .filled, .rounded, .blended: return nil
        }
    }
}

/// The numbers that one output tensor is computed from, read in runs of elements.
struct StoredNumbers: BlockSource {
    let tensor: ComputedTensor
    let files: SourceFiles
    let numbering: SourceNumbering
    let factors: FactorCache

    /// Knows where the numbers of one of a plan's tensors are, and reads none.
    init(of index: Int, in plan: Plan, _ files: SourceFiles, _ numbering: SourceNumbering, _ factors: FactorCache) {
        tensor = ComputedTensor(plan.tensors[index], of: plan)
        self.files = files
        self.numbering = numbering
        self.factors = factors
    }

    func read(_ elements: Range<Int>, of source: Int, into bytes: inout MutableRawSpan) throws(BlockSourceError) {
        do throws(ExecutionError) { try read(elements, of: tensor.sources[source], into: &bytes) } catch {
            throw BlockSourceError(error)
        }
    }

    /// Reads a run of elements of a source, in its dtype.
    func read(
        _ elements: Range<Int>,
        of source: NumberSource,
        into bytes: inout MutableRawSpan
    ) throws(ExecutionError) {
        switch source {
        case .stored(let reference): try files.read(elements, of: reference, numbering, into: &bytes)
        case .adapted(let reference, let adaptation):
            let numbers = AdaptedNumbers(
                base: reference,
                adaptation: adaptation,
                files: files,
                numbering: numbering,
                factors: factors
            )
            try numbers.read(elements, into: &bytes)
        case .gathered(let blocks, let first):
            let range = first.spec.dtype.block.bytes(of: elements)
            try unsafe bytes.withUnsafeMutableBytes { (buffer) throws(ExecutionError) in
                try unsafe blocks.read(range, into: buffer, from: files, numbering)
            }
        case .rows(let rows): try rows.read(elements, of: self, into: &bytes)
        }
    }

    /// What went wrong while the tensor was computed, as a failure of the run.
    func failure(_ error: MergeEvaluationError) -> ExecutionError {
        switch error {
        case .unreadable(_, let wrapped):
            if let failure = wrapped.underlying as? ExecutionError { return failure }
            return ExecutionError(.system, .unreadable(tensor.tensor, "\(wrapped.underlying)"))
        case .nonfinite(let source, let element):
            return nonfinite(tensor.sources[source], element: element)
        case .overflow(let element):
            return ExecutionError(.model, .overflow(tensor.tensor.spec, element: element))
        }
    }

    /// Blames the stored number that is none: the tensor's own, or that of an adapter's or a scale's.
    private func nonfinite(_ source: NumberSource, element: Int) -> ExecutionError {
        if case .rows(let rows) = source, let (input, place) = rows.origin(of: element) {
            return nonfinite(input, element: place)
        }
        var (reference, element) = (source.reference, element)
        if case .adapted(let base, let adaptation) = source {
            let numbers = AdaptedNumbers(
                base: base,
                adaptation: adaptation,
                files: files,
                numbering: numbering,
                factors: factors
            )
            do throws(ExecutionError) {
                guard let found = try numbers.firstNonfinite() else {
                    return ExecutionError(.model, .overflow(base.spec, element: element))
                }
                (reference, element) = found
            } catch { return error }
        }
        let file = files.files[numbering.number(of: reference)]
        return ExecutionError(.model, .nonfiniteSource(reference.spec, element: element, in: file))
    }
}

extension Diagnostic {
    fileprivate static func unreadable(_ tensor: Plan.Tensor, _ reason: String) -> Diagnostic {
        Diagnostic(
            code: "unreadable-source",
            "a source of '\(tensor.spec.name)' cannot be read: \(reason)",
            at: Diagnostic.Place?.none
        )
    }

    fileprivate static func nonfiniteSource(
        _ spec: TensorSpec,
        element: Int,
        in file: Plan.Source.File
    ) -> Diagnostic {
        Diagnostic(
            code: "nonfinite-source",
            "element \(element) is not a finite number, and would spoil what is merged from it",
            at: .file(file.path, tensor: spec.name),
            fix: FixIt("repair the source, or let such numbers through with --allow-nonfinite")
        )
    }

    fileprivate static func overflow(_ spec: TensorSpec, element: Int) -> Diagnostic {
        Diagnostic(
            code: "overflow",
            "element \(element) of '\(spec.name)' comes out too large for \(spec.dtype.rawValue)",
            at: Diagnostic.Place?.none,
            fix: FixIt("choose a wider dtype for the output, or smaller weights")
        )
    }
}
