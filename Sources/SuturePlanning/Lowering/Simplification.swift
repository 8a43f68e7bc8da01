import SutureMerging

extension TensorExpression {
    /// The same tensor said more briefly, where that changes no bit of it.
    ///
    /// An interpolation at one of its ends is that end, and a sum of one input with weight 1 is that
    /// input, as the methods tell: copies, which move bytes and compute nothing.
    ///
    /// - Parameters:
    ///   - methods: What the names of methods mean.
    ///   - release: The release of another program whose numbers are wanted.
    /// - Returns: The same tensor.
    func simplified(by methods: MergeRegistry, as release: MergeRelease? = nil) -> TensorExpression {
        guard case .blended(let blend) = self, blend.inputs.allSatisfy({ !$0.isConstant }) else { return self }
        guard let (input, factor) = blend.algebra(by: methods, in: release).multiple,
            blend.inputs.indices.contains(input)
        else {
            return self
        }
        return factor == 1 ? blend.inputs[input] : .scaled(blend.inputs[input], by: factor)
    }

    /// Whether it is a source's tensor as it is stored.
    var isStored: Bool {
        if case .stored = self { true } else { false }
    }

    /// Whether it is one number everywhere.
    var isConstant: Bool {
        if case .filled = self { true } else { false }
    }

    /// The number that it is everywhere, whatever the sources hold; `nil` where that depends on them.
    func constant(by methods: MergeRegistry) -> Double? {
        switch self {
        case .filled(let number): number
        case .scaled(_, by: 0): 0
        case .scaled(let inner, let factor): inner.constant(by: methods).map { $0 * factor }
        // What a dtype rounds 0 and 1 to is the same; of other numbers nobody asks.
        case .rounded(let inner, _): inner.constant(by: methods)
        case .blended(let blend): blend.isSumOfZeros(by: methods) ? 0 : nil
        case .gathered(let gathered):
            gathered.joined.flatMap { joined in
                let first = joined.first.constant(by: methods)
                return first == joined.rest?.constant(by: methods) ? first : nil
            }
        case .stored, .adapted: nil
        }
    }

    /// The same tensor, for proofs: what is only rounding away from a simpler form is that form.
    func reduced(by methods: MergeRegistry) -> TensorExpression {
        guard case .blended = self else { return self }
        let simple = map { $0.reduced(by: methods) }.simplified(by: methods)
        guard case .blended(let blend) = simple else { return simple }
        let first = blend.inputs[0]
        guard blend.inputs.allSatisfy({ $0 == first }) else { return simple }
        return blend.base == first || blend.algebra(by: methods).isMean ? first : simple
    }
}

extension BlendExpression {
    /// What the method's values tell of the result.
    fileprivate func algebra(by methods: MergeRegistry, in release: MergeRelease? = nil) -> MergeAlgebra {
        guard inputParameters.isEmpty || inputParameters.count == inputs.count else { return MergeAlgebra() }
        let values = MergeParameters(global: parameters, inputs: inputParameters)
        return methods.algebra(of: method, values, in: release)
    }

    /// Whether all that it adds up is zero, in methods that do nothing else.
    fileprivate func isSumOfZeros(by methods: MergeRegistry) -> Bool {
        let weights = inputs.indices.map { inputParameters.indices.contains($0) ? inputParameters[$0]["weight"] : nil }
        let startsAtZero = base.map { $0.constant(by: methods) == 0 } ?? true
        return startsAtZero && algebra(by: methods).isSum
            && zip(inputs, weights).allSatisfy { $1 == 0 || $0.constant(by: methods) == 0 }
    }
}
