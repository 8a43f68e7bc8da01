import SutureMerging

extension TensorExpression {
    /// The same tensor said more briefly, where that changes no bit of it.
    ///
    /// An interpolation at one of its ends is that end, and a sum of one input with weight 1 is that
    /// input: copies, which move bytes and compute nothing.
    ///
    /// - Parameter compatibility: The release of mergekit whose numbers are wanted. A weight that is multiplied by and
    ///   then divided by leaves its rounding there.
    /// - Returns: The same tensor.
    func simplified(as compatibility: MergekitVersion? = nil) -> TensorExpression {
        guard case .blended(let blend) = self, blend.inputs.allSatisfy({ !$0.isConstant }) else { return self }
        switch blend.method {
        case "passthrough":
            guard blend.inputs.count == 1 else { return self }
            let scale = blend.inputParameters.first?["scale"] ?? 1
            return scale == 1 ? blend.inputs[0] : .scaled(blend.inputs[0], by: scale)
        case "slerp", "lerp":
            guard blend.inputs.count == 2, let t = blend.parameters["t"] else { return self }
            return t == 0 ? blend.inputs[0] : t == 1 ? blend.inputs[1] : self
        case "linear":
            let weights = blend.inputParameters.map { $0["weight"] ?? 0 }
            let heavy = weights.indices.filter { weights[$0] != 0 }
            let isNormalized = blend.parameters["normalize"] ?? 1 != 0 && compatibility == nil
            guard heavy.count == 1, weights.count == blend.inputs.count, isNormalized || weights[heavy[0]] == 1 else {
                return self
            }
            return blend.inputs[heavy[0]]
        default:
            return self
        }
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
    var constant: Double? {
        switch self {
        case .filled(let number): number
        case .scaled(_, by: 0): 0
        case .scaled(let inner, let factor): inner.constant.map { $0 * factor }
        // What a dtype rounds 0 and 1 to is the same; of other numbers nobody asks.
        case .rounded(let inner, _): inner.constant
        case .blended(let blend): blend.isSumOfZeros ? 0 : nil
        case .extended(let first, _, let rest): first.constant == rest.constant ? first.constant : nil
        case .stored, .adapted, .gathered: nil
        }
    }

    /// The same tensor, for proofs: what is only rounding away from a simpler form is that form.
    func reduced() -> TensorExpression {
        guard case .blended(var blend) = self else { return self }
        blend.inputs = blend.inputs.map { $0.reduced() }
        blend.base = blend.base?.reduced()
        let simple = TensorExpression.blended(blend).simplified()
        guard case .blended(let blend) = simple else { return simple }
        let first = blend.inputs[0]
        guard blend.inputs.allSatisfy({ $0 == first }) else { return simple }
        switch blend.method {
        case "slerp", "lerp", "nuslerp", "karcher": return first
        case "linear" where blend.parameters["normalize"] ?? 1 != 0: return first
        default: return blend.base == first ? first : simple
        }
    }
}

extension BlendExpression {
    /// Whether all that it adds up is zero, in methods that do nothing else.
    fileprivate var isSumOfZeros: Bool {
        let weights = inputs.indices.map { inputParameters.indices.contains($0) ? inputParameters[$0]["weight"] : nil }
        let isSilent = zip(inputs, weights).allSatisfy { $1 == 0 || $0.constant == 0 }
        switch method {
        case "linear":
            // Weights that add up to nothing are divided by that.
            return isSilent && weights.compactMap(\.self).reduce(0, +) != 0
        case "task_arithmetic": return base?.constant == 0 && isSilent
        case "passthrough": return inputs.count == 1 && inputs[0].constant == 0
        default: return false
        }
    }
}
