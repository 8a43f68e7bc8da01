import SutureKernels

/// The inner products of all inputs with each other, in `Double`.
///
/// Any method whose result is a linear combination of its inputs needs no more than this of the whole tensor: its
/// angles, lengths and iterations happen among the coefficients.
package struct GramMatrix {
    /// The number of inputs.
    package let count: Int

    private let products: [Double]

    /// Takes the products out of a pass.
    package init(_ statistics: MergeStatistics, of count: Int) {
        self.count = count
        products = statistics.sums
    }

    /// Creates the matrix of products in the order of ``products(of:)``.
    package init(products: [Double], of count: Int) {
        self.count = count
        self.products = products
    }

    /// The number of products of so many inputs.
    static func productCount(of count: Int) -> Int { count * (count + 1) / 2 }

    /// The pass that fills it.
    package static func pass(of count: Int) -> SurveyPass { SurveyPass(sums: productCount(of: count)) }

    /// Adds a block's products.
    static func survey(_ block: borrowing MergeBlock, adding statistics: inout MergeStatistics) {
        if block.inputCount == 2 {
            let (first, mixed, second) = SutureKernels.products(block.input(0), block.input(1))
            statistics.sums[0] += first
            statistics.sums[1] += mixed
            statistics.sums[2] += second
            return
        }
        for (index, (row, column)) in products(of: block.inputCount).enumerated() {
            statistics.sums[index] += SutureKernels.dot(block.input(row), block.input(column))
        }
    }

    /// Which two inputs each product is of, in their order.
    package static func products(of count: Int) -> [(Int, Int)] {
        (0..<count).flatMap { row in (0...row).map { (row, $0) } }
    }

    /// All pairs of two different inputs.
    package var pairs: [(Int, Int)] {
        (0..<count).flatMap { i in ((i + 1)..<max(count, i + 1)).map { (i, $0) } }
    }

    /// The inner product of two inputs.
    package subscript(_ a: Int, _ b: Int) -> Double {
        let (row, column) = a >= b ? (a, b) : (b, a)
        return products[row * (row + 1) / 2 + column]
    }

    /// The length of an input.
    package func length(_ index: Int) -> Double { max(0, self[index, index]).squareRoot() }

    /// The inner product of two combinations of the inputs.
    package func dot(_ a: [Double], _ b: [Double]) -> Double {
        var total = 0.0
        for i in 0..<count {
            for j in 0..<count { total += a[i] * b[j] * self[i, j] }
        }
        return total
    }

    /// The length of a combination of the inputs.
    package func length(_ coefficients: [Double]) -> Double { max(0, dot(coefficients, coefficients)).squareRoot() }
}

/// A merge whose result is a combination of its inputs, by factors that follow from their inner products.
package protocol GramMerge: TensorMerge {
    /// The number of inputs.
    var inputCount: Int { get }

    /// What each input is multiplied by; `nil` until the products are known.
    var factors: [Double]? { get set }

    /// Takes the products, from which the factors follow.
    mutating func absorb(_ gram: GramMatrix)
}

extension GramMerge {
    package var maximumSurveyCount: Int { factors == nil ? 1 : 0 }
    package var pendingSurvey: SurveyPass? { factors == nil ? GramMatrix.pass(of: inputCount) : nil }

    package func survey(
        _ block: inout MergeBlock,
        scratch: inout MergeScratch,
        adding statistics: inout MergeStatistics
    ) {
        GramMatrix.survey(block, adding: &statistics)
    }

    package mutating func absorb(_ statistics: MergeStatistics) { absorb(GramMatrix(statistics, of: inputCount)) }

    package func combine(_ block: inout MergeBlock, scratch: inout MergeScratch, into output: inout MergeOutput) {
        block.combine(factors ?? [], base: usesDifferences ? 1 : 0, into: &output)
    }
}
