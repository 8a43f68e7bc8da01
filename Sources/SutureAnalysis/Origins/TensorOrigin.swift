/// What a tensor was made of.
package enum TensorOrigin: Hashable, Sendable {
    /// Its bytes are those of each of these models, by their places.
    case copy([Int])

    /// One number everywhere; `-0` where zeros have signs, as a factor of 0 leaves them.
    case fill(Double)

    /// A sum of tensors, each times a weight, as near as the rounding of its numbers lets it be.
    case sum(Mixture)

    /// The nearest sum, which leaves more unexplained than rounding does.
    case near(Mixture)

    /// Nothing that is known to it: what there is of it in no model, or no numbers.
    case unknown

    /// A sum of tensors.
    package struct Mixture: Hashable, Sendable {
        /// The weight of each model, 0 of those that have no part in it.
        package var weights: [Double]

        /// What the sum leaves unexplained, as a share of the tensor's norm.
        package var error: Double

        /// The cosine of the angle between the tensors of the models that have a part in it, where they are two.
        package var cosine: Double?

        /// The models that have a part in it.
        package var members: [Int] { weights.indices.filter { weights[$0] != 0 } }
    }

    /// Weights below this are taken for noise, and the models left out.
    fileprivate static let leastWeight = 0.003

    /// Judges what was found of a tensor.
    ///
    /// The simplest explanation that leaves no more than rounding is taken: a copy, one number, one model times a factor,
    /// a sum whose weights sum to 1, any sum.
    ///
    /// - Parameters:
    ///   - finding: What was found of its numbers.
    ///   - sources: The models that the others are of, in their order, as their places among all models.
    ///   - sameDType: For each of the others, whether it is stored in the same dtype.
    ///   - fractionBits: The bits behind the point of its numbers; `nil` where only bytes were compared.
    ///   - sourceCount: How many models there are.
    package init(
        _ finding: MixtureStatistics.Finding,
        sources: [Int],
        sameDType: [Bool],
        fractionBits: Int?,
        sourceCount: Int
    ) {
        let equal = sources.indices.filter { finding.equalCounts[$0] == finding.count && sameDType[$0] }
        if !equal.isEmpty {
            self = .copy(equal.map { sources[$0] })
            return
        }
        guard let fractionBits, finding.strangeCount == 0 else {
            self = .unknown
            return
        }
        if finding.least == finding.greatest {
            self = .fill(finding.minusZeroCount > 0 ? -0.0 : Double(finding.least))
            return
        }
        // float32 sums are rounded at each step.
        let allowed = finding.rounding(fractionBits: fractionBits) * (fractionBits == 23 ? 64 : 1)
        let all = Array(sources.indices)
        func mixture(_ fit: MixtureFit) -> Mixture {
            var weights = Array(repeating: 0.0, count: sourceCount)
            for (place, weight) in fit.weights.enumerated() { weights[sources[place]] = weight }
            let members = fit.weights.indices.filter { fit.weights[$0] != 0 }
            return Mixture(
                weights: weights,
                error: (fit.residual / finding.yy).squareRoot(),
                cosine: members.count == 2 ? finding.cosine(members[0], members[1]) : nil
            )
        }
        var tries = all.map { ([$0], false) }
        if all.count > 1 { tries += [(all, true), (all, false)] }
        var best: MixtureFit?
        for (members, sumsToOne) in tries {
            guard
                let fit = MixtureFit(finding, of: members, sumsToOne: sumsToOne).map({ $0.pruned(finding, sumsToOne) })
            else { continue }
            if fit.residual <= allowed {
                self = .sum(mixture(fit))
                return
            }
            // A freer sum is always a little nearer: it must be so by far more than chance makes it.
            if fit.residual < (best?.residual ?? finding.yy) * 0.98 { best = fit }
        }
        self = best.map { .near(mixture($0)) } ?? .unknown
    }

    /// The mixture, where it is one.
    package var mixture: Mixture? {
        switch self {
        case .sum(let mixture), .near(let mixture): mixture
        case .copy, .fill, .unknown: nil
        }
    }
}

extension MixtureFit {
    /// The fit without those that explain no more than chance, or next to nothing.
    ///
    /// A weight is kept where leaving it out adds more than 16 times a share of what is left anyway, four standard errors.
    fileprivate func pruned(_ finding: MixtureStatistics.Finding, _ sumsToOne: Bool) -> MixtureFit {
        var fit = self
        while true {
            let members = fit.weights.indices.filter { fit.weights[$0] != 0 }
            guard members.count > 1 else { return fit }
            let tries = members.compactMap { left -> (MixtureFit, Double)? in
                MixtureFit(finding, of: members.filter { $0 != left }, sumsToOne: sumsToOne).map {
                    ($0, abs(fit.weights[left]))
                }
            }
            guard let (next, weight) = tries.min(by: { $0.0.residual < $1.0.residual }) else { return fit }
            let isChance = next.residual <= fit.residual * (1 + 16 / Double(max(1, finding.count)))
            guard isChance || weight < TensorOrigin.leastWeight else { return fit }
            fit = next
        }
    }
}
