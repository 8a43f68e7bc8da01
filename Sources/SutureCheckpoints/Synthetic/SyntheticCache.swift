import SutureDiagnostics
import SutureJSON
import SutureTensors
import SystemPackage

/// The folder of made-up models; each is made once, whole or not at all.
struct SyntheticCache {
    private let folder: FilePath

    /// Finds the folder that an environment asks for: `SUTURE_CACHE`, else the user's cache.
    init(environment: [String: String]) {
        let variables = EnvironmentPaths(environment)
        folder = (variables["SUTURE_CACHE"] ?? variables.cacheHome.appending("suture")).appending("synthetic")
    }

    /// The folder of a model, which is made if it is not there.
    ///
    /// - Parameters:
    ///   - model: The model.
    ///   - text: How it was asked for, for messages.
    /// - Returns: The folder.
    /// - Throws: `Diagnostics` where the model is too large for the disk, or the system refuses.
    func checkpoint(_ model: SyntheticModel, text: String) throws(Diagnostics) -> FilePath {
        let name = Self.folderName(model)
        let target = folder.appending(name)
        if try asking({ () throws(FileError) in try FileSystem.kind(of: target) }) == .folder { return target }

        try asking { () throws(FileError) in try FileSystem.createFolders(folder) }
        let specs = try SyntheticShard.specs(model, text: text)
        let need = model.hasData ? specs.reduce(0) { $0 + $1.byteCount } : 0
        let free = try asking { () throws(FileError) in try FileSystem.freeSpace(at: folder) }
        guard need < free else { throw Diagnostics([.noRoom(text, need: need, free: free, folder)]) }
        let shards = try SyntheticShard.deal(specs, of: model, text: text)

        let staging = folder.appending(".\(name).\(FileSystem.uniqueSuffix())")
        do throws(FileError) {
            try write(model, shards, to: staging)
            try publish(staging, as: target)
        } catch {
            try? FileSystem.removeTree(staging)
            throw Diagnostics([error.diagnostic])
        }
        return target
    }

    /// A name that a person can read and that no other model has.
    private static func folderName(_ model: SyntheticModel) -> String {
        // The number counts the ways in which models have been made: a new one makes new folders.
        let text = "2 " + model.description
        let hash = text.utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
        let digits = String(hash, radix: 16)
        let padding = String(repeating: "0", count: 16 - digits.count)
        return "\(model.family.rawValue)-\(model.layers)x\(model.hidden)-\(padding)\(digits)"
    }

    private func write(_ model: SyntheticModel, _ shards: [SyntheticShard], to staging: FilePath) throws(FileError) {
        try FileSystem.createFolder(staging)
        var index: [ShardIndex.Entry] = []
        var sizes = (parameters: 0, bytes: 0)
        for (number, shard) in shards.enumerated() {
            let name = SafetensorsFormat.naming.name(ofShard: number + 1, of: shards.count)
            try shard.write(model, to: staging.appending(name))
            for entry in shard.layout.entries {
                index.append(ShardIndex.Entry(tensor: entry.spec.name, file: name))
                sizes.parameters += entry.spec.elementCount
                sizes.bytes += entry.spec.byteCount
            }
        }
        if shards.count > 1 {
            let text = ShardIndex(index, totalParameters: sizes.parameters, totalSize: sizes.bytes).text
            try FileSystem.write(text, to: staging.appending(SafetensorsFormat.naming.index))
        }
        var files = SyntheticTokenizer(model).files
        if let generation = model.generationConfig {
            files.append((name: "generation_config.json", text: Self.text(generation)))
        }
        files.append((name: "config.json", text: Self.text(model.config)))
        for file in files { try FileSystem.write(file.text, to: staging.appending(file.name)) }
        try FileSystem.syncFolder(staging)
    }

    private func publish(_ staging: FilePath, as target: FilePath) throws(FileError) {
        do throws(FileError) { try FileSystem.rename(staging, to: target) } catch {
            // Another run was faster, and made the same bytes.
            guard error.errno == .fileExists || error.errno == .directoryNotEmpty else { throw error }
            try FileSystem.removeTree(staging)
        }
    }

    private static func text(_ object: JSONObject) -> String { JSONPrinter.print(.object(object), indent: 2) + "\n" }

    private func asking<Value>(_ body: () throws(FileError) -> Value) throws(Diagnostics) -> Value {
        do throws(FileError) { return try body() } catch { throw Diagnostics([error.diagnostic]) }
    }
}

extension Diagnostic {
    fileprivate static func noRoom(_ text: String, need: Int, free: Int, _ folder: FilePath) -> Diagnostic {
        let sizes = "takes \(ByteSize.format(need)), but \(folder) has only \(ByteSize.format(free)) free"
        return Diagnostic(
            code: "synthetic-no-room",
            "the made-up model \(sizes)",
            at: .file(text, tensor: nil),
            fix: FixIt("ask for data=none to plan with it, or set SUTURE_CACHE to a larger disk")
        )
    }
}
