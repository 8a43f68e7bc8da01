/// Reads the fields of a protocol buffer from front to back; what is torn ends it.
struct ProtocolBufferReader {
    /// A field: its number and, where it has bytes, what they are.
    enum Field {
        case bytes(Int, ArraySlice<UInt8>)
        case other(Int)
    }

    private var rest: ArraySlice<UInt8>

    /// Whether all of it was read.
    var isAtEnd: Bool { rest.isEmpty }

    init(_ bytes: ArraySlice<UInt8>) {
        rest = bytes
    }

    /// The next field; `nil` at the end or where the bytes are no field.
    mutating func next() -> Field? {
        var reader = self
        guard let tag = reader.variableLength(), tag >> 3 > 0, tag >> 3 < 1 << 29 else { return nil }
        let number = Int(tag >> 3)
        var field = Field.other(number)
        switch tag & 7 {
        case 0: guard reader.variableLength() != nil else { return nil }
        case 1: guard reader.take(8) != nil else { return nil }
        case 2:
            guard let count = reader.variableLength(), count <= UInt64(reader.rest.count),
                let bytes = reader.take(Int(count))
            else { return nil }
            field = .bytes(number, bytes)
        case 5: guard reader.take(4) != nil else { return nil }
        default: return nil
        }
        self = reader
        return field
    }

    private mutating func take(_ count: Int) -> ArraySlice<UInt8>? {
        guard count <= rest.count else { return nil }
        defer { rest = rest.dropFirst(count) }
        return rest.prefix(count)
    }

    private mutating func variableLength() -> UInt64? {
        var value: UInt64 = 0
        for shift in stride(from: 0, through: 63, by: 7) {
            guard let byte = rest.popFirst() else { return nil }
            value |= UInt64(byte & 0x7f) << UInt64(shift)
            if byte < 0x80 { return value }
        }
        return nil
    }
}
