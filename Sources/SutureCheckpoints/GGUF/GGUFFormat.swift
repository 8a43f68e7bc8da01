package import SutureDiagnostics
package import SutureTensors
import SystemPackage

/// GGUF: keys and values that say what the model is, a list of tensors, and their data.
package struct GGUFFormat: WeightFormat, OutputFormat {
    /// What its files are called; those of others may have any name before the ending.
    package static let naming = WeightNaming(stem: "model", suffix: ".gguf")
    package var naming: WeightNaming { Self.naming }
    package let name = "gguf"
    package let ownsFolder = false
    package let isPacked = false

    /// Creates the format.
    package init() {}

    package func readHeader(of source: any ByteSource) throws(Diagnostics) -> WeightHeader {
        let header = try GGUFHeader.read(source)
        return WeightHeader(entries: header.entries, gguf: header.metadata)
    }

    package func layOut(
        _ specs: [TensorSpec],
        _ start: DataStart,
        preamble: [UInt8]
    ) throws(OutputFormatError) -> FileLayout {
        let metadata: GGUFMetadata
        do throws(GGUFFault) { metadata = try GGUFMetadata(encoded: preamble) } catch {
            throw OutputFormatError("its keys cannot be read: \(error.isEnd ? "they end early" : error.message)")
        }
        let alignment = metadata.alignment
        guard alignment > 0, alignment <= 1 << 20, alignment & (alignment - 1) == 0 else {
            throw OutputFormatError("its general.alignment is no power of two")
        }
        let (list, offsets, byteCount) = try list(specs, alignment: alignment)
        let header = try Self.header(metadata, list, specs.count, start, alignment)
        guard header.count <= GGUFHeader.byteLimit,
            case (let end, false) = byteCount.addingReportingOverflow(header.count)
        else { throw OutputFormatError("its keys and tensors take more bytes than a file may have") }
        return FileLayout(header: header, offsets: offsets.map { header.count + $0 }, byteCount: end)
    }

    /// The list of tensors, and where each lies behind the header.
    private func list(
        _ specs: [TensorSpec],
        alignment: Int
    ) throws(OutputFormatError) -> (bytes: [UInt8], offsets: [Int], byteCount: Int) {
        var bytes: [UInt8] = []
        var offsets: [Int] = []
        var names: Set<String> = []
        var end = 0
        for spec in specs {
            guard names.insert(spec.name).inserted else {
                throw OutputFormatError("the tensor name '\(excerpt(spec.name))' is taken already")
            }
            guard spec.name.utf8.count < 64 else {
                throw OutputFormatError(
                    "the tensor name '\(excerpt(spec.name))' has more than the 63 bytes that ggml keeps"
                )
            }
            guard let type = GGMLTypes.number(spec.dtype) else {
                throw OutputFormatError("'\(spec.name)' is \(spec.dtype.rawValue), which ggml does not have")
            }
            guard spec.shape.rank <= 4 else {
                throw OutputFormatError("'\(spec.name)' has \(spec.shape.rank) dimensions, ggml has 4 at most")
            }
            bytes.appendText(spec.name)
            bytes.appendNumber(UInt32(spec.shape.rank))
            for length in spec.shape.dimensions.reversed() { bytes.appendNumber(UInt64(length)) }
            bytes.appendNumber(type)
            bytes.appendNumber(UInt64(end))
            offsets.append(end)
            guard case (let sum, false) = end.addingReportingOverflow(spec.byteCount), sum < 1 << 60 else {
                throw OutputFormatError("the tensors are larger than any file")
            }
            end = GGUFHeader.padded(sum, to: alignment)
        }
        return (bytes, offsets, end)
    }

    /// The bytes before the data, which begin where the start says.
    ///
    /// The format pads to its alignment and no further. Where data are to begin later, a key of spaces makes the room.
    private static func header(
        _ metadata: GGUFMetadata,
        _ list: [UInt8],
        _ count: Int,
        _ start: DataStart,
        _ alignment: Int
    ) throws(OutputFormatError) -> [UInt8] {
        func whole(_ metadata: GGUFMetadata) -> [UInt8] {
            var bytes = Array("GGUF".utf8)
            bytes.appendNumber(UInt32(3))
            bytes.appendNumber(UInt64(count))
            bytes += metadata.encoded
            bytes += list
            return bytes
        }
        var bytes = whole(metadata)
        let natural = GGUFHeader.padded(bytes.count, to: alignment)
        var place = natural
        switch start {
        case .at(let wanted): place = wanted
        case .aligned(let block, let residue):
            guard block > 0, residue.isMultiple(of: alignment), block.isMultiple(of: alignment) else { break }
            place += ((residue - natural) % block + block) % block
            if place != natural, place - bytes.count < roomByteCount { place += block }
        }
        if place != natural {
            let room = place - bytes.count - roomByteCount
            guard place.isMultiple(of: alignment), room >= 0 else {
                throw OutputFormatError(
                    "its data cannot begin at byte \(place), its keys and tensors take \(bytes.count)"
                )
            }
            let spaces = GGUFMetadata.Entry(roomKey, text: String(repeating: " ", count: room))
            bytes = whole(GGUFMetadata(metadata.entries + [spaces]))
        }
        bytes += repeatElement(0, count: place - bytes.count)
        return bytes
    }

    /// The key that makes room, and what it takes beside its spaces.
    private static let roomKey = "suture.room"
    private static let roomByteCount = 8 + roomKey.utf8.count + 4 + 8

    package func preamble(_ whole: [UInt8], ofShard number: Int, of count: Int, tensors: Int) -> [UInt8] {
        guard let metadata = try? GGUFMetadata(encoded: whole) else { return whole }
        guard count > 1 else { return metadata.encoded }
        let isAligned = metadata["general.alignment"]
        var entries = number == 1 ? metadata.entries : [isAligned].compactMap(\.self)
        entries.append(GGUFMetadata.Entry("split.no", .uint16, .number(UInt16(truncatingIfNeeded: number - 1))))
        entries.append(GGUFMetadata.Entry("split.count", .uint16, .number(UInt16(truncatingIfNeeded: count))))
        entries.append(GGUFMetadata.Entry("split.tensors.count", .int32, .number(Int32(truncatingIfNeeded: tensors))))
        return GGUFMetadata(entries).encoded
    }

    package func index(
        of entries: [ShardIndex.Entry],
        totalParameters: Int,
        totalSize: Int
    ) -> (name: String, text: String)? {
        nil
    }
}
