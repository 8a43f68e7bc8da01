/// What a method's values tell of its result, whatever the tensors hold.
package struct MergeAlgebra: Sendable {
    /// The input of which the result is a multiple, to the last bit, and the factor.
    package var multiple: (input: Int, factor: Double)?

    /// Whether inputs that are all one tensor give that tensor, but for rounding.
    package var isMean = false

    /// Whether the result is nothing but the base, where there is one, and multiples of the inputs by their weights.
    package var isSum = false

    /// What is known of a method that tells nothing.
    package init() {}

    /// What is known of a walk from the first input, at 0, to the second, at 1.
    init(walkTo t: Double?) {
        isMean = true
        multiple = t == 0 ? (0, 1) : t == 1 ? (1, 1) : nil
    }
}
