import SutureDiagnostics
import SuturePlanning
import SutureTensors

extension TensorExpression {
    /// Whether blocks of stored tensors are in it.
    var hasGathered: Bool {
        switch self {
        case .stored, .filled, .adapted: false
        case .gathered: true
        case .scaled(let inner, _), .rounded(let inner, _): inner.hasGathered
        case .extended(let first, _, let rest): first.hasGathered || rest.hasGathered
        case .blended(let blend): (blend.inputs + (blend.base.map { [$0] } ?? [])).contains { $0.hasGathered }
        }
    }

    /// The first gathering in it whose blocks do not make the tensor's shape; `nil` where all do.
    func misfitBlocks(in spec: TensorSpec) -> GatheredTensor? {
        switch self {
        case .stored, .filled, .adapted: return nil
        case .gathered(let gathered):
            return gathered.shape == spec.shape && GatheredBytes(gathered) != nil ? nil : gathered
        case .scaled(let inner, _), .rounded(let inner, _): return inner.misfitBlocks(in: spec)
        case .extended(let first, _, let rest): return first.misfitBlocks(in: spec) ?? rest.misfitBlocks(in: spec)
        case .blended(let blend):
            return (blend.inputs + (blend.base.map { [$0] } ?? [])).lazy.compactMap { $0.misfitBlocks(in: spec) }.first
        }
    }
}

extension Diagnostic {
    /// Blocks that do not make the tensor they are to make.
    static func blocksDoNotFit(_ spec: TensorSpec, _ gathered: GatheredTensor) -> Diagnostic {
        brokenPlan(
            "tensor '\(spec.name)' \(spec.shape) is gathered from \(gathered.blocks.count) blocks of "
                + "\(gathered.blockLength), which do not make it"
        )
    }
}
