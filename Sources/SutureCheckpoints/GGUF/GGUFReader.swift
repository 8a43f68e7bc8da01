import SutureDiagnostics
import SutureTensors

/// Reads a GGUF header from front to back; whatever the bytes say, it never asks for more than there are.
struct GGUFReader {
    private let source: [UInt8]
    private(set) var place = 0

    init(_ bytes: [UInt8]) { source = bytes }

    /// The next bytes.
    mutating func bytes(_ count: Int) throws(GGUFFault) -> ArraySlice<UInt8> {
        guard count >= 0, count <= source.count - place else { throw GGUFFault("", isEnd: true) }
        place += count
        return source[place - count..<place]
    }

    /// The next number.
    mutating func number<Number: FixedWidthInteger>(_: Number.Type) throws(GGUFFault) -> Number {
        var value: Number = 0
        for (shift, byte) in try bytes(Number.bitWidth / 8).enumerated() { value |= Number(byte) << (8 * shift) }
        return value
    }

    /// A length or an offset.
    private mutating func length() throws(GGUFFault) -> Int {
        let value = try number(UInt64.self)
        guard let length = Int(exactly: value) else { throw GGUFFault("a length of \(value) is larger than any file") }
        return length
    }

    /// How many of something there are.
    mutating func count(_ what: String) throws(GGUFFault) -> Int {
        let count = try length()
        guard count <= GGUFHeader.countLimit else {
            throw GGUFFault("it announces \(count) \(what), more than the \(GGUFHeader.countLimit) that are read")
        }
        return count
    }

    /// A name: text of some bytes before which its length stands.
    private mutating func name(_ what: String) throws(GGUFFault) -> String {
        let count = try length()
        guard count <= 65_535 else { throw GGUFFault("\(what) has \(count) bytes, more than 65535") }
        guard let text = String(validating: try bytes(count), as: UTF8.self) else {
            throw GGUFFault("\(what) is no UTF-8")
        }
        return text
    }

    /// A key and its value.
    mutating func entry() throws(GGUFFault) -> GGUFMetadata.Entry {
        let key = try name("a key")
        guard !key.isEmpty else { throw GGUFFault("a key is empty") }
        let kind = try kind(of: key)
        guard kind == .array else {
            let count = if let width = kind.byteCount { width } else { try length() }
            return GGUFMetadata.Entry(key, kind, Array(try bytes(count)))
        }
        let element = try self.kind(of: key)
        let count = try length()
        let start = place
        switch element {
        case .array: throw GGUFFault("'\(excerpt(key))' is a list of lists, which no program writes")
        case .string: for _ in 0..<count { _ = try bytes(length()) }
        default:
            let (size, overflow) = count.multipliedReportingOverflow(by: element.byteCount ?? 1)
            guard !overflow else { throw GGUFFault("the list '\(excerpt(key))' is larger than any file") }
            _ = try bytes(size)
        }
        let list = GGUFMetadata.Entry.List(kind: element, count: count)
        return GGUFMetadata.Entry(key, .array, list: list, Array(source[start..<place]))
    }

    private mutating func kind(of key: String) throws(GGUFFault) -> GGUFMetadata.Kind {
        let number = try number(UInt32.self)
        guard let kind = GGUFMetadata.Kind(rawValue: number) else {
            throw GGUFFault("'\(excerpt(key))' is of type \(number), and types end at 12")
        }
        return kind
    }

    /// A tensor of the list.
    mutating func info() throws(GGUFFault) -> GGUFHeader.Info {
        let name = try name("a tensor's name")
        let rank = try number(UInt32.self)
        guard rank <= 4 else { throw GGUFFault("it has \(rank) dimensions, ggml has 4 at most", tensor: name) }
        var dimensions: [Int] = []
        for _ in 0..<rank { dimensions.append(try length()) }
        let type = try number(UInt32.self)
        let offset = try length()
        guard let dtype = GGMLTypes.dtype(type) else {
            throw GGUFFault("its type has the number \(type), which ggml does not have (forks may)", tensor: name)
        }
        // Files have the innermost dimension first.
        let shape = Shape(dimensions.reversed())
        guard shape.rowLength.isMultiple(of: dtype.block.elementCount) else {
            throw GGUFFault(
                "its rows of \(shape.rowLength) end inside a block of \(dtype.block.elementCount) (\(dtype.rawValue))",
                tensor: name
            )
        }
        do throws(TensorSpecError) {
            return GGUFHeader.Info(spec: try TensorSpec(name, dtype, shape), offset: offset)
        } catch { throw GGUFFault("\(error)", tensor: name) }
    }
}
