package import SutureJSON

extension GGUFMetadata {
    /// The number of keys and the keys, as they stand in a file.
    package var encoded: [UInt8] {
        var bytes: [UInt8] = []
        bytes.appendNumber(UInt64(entries.count))
        for entry in entries {
            bytes.appendText(entry.key)
            bytes.appendNumber(entry.kind.rawValue)
            if let list = entry.list {
                bytes.appendNumber(list.kind.rawValue)
                bytes.appendNumber(UInt64(list.count))
            } else if entry.kind == .string {
                bytes.appendNumber(UInt64(entry.bytes.count))
            }
            bytes += entry.bytes
        }
        return bytes
    }

    /// Reads keys back.
    ///
    /// - Throws: ``GGUFFault`` where the bytes are none.
    package init(encoded bytes: [UInt8]) throws(GGUFFault) {
        var reader = GGUFReader(bytes)
        var entries: [Entry] = []
        for _ in 0..<(try reader.count("keys")) { entries.append(try reader.entry()) }
        guard reader.place == bytes.count else { throw GGUFFault("more bytes than keys") }
        self.init(entries)
    }
}

extension GGUFMetadata.Entry {
    /// A text.
    package init(_ key: String, text: String) { self.init(key, .string, Array(text.utf8)) }

    /// A list of texts.
    package init(_ key: String, texts: [String]) {
        var bytes: [UInt8] = []
        for text in texts { bytes.appendText(text) }
        self.init(key, .array, list: List(kind: .string, count: texts.count), bytes)
    }

    /// The same key with another value, of the kind that the old one has or programs want.
    ///
    /// - Returns: `nil` for what the format has no value for.
    package static func made(_ key: String, _ value: JSONValue, like old: GGUFMetadata.Entry?) -> GGUFMetadata.Entry? {
        if let values = value.array {
            // A number for all layers becomes a list in the form that gguf-py gives it.
            let usual: GGUFMetadata.Kind =
                values.first?.bool != nil ? .bool : old?.kind == .float32 ? .float32 : .int32
            let isBoolean = values.first?.bool != nil && old?.list?.kind.byteCount != 4
            let kind = isBoolean ? .bool : old?.list?.kind ?? usual
            var bytes: [UInt8] = []
            for value in values {
                guard let encoded = kind.encoded(value) else { return nil }
                bytes += encoded
            }
            return GGUFMetadata.Entry(key, .array, list: List(kind: kind, count: values.count), bytes)
        }
        if let text = value.string { return GGUFMetadata.Entry(key, text: text) }
        let usual: GGUFMetadata.Kind = value.bool != nil ? .bool : value.int != nil ? .uint32 : .float32
        let kind = old.flatMap { $0.list == nil ? $0.kind : nil } ?? usual
        return kind.encoded(value).map { GGUFMetadata.Entry(key, kind, $0) }
    }
}

extension GGUFMetadata.Kind {
    /// The bytes of a value of this kind; `nil` where it is none.
    fileprivate func encoded(_ value: JSONValue) -> [UInt8]? {
        let whole = value.int ?? value.bool.map { $0 ? 1 : 0 }
        switch self {
        case .uint8: return whole.flatMap { UInt8(exactly: $0) }.map { .number($0) }
        case .int8: return whole.flatMap { Int8(exactly: $0) }.map { .number($0) }
        case .uint16: return whole.flatMap { UInt16(exactly: $0) }.map { .number($0) }
        case .int16: return whole.flatMap { Int16(exactly: $0) }.map { .number($0) }
        case .uint32: return whole.flatMap { UInt32(exactly: $0) }.map { .number($0) }
        case .int32: return whole.flatMap { Int32(exactly: $0) }.map { .number($0) }
        case .uint64: return whole.flatMap { UInt64(exactly: $0) }.map { .number($0) }
        case .int64: return whole.map { .number(Int64($0)) }
        case .bool: return whole.map { [$0 == 0 ? 0 : 1] }
        case .float32: return value.double.map { .number(Float($0).bitPattern) }
        case .float64: return value.double.map { .number($0.bitPattern) }
        case .string, .array: return nil
        }
    }
}

extension [UInt8] {
    /// A number's bytes, the lowest first.
    static func number(_ value: some FixedWidthInteger) -> [UInt8] {
        (0..<value.bitWidth / 8).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
    }

    /// Adds a number's bytes, the lowest first.
    mutating func appendNumber(_ value: some FixedWidthInteger) { self += Self.number(value) }

    /// Adds a text behind its length.
    mutating func appendText(_ text: String) {
        appendNumber(UInt64(text.utf8.count))
        self += text.utf8
    }
}
