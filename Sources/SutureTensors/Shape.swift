/// The lengths of a tensor's dimensions, outermost first; a scalar has none.
public struct Shape: Hashable, Sendable, Codable, ExpressibleByArrayLiteral, CustomStringConvertible {
    /// The lengths, outermost first; none is negative.
    public let dimensions: [Int]

    /// Creates a shape.
    ///
    /// - Precondition: No dimension is negative.
    public init(_ dimensions: [Int]) {
        precondition(dimensions.allSatisfy { $0 >= 0 }, "a dimension is negative")
        self.dimensions = dimensions
    }

    /// Creates a shape from a literal.
    public init(arrayLiteral dimensions: Int...) {
        self.init(dimensions)
    }

    /// Reads a plain list of numbers, refusing negative ones.
    public init(from decoder: any Decoder) throws {
        let dimensions = try [Int](from: decoder)
        guard dimensions.allSatisfy({ $0 >= 0 }) else {
            throw DecodingError.dataCorrupted(
                DecodingError.Context(codingPath: decoder.codingPath, debugDescription: "a dimension is negative")
            )
        }
        self.dimensions = dimensions
    }

    /// Writes a plain list of numbers.
    public func encode(to encoder: any Encoder) throws {
        try dimensions.encode(to: encoder)
    }

    /// The number of dimensions.
    public var rank: Int { dimensions.count }

    /// The number of elements, or `nil` where it does not fit in an `Int`.
    public var elementCount: Int? {
        if dimensions.contains(0) { return 0 }
        var count = 1
        for length in dimensions {
            let (product, overflow) = count.multipliedReportingOverflow(by: length)
            guard !overflow else { return nil }
            count = product
        }
        return count
    }

    /// The length of a row: the last dimension, or 1 for a scalar.
    public var rowLength: Int { dimensions.last ?? 1 }

    /// The shape as people write it, such as `[4096, 14336]`.
    public var description: String { "[" + dimensions.map(String.init).joined(separator: ", ") + "]" }
}
