/// The least run of numbers that a format stores together, and the bytes that it takes.
///
/// Most formats store each number by itself; numbers narrower than a byte share bytes, and quantized ones share scales.
public struct StoredBlock: Hashable, Sendable {
    /// The numbers in it.
    public let elementCount: Int

    /// The bytes that it takes.
    public let byteCount: Int

    /// Creates a block.
    ///
    /// - Precondition: Neither is 0.
    public init(elements elementCount: Int = 1, bytes byteCount: Int) {
        precondition(elementCount > 0 && byteCount > 0, "a block holds something")
        self.elementCount = elementCount
        self.byteCount = byteCount
    }

    /// The bytes of a number of elements; `nil` where they do not fill blocks or do not fit in an `Int`.
    public func bytes(of elements: Int) -> Int? {
        guard elements.isMultiple(of: elementCount),
            case (let bytes, false) = (elements / elementCount).multipliedReportingOverflow(by: byteCount)
        else { return nil }
        return bytes
    }

    /// The bytes of the blocks in which some elements lie.
    ///
    /// - Precondition: They fit in an `Int`, as those of every ``TensorSpec`` do.
    package func bytes(of elements: Range<Int>) -> Range<Int> {
        let end = (elements.upperBound + elementCount - 1) / elementCount
        return elements.lowerBound / elementCount * byteCount..<end * byteCount
    }
}

extension DType {
    /// The bytes of one number, where each is stored by itself; `nil` where a block holds several.
    package var elementByteCount: Int? { block.elementCount == 1 ? block.byteCount : nil }
}
