import SutureDiagnostics
import SutureMerging
import SutureRecipes
import SutureTensors

/// Tells the reader of a mergekit file where what is computed may not be what mergekit computes.
///
/// Of a method's decisions those are told that may change a tensor of this very plan, as far as parameters, shapes and
/// dtypes tell; which do, only the numbers say, and the build's notices with them.
struct MergekitDifferences {
    private let graph: SliceGraph
    private var found: [String: Set<MergeDecision>] = [:]

    /// Looks at every blend of a plan.
    init(_ plan: Plan, of graph: SliceGraph) {
        self.graph = graph
        for tensor in plan.tensors {
            look(at: tensor.expression, shape: tensor.spec.shape, dtype: tensor.spec.dtype)
        }
    }

    /// A note for each method whose documented meaning may not be mergekit's.
    func notes() -> [Diagnostic] {
        found.sorted { $0.key < $1.key }.compactMap { method, decisions in
            guard let descriptor = MergeRegistry[named: method]?.descriptor, !decisions.isEmpty else { return nil }
            let place = graph.nodes.lazy.compactMap { node -> SourceRange? in
                guard case .blend(let blend) = node.operation, blend.method.value == .text(method) else { return nil }
                return blend.method.range
            }.first
            return .computedAsDocumented(method, descriptor.decisions.filter(decisions.contains), at: place)
        }
    }

    private mutating func look(at expression: TensorExpression, shape: Shape, dtype: DType) {
        switch expression {
        case .stored, .filled, .adapted, .gathered: break
        case .scaled(let inner, _), .rounded(let inner, _): look(at: inner, shape: shape, dtype: dtype)
        case .extended(let first, let rows, let rest):
            if case .blended(let blend) = first,
                MergeRegistry[named: blend.method]?.descriptor.mergekitCutsRows ?? false
            {
                found[blend.method, default: []].insert(.rowsCut)
            }
            look(at: first, shape: Shape([rows] + shape.dimensions.dropFirst()), dtype: dtype)
            look(at: rest, shape: shape, dtype: dtype)
        case .blended(let blend):
            found[blend.method, default: []].formUnion(decisions(on: blend, shape: shape, dtype: dtype))
            for input in blend.inputs { look(at: input, shape: shape, dtype: dtype) }
            if let base = blend.base { look(at: base, shape: shape, dtype: dtype) }
        }
    }

    private func decisions(on blend: BlendExpression, shape: Shape, dtype: DType) -> [MergeDecision] {
        let working = graph.output.computeDType?.value ?? dtype
        let own = MergeRegistry.possibleDecisions(
            of: blend.method,
            MergeParameters(global: blend.parameters, inputs: blend.inputParameters),
            layout: MergeLayout(shape: shape, inputCount: blend.inputs.count, hasBase: blend.base != nil)
        )
        let widens = MergeRegistry[named: blend.method]?.descriptor.mergekitWritesFloat32 ?? false
        return own.filter { $0.dtype == nil || $0.dtype == working }
            + (widens && graph.output.keepsFloat32 && dtype.bitWidth <= 16 ? [.float32Output] : [])
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
            fix: FixIt("--bug-compatible gives mergekit's numbers"),
            notes: decisions.map { Note("mergekit: \($0.mergekit); here: \($0.documented)", at: nil) }
        )
    }
}
