package import SutureDiagnostics
import SutureTensors
import SystemPackage

/// What stands before the data of a GGUF file: keys, and where each tensor lies.
package struct GGUFHeader: Sendable {
    /// The keys.
    package let metadata: GGUFMetadata

    /// The tensors, in the order of their bytes.
    package let entries: [WeightFile.Entry]

    /// The most bytes that keys and tensor list may take: a tokenizer of a million tokens has a third of it.
    package static let byteLimit = 256 << 20

    /// The most tensors of a file, and the most keys.
    static let countLimit = 1 << 20

    /// Reads the header of a file, and no more of it than that takes.
    ///
    /// - Throws: `Diagnostics` with what is wrong with it.
    package static func read(_ source: any ByteSource) throws(Diagnostics) -> GGUFHeader {
        var length = min(source.byteCount, 1 << 20)
        while true {
            let bytes: [UInt8]
            do throws(FileError) { bytes = try source.read(0..<length) } catch { throw Diagnostics([error.diagnostic]) }
            do throws(GGUFFault) {
                return try parse(bytes, fileByteCount: source.byteCount)
            } catch {
                // What ends too early may go on in the file.
                guard error.isEnd, length < min(source.byteCount, byteLimit) else {
                    throw Diagnostics([error.diagnostic(source.path.string)])
                }
                length = min(source.byteCount, byteLimit, length * 4)
            }
        }
    }

    /// Takes the first bytes of a file apart.
    ///
    /// - Parameters:
    ///   - bytes: At least the header.
    ///   - fileByteCount: The length of the whole file.
    /// - Returns: The header.
    /// - Throws: ``GGUFFault`` with the first fault.
    package static func parse(_ bytes: [UInt8], fileByteCount: Int) throws(GGUFFault) -> GGUFHeader {
        var reader = GGUFReader(bytes)
        guard try reader.bytes(4).elementsEqual("GGUF".utf8) else { throw GGUFFault("it does not begin with GGUF") }
        let version = try reader.number(UInt32.self)
        guard version != 0, version & 0xffff != 0 else {
            throw GGUFFault("its bytes are in the order of big-endian machines, which is not read")
        }
        guard version == 2 || version == 3 else { throw GGUFFault("its version is \(version); 2 and 3 are read") }
        let tensorCount = try reader.count("tensors")
        let keyCount = try reader.count("keys")
        var entries: [GGUFMetadata.Entry] = []
        var keys: Set<String> = []
        for _ in 0..<keyCount {
            let entry = try reader.entry()
            guard keys.insert(entry.key).inserted else {
                throw GGUFFault("the key '\(excerpt(entry.key))' comes twice")
            }
            entries.append(entry)
        }
        let metadata = GGUFMetadata(entries)
        let alignment = try Self.alignment(of: metadata)
        var infos: [Info] = []
        var names: Set<String> = []
        for _ in 0..<tensorCount {
            let info = try reader.info()
            guard names.insert(info.spec.name).inserted else {
                throw GGUFFault("the list names the tensor twice", tensor: info.spec.name)
            }
            infos.append(info)
        }
        let start = padded(reader.place, to: alignment)
        return GGUFHeader(
            metadata: metadata,
            entries: try placed(infos, from: start, alignment: alignment, fileByteCount: fileByteCount)
        )
    }

    private static func alignment(of metadata: GGUFMetadata) throws(GGUFFault) -> Int {
        guard let entry = metadata["general.alignment"] else { return 32 }
        guard let value = entry.int, entry.kind == .uint32, value > 0, value & (value - 1) == 0, value <= 1 << 20 else {
            throw GGUFFault("general.alignment is no power of two up to 1048576")
        }
        return value
    }

    /// A tensor as the list has it.
    struct Info {
        let spec: TensorSpec
        let offset: Int
    }

    /// Where tensors lie, if they are packed one after the other as llama.cpp demands.
    private static func placed(
        _ infos: [Info],
        from start: Int,
        alignment: Int,
        fileByteCount: Int
    ) throws(GGUFFault) -> [WeightFile.Entry] {
        var entries: [WeightFile.Entry] = []
        entries.reserveCapacity(infos.count)
        var end = 0
        for info in infos {
            guard info.offset == end else {
                throw GGUFFault(
                    "its data begin at \(info.offset), those before it end at \(end)",
                    tensor: info.spec.name
                )
            }
            let (last, overflow) = (start + end).addingReportingOverflow(info.spec.byteCount)
            guard !overflow, last <= fileByteCount else {
                throw GGUFFault(
                    "its \(info.spec.byteCount) bytes from \(start + end) on end after the file of \(fileByteCount)",
                    tensor: info.spec.name
                )
            }
            entries.append(WeightFile.Entry(spec: info.spec, offset: start + end, strides: nil))
            end = padded(end + info.spec.byteCount, to: alignment)
        }
        return entries
    }

    /// The next multiple of an alignment.
    static func padded(_ place: Int, to alignment: Int) -> Int { (place + alignment - 1) / alignment * alignment }
}

/// What is wrong with a GGUF file.
package struct GGUFFault: Error, Hashable, Sendable {
    /// The fault in words.
    package let message: String

    /// The tensor that it is about.
    package let tensor: String?

    /// Whether the bytes end before what they announce.
    package let isEnd: Bool

    init(_ message: String, tensor: String? = nil, isEnd: Bool = false) {
        self.message = message
        self.tensor = tensor
        self.isEnd = isEnd
    }

    func diagnostic(_ path: String) -> Diagnostic {
        Diagnostic(
            code: "gguf-header",
            isEnd ? "the file ends in its header, or its header is larger than \(GGUFHeader.byteLimit) bytes" : message,
            at: .file(path, tensor: tensor.map { excerpt($0) }),
            fix: Diagnostic.FixIt("fetch the file again; gguf-py's gguf-dump shows what is in it")
        )
    }
}
