package import SutureMerging
package import SutureTensors

extension TensorExpression {
    /// Whether the program that is followed leaves it in float32, whatever the dtype of the merge.
    func staysFloat32(by methods: MergeRegistry) -> Bool {
        switch self {
        case .blended(let blend): methods.writesFloat32(blend.method)
        case .gathered(let gathered): gathered.joined?.first.staysFloat32(by: methods) ?? false
        case .stored, .scaled, .filled, .rounded, .adapted: false
        }
    }

    /// The same tensor, computed in the dtype that a recipe gives for a release's numbers.
    ///
    /// Every tensor is cast to it when it is read, and every step gives numbers of it. Blends round their own steps.
    func computed(in dtype: DType) -> TensorExpression {
        switch self {
        case .stored(let reference): reference.spec.dtype == dtype ? self : .rounded(self, to: dtype)
        case .gathered(let gathered) where gathered.joined != nil: map { $0.computed(in: dtype) }
        case .gathered: .rounded(self, to: dtype)
        case .adapted, .filled, .scaled, .rounded: .rounded(map { $0.computed(in: dtype) }, to: dtype)
        case .blended: self
        }
    }

    /// The dtype that a file would hold it in, had a release written it where it stands.
    func storedDType(by methods: MergeRegistry, in release: MergeRelease) -> DType {
        switch self {
        case .stored(let reference), .adapted(let reference, _): reference.spec.dtype
        case .gathered(let gathered): gathered.inputs.first?.storedDType(by: methods, in: release) ?? .float32
        case .scaled(let inner, _): inner.storedDType(by: methods, in: release)
        case .filled: .float32
        case .rounded(_, let dtype): dtype
        case .blended(let blend): blend.workingDType(by: methods, in: release)
        }
    }
}

extension BlendExpression {
    /// The dtype in which a release computes it, where the recipe gives none.
    package func workingDType(by methods: MergeRegistry, in release: MergeRelease) -> DType {
        methods.workingDType(
            of: method,
            in: release,
            base: base?.storedDType(by: methods, in: release),
            inputs: inputs.map { $0.storedDType(by: methods, in: release) }
        )
    }
}
