import SutureKernels
import SutureTensors

/// What a method of the task-arithmetic family keeps of each input, as its values and the tensor's size tell.
package struct ThinningShares: Sendable {
    /// What is not always decided as documented.
    package struct Habits: Sendable {
        /// Whether a density above 0 keeps one element at least of the largest.
        package var keepsOne = false

        /// Whether nothing is kept of a tensor that is too small to have outliers.
        package var needsOutliers = false

        /// Creates the documented ones.
        package init() {}
    }

    /// What is kept of each input.
    package private(set) var all: [Thinning.Share] = []

    /// Whether the size that differences had is restored.
    package let rescales: Bool

    /// Whether a tensor was too small for outliers.
    private var lacksOutliers = false

    /// Whether nothing is kept of some input.
    private var keepsNothing = false

    private let rule: Thinning.Rule
    private let isDrawn: Bool

    /// Takes the values of a method that keeps by a rule.
    package init(_ rule: Thinning.Rule, _ values: MergeValues, _ layout: MergeLayout, _ habits: Habits = Habits()) {
        self.rule = rule
        rescales = rule != .none && values.flag("rescale")
        let densities = values.each("density")
        isDrawn = rule != .none && densities.contains { $0 > 0 && $0 < 1 }
        for input in 0..<layout.inputCount {
            all.append(share(of: input, densities[input], values, layout.elementCount, habits))
        }
    }

    private mutating func share(
        of input: Int,
        _ density: Double,
        _ values: MergeValues,
        _ count: Int,
        _ habits: Habits
    ) -> Thinning.Share {
        guard rule != .none, density < 1 else { return .all }
        guard density > 0 else {
            keepsNothing = true
            return .nothing
        }
        // As mergekit does, the product of binary numbers is truncated: 0.29 of 100 is 28.
        var kept = min(count, Int(density * Double(count)))
        var top = 0
        switch rule {
        case .none: return .all
        case .random: return .random(density: density)
        case .ranked: return .ranked(density: density, epsilon: values.each("epsilon")[input])
        case .magnitude: if habits.keepsOne { kept = min(count, max(1, kept)) }
        case .outliers:
            top = min(Int(max(0, min(1, values.each("gamma")[input])) * Double(count)), count - kept)
            lacksOutliers = lacksOutliers || top == 0
            if top == 0, habits.needsOutliers { return .nothing }
        }
        guard kept > 0 else {
            keepsNothing = true
            return .nothing
        }
        return .window(top: top, count: kept)
    }

    /// Whether a pass must find by how much the differences became less.
    package var needsMeasuring: Bool {
        rescales
            && all.contains { share in
                switch share {
                case .all, .nothing: false
                case .window, .chosen, .random, .ranked: true
                }
            }
    }

    /// What each input's kept differences are multiplied by; `nil` where a pass must find it.
    var ratios: [Float]? {
        // What is kept by rank is divided by its own probability.
        guard rule == .random || rule == .ranked else { return needsMeasuring ? nil : all.map { _ in 1 } }
        return all.map { share in
            if rescales, case .random(let density) = share { Float(1 / drawnProbability(density)) } else { 1 }
        }
    }

    /// The decisions of a method that change a tensor.
    package func decisions(of descriptor: MergeDescriptor, _ layout: MergeLayout) -> [MergeDecision] {
        descriptor.decisions.filter { decision in
            switch decision {
            case .randomRescale, .rankedRescale: rescales && isDrawn
            case .draws: isDrawn
            case .rankedStack: layout.shape.rank > 2 && isDrawn
            case .noOutliers: lacksOutliers
            case .nothingKept: keepsNothing
            default: false
            }
        }
    }
}
