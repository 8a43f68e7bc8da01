import SutureCheckpoints
import SutureDiagnostics
import SutureJSON
import SuturePlanning
import SystemPackage

/// What says that a part is written and on the disk: a small file that is there whole or not at all.
struct PartReceipt: Hashable, Sendable {
    /// The plan's fingerprint.
    let fingerprint: String

    /// The part.
    let part: Part

    /// The bytes that it wrote, file by file.
    let stretches: [Stretch]

    /// The hash of each of its tensors, in order, where its bytes passed by.
    let hashes: [ContentHash?]

    /// The bytes of them that share their blocks with a source.
    let sharedBytes: Int

    /// Who wrote it: process and machine.
    let writer: String
}

// MARK: - As text

extension PartReceipt {
    private static let format = "suture receipt 1"

    /// Writes it; from then on the part is done.
    func write(to path: FilePath, of plan: Plan, calls: FileCalls) throws(ExecutionError) {
        let object: JSONObject = [
            "format": .string(Self.format),
            "tool": .string(ToolVersion.text),
            "plan": .string(fingerprint),
            "part": .int(part.number),
            "parts": .int(part.count),
            "written_by": .string(writer),
            "shared_bytes": .int(sharedBytes),
            "hashes": .array(hashes.map { $0.map { .string($0.description) } ?? .null }),
            "ranges": .array(
                stretches.map { stretch in
                    .object([
                        "file": .string(plan.shards[stretch.shard].name),
                        "shard": .int(stretch.shard),
                        "bytes": .array([.int(stretch.range.lowerBound), .int(stretch.range.upperBound)]),
                    ])
                }
            ),
        ]
        let text = JSONPrinter.print(.object(object), indent: 1) + "\n"
        try ExecutionError.system { () throws(FileError) in try FileSystem.write(text, to: path, calls: calls) }
    }

    /// Reads a receipt; `nil` where there is none, or what is there is none of this version's.
    static func read(_ path: FilePath) throws(ExecutionError) -> PartReceipt? {
        let kind = try ExecutionError.system { () throws(FileError) in
            try FileSystem.kind(of: path, followsLinks: false)
        }
        guard kind == .file else { return nil }
        let bytes = try ExecutionError.system { () throws(FileError) in try FileSystem.read(path, limit: 1 << 28) }
        guard let object = (try? JSONParser.parse(bytes))?.object, object["format"]?.string == format,
            let fingerprint = object["plan"]?.string, let number = object["part"]?.int,
            let count = object["parts"]?.int, let part = Part(number, of: count),
            let writer = object["written_by"]?.string, let shared = object["shared_bytes"]?.int, shared >= 0,
            let ranges = object["ranges"]?.array, let list = object["hashes"]?.array
        else { return nil }
        var hashes: [ContentHash?] = []
        for value in list {
            let hash = value.string.flatMap { ContentHash($0) }
            guard hash != nil || value == .null else { return nil }
            hashes.append(hash)
        }
        var stretches: [Stretch] = []
        for value in ranges {
            guard let shard = value.object?["shard"]?.int, let range = value.object?["bytes"]?.range else { return nil }
            stretches.append(Stretch(shard: shard, range: range))
        }
        return PartReceipt(
            fingerprint: fingerprint,
            part: part,
            stretches: stretches,
            hashes: hashes,
            sharedBytes: shared,
            writer: writer
        )
    }
}
