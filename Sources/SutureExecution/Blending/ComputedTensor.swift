import SutureDiagnostics
import SutureKernels
import SutureMerging
import SuturePlanning
import SutureTensors

/// An output tensor whose numbers are computed: how, and from which stored tensors.
struct ComputedTensor: Sendable {
    /// The tensor in the plan.
    let tensor: Plan.Tensor

    /// The numbers it is made of; the tree knows them by their places here.
    private(set) var sources: [NumberSource] = []

    private let methods: MergeRegistry

    /// How it is made.
    private(set) var tree: MergeTree = .fill(0)

    /// Translates the expression of one of a plan's tensors.
    init(_ tensor: Plan.Tensor, of plan: Plan) {
        self.tensor = tensor
        methods = plan.methods
        tree = translate(tensor.expression, plan)
    }

    /// A new evaluator, nothing of it surveyed yet.
    ///
    /// - Throws: ``ExecutionError`` where the expression cannot be evaluated.
    func makeEvaluator(settings: Plan.Settings) throws(ExecutionError) -> MergeEvaluator {
        let options = MergeEvaluator.Options(allowsNonfinite: settings.allowsNonFinite)
        guard tensor.spec.dtype.isBlendable else {
            throw ExecutionError(
                .model,
                .notComputable(tensor, "numbers cannot be stored as \(tensor.spec.dtype.rawValue)")
            )
        }
        // Below a row limit a source may be taller than the result; elsewhere it is a plan gone wrong.
        for source in sources
        where source.elementCount > tensor.spec.elementCount && !tensor.isJoined {
            let name = source.reference.spec.name
            throw ExecutionError(.model, .notComputable(tensor, "'\(name)' has more elements than it"))
        }
        do throws(MergeTreeError) {
            return try MergeEvaluator(tree, shape: tensor.spec.shape, options: options, methods: methods)
        } catch {
            throw ExecutionError(.model, .notComputable(tensor, error.description))
        }
    }

    private mutating func translate(_ expression: TensorExpression, _ plan: Plan) -> MergeTree {
        switch expression {
        case .stored(let reference): .source(number(of: .stored(reference)), reference.spec.dtype)
        case .adapted(let reference, let adaptation): translate(reference, adaptation, plan)
        case .gathered(let gathered): translate(gathered, plan)
        case .scaled(let inner, let factor): .scale(translate(inner, plan), by: factor)
        case .filled(let value): .fill(value)
        case .rounded(let inner, let dtype): .round(translate(inner, plan), to: dtype)
        case .blended(let blend): .blend(translate(blend, plan))
        }
    }

    private mutating func translate(
        _ reference: StoredTensorReference,
        _ adaptation: Adaptation,
        _ plan: Plan
    ) -> MergeTree {
        let sum = MergeTree.source(number(of: .adapted(reference, adaptation)), .float32)
        // mergekit writes adapted models to disk before it merges them.
        return plan.settings.compatibility != nil ? .round(sum, to: reference.spec.dtype) : sum
    }

    private mutating func translate(_ gathered: GatheredTensor, _ plan: Plan) -> MergeTree {
        if let (first, rows, rest) = gathered.joined {
            return .rows(rows, of: translate(first, plan), then: rest.map { translate($0, plan) } ?? .fill(0))
        }
        guard let source = NumberSource(.gathered(gathered)) else { return .fill(0) }
        let rows = MergeTree.source(number(of: source), source.dtype)
        // Rows that an adapter trained mergekit writes to disk, with the model that they belong to, before it merges it.
        guard plan.settings.compatibility != nil, Set(gathered.leaves.map(\.source)).count == 1,
            case .stored(let base)? = gathered.inputs.first, gathered.commonDType == nil
        else { return rows }
        return .round(rows, to: base.spec.dtype)
    }

    private mutating func translate(_ blend: BlendExpression, _ plan: Plan) -> MergeBlend {
        let compatibility: MergeCompatibility =
            plan.settings.compatibility.map { release in
                .release(release, plan.settings.computeDType ?? blend.workingDType(by: methods, in: release))
            } ?? .documented
        var inputs: [MergeTree] = []
        for input in blend.inputs { inputs.append(translate(input, plan)) }
        let base: MergeTree? =
            switch blend.base {
            case .some(let base): translate(base, plan)
            case .none: nil
            }
        return MergeBlend(
            blend.method,
            of: inputs,
            base: base,
            MergeParameters(
                global: blend.parameters,
                inputs: blend.inputParameters,
                compatibility: compatibility
            ),
            random: RandomKey(
                seed: UInt64(bitPattern: Int64(plan.settings.seed)),
                node: blend.node,
                tensor: tensor.spec.name,
                inputs: blend.inputs.map { plan.name(of: $0) }
            )
        )
    }

    private mutating func number(of source: NumberSource) -> Int {
        if let known = sources.firstIndex(of: source) { return known }
        sources.append(source)
        return sources.count - 1
    }

    /// Whether blocks are parted in memory on the way to its numbers.
    var gathersBlocks: Bool { sources.contains { $0.isGathered } }
}

extension Plan {
    /// What an input of a blend is made of, in words that do not depend on the rest of the recipe.
    fileprivate func name(of input: TensorExpression) -> String {
        input.leaves.map { leaf in
            "\(sources.indices.contains(leaf.source) ? sources[leaf.source].name : ""):\(leaf.spec.name)"
        }.joined(separator: " ")
    }
}

extension GatheredTensor {
    /// The sources' tensors in it.
    fileprivate var leaves: [StoredTensorReference] { inputs.flatMap(\.leaves) }
}

extension Plan.Tensor {
    /// Whether its first rows are made otherwise than the rest.
    fileprivate var isJoined: Bool { expression.gatherings.contains { $0.joined != nil } }
}

extension Diagnostic {
    fileprivate static func notComputable(_ tensor: Plan.Tensor, _ reason: String) -> Diagnostic {
        Diagnostic(
            code: "not-computable",
            "tensor '\(tensor.spec.name)' cannot be computed: \(reason)",
            at: Diagnostic.Place?.none
        )
    }
}
