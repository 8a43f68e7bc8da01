import SutureMerging
import SutureTensors

extension TensorExpression {
    /// Whether mergekit leaves it in float32, whatever the dtype of the merge.
    var isFloat32InMergekit: Bool {
        switch self {
        case .blended(let blend): MergeRegistry[named: blend.method]?.descriptor.mergekitWritesFloat32 ?? false
        case .extended(let first, _, _): first.isFloat32InMergekit
        case .stored, .scaled, .filled, .rounded, .adapted, .gathered: false
        }
    }

    /// The same tensor, computed as mergekit does where a file gives a `dtype`.
    ///
    /// Every tensor is cast to it when it is read, and every step gives numbers of it. Blends round their own steps.
    func computed(in dtype: DType) -> TensorExpression {
        switch self {
        case .stored(let reference): reference.spec.dtype == dtype ? self : .rounded(self, to: dtype)
        case .adapted, .gathered, .filled: .rounded(self, to: dtype)
        case .scaled(let inner, let factor): .rounded(.scaled(inner.computed(in: dtype), by: factor), to: dtype)
        case .rounded(let inner, let other): .rounded(.rounded(inner.computed(in: dtype), to: other), to: dtype)
        case .extended(let first, let rows, let rest):
            .extended(first.computed(in: dtype), rows: rows, by: rest.computed(in: dtype))
        case .blended: self
        }
    }
}
