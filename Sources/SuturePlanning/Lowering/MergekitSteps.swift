package import SutureMerging
package import SutureTensors

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
        case .extended: map { $0.computed(in: dtype) }
        case .adapted, .gathered, .filled, .scaled, .rounded: .rounded(map { $0.computed(in: dtype) }, to: dtype)
        case .blended: self
        }
    }
}

extension TensorExpression {
    /// The dtype that a file would hold it in, had a release of mergekit written it where it stands.
    package func storedDType(in version: MergekitVersion) -> DType {
        switch self {
        case .stored(let reference), .adapted(let reference, _): reference.spec.dtype
        case .gathered(let gathered): gathered.dtype ?? .float32
        case .scaled(let inner, _): inner.storedDType(in: version)
        case .filled: .float32
        case .rounded(_, let dtype): dtype
        case .extended(let first, _, _): first.storedDType(in: version)
        case .blended(let blend): blend.workingDType(in: version, requested: nil)
        }
    }
}

extension BlendExpression {
    /// The dtype in which a release of mergekit computes it.
    package func workingDType(in version: MergekitVersion, requested: DType?) -> DType {
        MergeCompatibility.workingDType(
            of: method,
            in: version,
            requested: requested,
            base: base?.storedDType(in: version),
            inputs: inputs.map { $0.storedDType(in: version) }
        )
    }
}
