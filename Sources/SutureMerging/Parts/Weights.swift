import SutureKernels

/// Divides weights by their sum.
///
/// - Returns: The weights, and whether that was possible. Where it was not, weights that are all zero come back
///   equal, and weights that cancel out come back as they were.
func normalisedWeights(_ weights: [Double]) -> ([Double], isExact: Bool) {
    let sum = weights.reduce(0, +)
    let largest = weights.map { abs($0) }.max() ?? 0
    guard largest > 0 else { return (weights.map { _ in 1 / Double(weights.count) }, false) }
    guard abs(sum) > 1e-8 * largest else { return (weights, false) }
    return (weights.map { $0 / sum }, true)
}

extension MergeCompatibility {
    /// The rounding after each step: mergekit's, or none.
    var rounding: StepRounding {
        switch self {
        case .documented: .none
        case .mergekit(let dtype): StepRounding(dtype)
        }
    }
}
