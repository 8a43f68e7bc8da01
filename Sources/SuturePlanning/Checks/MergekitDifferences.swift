package import SutureDiagnostics
package import SutureMerging
import SutureRecipes
import SutureTensors

/// Tells the reader of a mergekit file where what is computed may not be what mergekit computes, and whoever asks for a
/// release's numbers where those cannot be had.
///
/// Of a method's decisions those are told that may change a tensor of this very plan, as far as parameters, shapes and
/// dtypes tell; which do, only the numbers say, and the build's notices with them.
struct MergekitDifferences {
    private let graph: SliceGraph
    private let version: MergekitVersion?
    private var found: [String: Set<MergeDecision>] = [:]

    /// Looks at every blend of a plan.
    init(_ plan: Plan, of graph: SliceGraph) {
        self.graph = graph
        version = plan.settings.compatibility
        guard version != nil || graph.dialect == .mergekit else { return }
        for tensor in plan.tensors {
            look(at: tensor.expression, shape: tensor.spec.shape, dtype: tensor.spec.dtype)
        }
    }

    /// A note for each method whose documented meaning may not be mergekit's, or a warning for each whose numbers a
    /// release has otherwise.
    func notes() -> [Diagnostic] {
        found.sorted { $0.key < $1.key }.compactMap { method, decisions in
            guard let descriptor = MergeRegistry[named: method]?.descriptor, !decisions.isEmpty else { return nil }
            let place = graph.nodes.lazy.compactMap { node -> SourceRange? in
                guard case .blend(let blend) = node.operation, blend.method.value == .text(method) else { return nil }
                return blend.method.range
            }.first
            let order = descriptor.decisions + [.float64Steps]
            let told = order.filter(decisions.contains)
            return version.map { .notComputedAs($0, method, told, at: place) }
                ?? .computedAsDocumented(method, told, at: place)
        }
    }

    private mutating func look(at expression: TensorExpression, shape: Shape, dtype: DType) {
        switch expression {
        case .stored, .filled, .adapted, .gathered: break
        case .scaled(let inner, _), .rounded(let inner, _): look(at: inner, shape: shape, dtype: dtype)
        case .extended(let first, let rows, let rest):
            if case .blended(let blend) = first,
                let decision = MergeRegistry[named: blend.method]?.descriptor.rowsDecision
            {
                note(decision, of: blend, dtype)
            }
            look(at: first, shape: Shape([rows] + shape.dimensions.dropFirst()), dtype: dtype)
            look(at: rest, shape: shape, dtype: dtype)
        case .blended(let blend):
            for decision in decisions(on: blend, shape: shape, dtype: dtype) { note(decision, of: blend, dtype) }
            for input in blend.inputs { look(at: input, shape: shape, dtype: dtype) }
            if let base = blend.base { look(at: base, shape: shape, dtype: dtype) }
        }
    }

    private mutating func note(_ decision: MergeDecision, of blend: BlendExpression, _ dtype: DType) {
        let working = graph.output.computeDType?.value ?? dtype
        let isTold =
            version.map { decision.isLacking(in: $0, working) }
            ?? (decision.mayApply(in: working) && decision.subject != .draws)
        if isTold { found[blend.method, default: []].insert(decision) }
    }

    private func decisions(on blend: BlendExpression, shape: Shape, dtype: DType) -> [MergeDecision] {
        let own = MergeRegistry.possibleDecisions(
            of: blend.method,
            MergeParameters(global: blend.parameters, inputs: blend.inputParameters),
            layout: MergeLayout(shape: shape, inputCount: blend.inputs.count, hasBase: blend.base != nil)
        )
        let widens = MergeRegistry[named: blend.method]?.descriptor.mergekitWritesFloat32 ?? false
        return own
            + (widens && graph.output.keepsFloat32 && dtype.bitWidth <= 16 ? [.float32Output] : [])
            + decisionsOnModels(blend)
    }

    /// What is decided on the dtypes of what is merged.
    private func decisionsOnModels(_ blend: BlendExpression) -> [MergeDecision] {
        let version = version ?? .newest
        let requested = graph.output.computeDType?.value
        let parties = blend.inputs + (blend.base.map { [$0] } ?? [])
        let isMixed = requested == nil && Set(parties.map { $0.storedDType(in: version) }).count > 1
        let decisions = MergeRegistry[named: blend.method]?.descriptor.decisions ?? []
        let isDouble = blend.workingDType(in: version, requested: requested) == .float64
        return decisions.filter { $0.subject == .models && isMixed } + (isDouble ? [.float64Steps] : [])
    }
}

extension Diagnostic {
    /// A method is computed as documented, and mergekit may differ.
    fileprivate static func computedAsDocumented(
        _ method: String,
        _ decisions: [MergeDecision],
        at range: SourceRange?
    ) -> Diagnostic {
        Diagnostic(
            .note,
            code: "computed-as-documented",
            "'\(method)' is computed as it is documented, which is not always what mergekit computes",
            at: range,
            fix: .compatibility(decisions),
            notes: decisions.map { Note("\($0.mergekit); here: \($0.documented)", at: nil) }
        )
    }

    /// A release's numbers are asked for, and those of a method cannot all be had.
    fileprivate static func notComputedAs(
        _ version: MergekitVersion,
        _ method: String,
        _ decisions: [MergeDecision],
        at range: SourceRange?
    ) -> Diagnostic {
        Diagnostic(
            .warning,
            code: "not-as-mergekit",
            "'\(method)' cannot in all things be computed as mergekit \(version.rawValue) computes it",
            at: range,
            fix: FixIt("take what is said of it as it is, or give no --compat"),
            notes: decisions.map {
                Note("mergekit: \($0.departure(in: version)?.mergekit ?? ""); here: \($0.documented)", at: nil)
            }
        )
    }
}

extension Diagnostic.FixIt {
    /// How to have the numbers of the releases that do otherwise, where those can be had.
    package static func compatibility(_ decisions: [MergeDecision]) -> Self? {
        let versions = Set(decisions.flatMap(\.reproducible)).sorted()
        guard !versions.isEmpty else { return nil }
        return Self("--compat \(versions.map(\.name).joined(separator: " or ")) gives mergekit's numbers")
    }
}
