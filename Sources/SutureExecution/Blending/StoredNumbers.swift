import SutureCheckpoints
import SutureDiagnostics
import SutureMerging
import SuturePlanning
import SutureTensors

/// Where the numbers of one leaf of a tree come from.
enum NumberSource: Hashable, Sendable {
    /// A stored tensor, in its own dtype.
    case stored(StoredTensorReference)

    /// A stored tensor and what an adapter adds to it, in float32.
    case adapted(StoredTensorReference, Adaptation)

    /// Blocks of several stored tensors; the first of them is the one messages speak of.
    case gathered(GatheredBytes, from: StoredTensorReference)

    /// The stored tensor that gives the leaf its shape, and is to blame where numbers are no numbers.
    var reference: StoredTensorReference {
        switch self {
        case .stored(let reference), .adapted(let reference, _), .gathered(_, let reference): reference
        }
    }

    /// Whether blocks are parted in memory on the way to its numbers.
    var isGathered: Bool {
        if case .gathered = self { true } else { false }
    }

    /// Creates blocks of several tensors; `nil` where they do not fit, which ``PlanGuard`` has reported.
    init?(_ gathered: GatheredTensor) {
        guard let bytes = GatheredBytes(gathered), let first = gathered.tensors.first else {
            return nil
        }
        self = .gathered(bytes, from: first)
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
        do throws(ExecutionError) {
            switch tensor.sources[source] {
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
            }
        } catch { throw BlockSourceError(error) }
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
