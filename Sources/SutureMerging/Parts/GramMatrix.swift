import SutureKernels

/// The inner products of all inputs with each other, in `Double`.
///
/// Any method whose result is a linear combination of its inputs needs no more than this of the whole tensor: its
/// angles, lengths and iterations happen among the coefficients.
struct GramMatrix {
    /// The number of inputs.
    let count: Int

    private let products: [Double]

    /// Takes the products out of a pass.
    init(_ statistics: MergeStatistics, of count: Int) {
        self.count = count
        products = statistics.sums
    }

    /// Creates the matrix of products in the order of ``survey(_:adding:at:)``.
    init(products: [Double], of count: Int) {
        self.count = count
        self.products = products
    }

    /// The number of products of so many inputs.
    static func productCount(of count: Int) -> Int { count * (count + 1) / 2 }

    /// The pass that fills it.
    static func pass(of count: Int) -> SurveyPass { SurveyPass(sums: productCount(of: count)) }

    /// Adds a block's products.
    static func survey(_ block: borrowing MergeBlock, adding statistics: inout MergeStatistics) {
        if block.inputCount == 2 {
            let (first, mixed, second) = SutureKernels.products(block.input(0), block.input(1))
            statistics.sums[0] += first
            statistics.sums[1] += mixed
            statistics.sums[2] += second
            return
        }
        var index = 0
        for row in 0..<block.inputCount {
            for column in 0...row {
                statistics.sums[index] += SutureKernels.dot(block.input(row), block.input(column))
                index += 1
            }
        }
    }

    /// Adds a block's products, those of two inputs rounded before they are summed.
    static func survey(
        _ block: borrowing MergeBlock,
        _ rounding: StepRounding,
        adding statistics: inout MergeStatistics
    ) {
        var index = 0
        for row in 0..<block.inputCount {
            for column in 0...row {
                let rounding = row == column ? .none : rounding
                statistics.sums[index] += SutureKernels.dot(block.input(row), block.input(column), rounding)
                index += 1
            }
        }
    }

    /// The inner product of two inputs.
    subscript(_ a: Int, _ b: Int) -> Double {
        let (row, column) = a >= b ? (a, b) : (b, a)
        return products[row * (row + 1) / 2 + column]
    }

    /// The length of an input.
    func length(_ index: Int) -> Double { max(0, self[index, index]).squareRoot() }

    /// The inner product of two combinations of the inputs.
    func dot(_ a: [Double], _ b: [Double]) -> Double {
        var total = 0.0
        for i in 0..<count {
            for j in 0..<count { total += a[i] * b[j] * self[i, j] }
        }
        return total
    }

    /// The length of a combination of the inputs.
    func length(_ coefficients: [Double]) -> Double { max(0, dot(coefficients, coefficients)).squareRoot() }
}
