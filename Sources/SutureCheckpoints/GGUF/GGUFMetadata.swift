import SutureTensors

/// The keys and values of a GGUF file: what stands there of the model beside its tensors.
///
/// Values stay bytes, so that what surgery leaves alone is written as it was read; the lists of a tokenizer, which may
/// be megabytes, are checked for their length and never taken apart.
package struct GGUFMetadata: Hashable, Sendable {
    /// What a value is, numbered as in the file.
    package enum Kind: UInt32, Hashable, Sendable {
        case uint8, int8, uint16, int16, uint32, int32, float32, bool, string, array, uint64, int64, float64

        /// The bytes of a value; `nil` where they differ from value to value.
        var byteCount: Int? {
            switch self {
            case .uint8, .int8, .bool: 1
            case .uint16, .int16: 2
            case .uint32, .int32, .float32: 4
            case .uint64, .int64, .float64: 8
            case .string, .array: nil
            }
        }
    }

    /// A key and its value.
    package struct Entry: Hashable, Sendable {
        /// The key.
        package let key: String

        /// What the value is.
        package let kind: Kind

        /// What the elements of a list are, and how many there are.
        package let list: List?

        /// The value's bytes; of a list those after its count.
        package let bytes: [UInt8]

        /// What the elements of a list are, and how many there are.
        package struct List: Hashable, Sendable {
            /// What each is.
            package let kind: Kind
            /// How many there are.
            package let count: Int
        }

        /// Creates an entry.
        package init(_ key: String, _ kind: Kind, list: List? = nil, _ bytes: [UInt8]) {
            self.key = key
            self.kind = kind
            self.list = list
            self.bytes = bytes
        }
    }

    /// The entries, in the order of the file.
    package var entries: [Entry]

    /// Creates metadata.
    package init(_ entries: [Entry]) { self.entries = entries }

    /// The entry of a key.
    package subscript(key: String) -> Entry? { entries.first { $0.key == key } }

    /// The family, as llama.cpp names it.
    package var architecture: String? { self["general.architecture"]?.text }

    /// The multiple of which every tensor begins at; 32 where the file does not say.
    package var alignment: Int { self["general.alignment"]?.int ?? 32 }
}

extension GGUFMetadata.Entry {
    /// The text that it is.
    package var text: String? {
        kind == .string ? String(validating: bytes, as: UTF8.self) : nil
    }

    /// The whole number that it is.
    package var int: Int? { list == nil ? Self.int(kind, bytes, at: 0) : nil }

    /// A whole number of a kind; `nil` where it is none or does not fit.
    static func int(_ kind: GGUFMetadata.Kind, _ bytes: [UInt8], at place: Int) -> Int? {
        guard let width = kind.byteCount, place + width <= bytes.count else { return nil }
        var bits: UInt64 = 0
        for offset in 0..<width { bits |= UInt64(bytes[place + offset]) << (8 * UInt64(offset)) }
        return switch kind {
        case .uint8, .uint16, .uint32, .uint64: Int(exactly: bits)
        case .int8: Int(Int8(truncatingIfNeeded: bits))
        case .int16: Int(Int16(truncatingIfNeeded: bits))
        case .int32: Int(Int32(truncatingIfNeeded: bits))
        case .int64: Int(Int64(bitPattern: bits))
        case .bool, .float32, .float64, .string, .array: nil
        }
    }

    /// A floating-point number of a kind; `nil` where it is none.
    static func double(_ kind: GGUFMetadata.Kind, _ bytes: [UInt8], at place: Int) -> Double? {
        guard kind == .float32 || kind == .float64, let width = kind.byteCount, place + width <= bytes.count else {
            return nil
        }
        var bits: UInt64 = 0
        for offset in 0..<width { bits |= UInt64(bytes[place + offset]) << (8 * UInt64(offset)) }
        return kind == .float64
            ? Double(bitPattern: bits) : Double(Float(bitPattern: UInt32(truncatingIfNeeded: bits)))
    }
}

/// ggml's numbers for the types of tensors.
enum GGMLTypes {
    /// The type of a number; `nil` for one that ggml had once, never had, or has only in forks.
    static func dtype(_ number: UInt32) -> DType? { byNumber[number] }

    /// The number of a type; `nil` for one that ggml does not have.
    static func number(_ dtype: DType) -> UInt32? { numbers[dtype] }

    private static let byNumber: [UInt32: DType] = [
        0: .float32, 1: .float16, 2: .ggmlQ40, 3: .ggmlQ41, 6: .ggmlQ50, 7: .ggmlQ51, 8: .ggmlQ80, 9: .ggmlQ81,
        10: .ggmlQ2K, 11: .ggmlQ3K, 12: .ggmlQ4K, 13: .ggmlQ5K, 14: .ggmlQ6K, 15: .ggmlQ8K, 16: .ggmlIQ2XXS,
        17: .ggmlIQ2XS, 18: .ggmlIQ3XXS, 19: .ggmlIQ1S, 20: .ggmlIQ4NL, 21: .ggmlIQ3S, 22: .ggmlIQ2S,
        23: .ggmlIQ4XS, 24: .int8, 25: .int16, 26: .int32, 27: .int64, 28: .float64, 29: .ggmlIQ1M, 30: .bfloat16,
        34: .ggmlTQ10, 35: .ggmlTQ20, 39: .ggmlMXFP4, 40: .ggmlNVFP4, 41: .ggmlQ10,
    ]

    private static let numbers = Dictionary(byNumber.map { ($0.value, $0.key) }) { first, _ in first }
}
