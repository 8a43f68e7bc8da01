import SutureDiagnostics
import SutureRecipes

extension SliceGraph {
    /// Whether the recipe does arithmetic on weights or asks for a dtype: whether packed ones must become numbers.
    var computesNumbers: Bool { output.dtype != nil || hasArithmetic(depth: 0) }

    /// Whether a node of it does arithmetic on weights.
    func hasArithmetic(depth: Int) -> Bool { nodes.contains { $0.operation.lowered.computesNumbers(depth: depth) } }
}
