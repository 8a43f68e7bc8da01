/// Divides weights by their sum.
///
/// - Parameters:
///   - weights: The weights.
///   - method: The method, for the error.
///   - flag: The flag that says not to, where the method has one.
/// - Returns: The weights, which sum to 1.
/// - Throws: `MergeParameterError` where they sum to 0, so that no share of any input is meant.
func normalisedWeights(
    _ weights: [Double],
    of method: String,
    flag: String?
) throws(MergeParameterError) -> [Double] {
    let sum = weights.reduce(0, +)
    let largest = weights.map { abs($0) }.max() ?? 0
    guard largest > 0, abs(sum) > 1e-8 * largest else {
        throw .conflict(
            method: method,
            parameter: "weight",
            input: 0,
            largest > 0 ? "the weights sum to 0, by which they are divided" : "all weights are 0",
            hint: (largest > 0 ? "change one of them" : "give at least one of them another weight")
                + (largest > 0 ? flag.map { ", or set \($0): false" } ?? "" : "")
        )
    }
    return weights.map { $0 / sum }
}
