import SutureDiagnostics
import SystemPackage

/// Which files of a folder hold its tensors.
struct WeightFiles {
    /// The files' names, sorted.
    let names: [String]

    /// The index that named them, if one did.
    let index: ShardIndex?

    /// The index's file.
    var indexName = ShardName.index

    /// What the user should know about the choice.
    let notices: [Diagnostic]

    /// Chooses by the folder's listing: an index, a lone file, or shards that agree on their count.
    ///
    /// - Throws: `Diagnostics` where there is nothing to read, or no telling what.
    static func find(in folder: FilePath, snapshot: HubCache.Snapshot?) throws(Diagnostics) -> WeightFiles {
        let listing: [String]
        do throws(FileError) {
            // Packed files stand for what is in them.
            listing = try FileSystem.list(folder).map { PackedName.content(of: $0) ?? $0 }
        } catch { throw Diagnostics([error.diagnostic]) }
        let chosen = try choose(folder, listing, snapshot)
        guard !chosen.names.contains(where: { $0.hasSuffix(".bin") }) else { return chosen }
        let torch = listing.first { $0.hasPrefix("pytorch_model") && $0.hasSuffix(".bin") }
        return WeightFiles(
            names: chosen.names,
            index: chosen.index,
            notices: chosen.notices + (torch.map { [.torchFileIgnored(folder, $0)] } ?? [])
        )
    }

    private static func choose(
        _ folder: FilePath,
        _ listing: [String],
        _ snapshot: HubCache.Snapshot?
    ) throws(Diagnostics) -> WeightFiles {
        if listing.contains(ShardName.index) { return try indexed(folder.appending(ShardName.index), listing) }
        if listing.contains(ShardName.lone) { return WeightFiles(names: [ShardName.lone], index: nil, notices: []) }
        let shards = Set(listing.compactMap { ShardName($0) }).sorted {
            $0.text.utf8.lexicographicallyPrecedes($1.text.utf8)
        }
        if !shards.isEmpty { return try unindexed(shards, folder, snapshot) }
        if let torch = try torch(folder, listing, snapshot) { return torch }
        throw Diagnostics([.noWeights(folder, listing, snapshot)])
    }

    /// The files of torch, which are taken where there is nothing else.
    private static func torch(
        _ folder: FilePath,
        _ listing: [String],
        _ snapshot: HubCache.Snapshot?
    ) throws(Diagnostics) -> WeightFiles? {
        if listing.contains(ShardName.torchIndex) {
            var files = try indexed(folder.appending(ShardName.torchIndex), listing)
            files.indexName = ShardName.torchIndex
            return files
        }
        if listing.contains(ShardName.loneTorch) {
            return WeightFiles(names: [ShardName.loneTorch], index: nil, notices: [])
        }
        let shards = listing.compactMap { ShardName(torch: $0) }
        return shards.isEmpty ? nil : try unindexed(shards, folder, snapshot)
    }

    private static func indexed(_ path: FilePath, _ listing: [String]) throws(Diagnostics) -> WeightFiles {
        let bytes: [UInt8]
        do throws(FileError) {
            bytes = try FileSystem.read(path, limit: SafetensorsHeader.byteLimit)
        } catch {
            throw Diagnostics([error.diagnostic])
        }
        let index = try ShardIndex.parse(bytes, path: path.string)
        let names = Set(index.entries.map(\.file)).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        guard !names.isEmpty else { throw Diagnostics([.emptyIndex(path)]) }
        let isLoneIgnored = listing.contains(ShardName.lone) && !names.contains(ShardName.lone)
        return WeightFiles(names: names, index: index, notices: isLoneIgnored ? [.loneFileIgnored(path)] : [])
    }

    private static func unindexed(
        _ shards: [ShardName],
        _ folder: FilePath,
        _ snapshot: HubCache.Snapshot?
    ) throws(Diagnostics) -> WeightFiles {
        let counts = Set(shards.map(\.count)).sorted()
        guard counts.count == 1, let count = counts.first else {
            throw Diagnostics([.shardCountsDiffer(folder, counts)])
        }
        let present = Set(shards.map(\.number))
        if let odd = shards.first(where: { $0.number < 1 || $0.number > count }) {
            throw Diagnostics([.shardBeyondCount(folder, odd.text, count)])
        }
        // Counting stops at the first gap, so a name that speaks of a billion shards costs nothing.
        if count > present.count, let missing = (1...count).first(where: { !present.contains($0) }) {
            let name = ShardName.make(missing, of: count)
            throw Diagnostics([.shardsMissing(folder, name, count - present.count, of: count, snapshot)])
        }
        return WeightFiles(names: shards.map(\.text), index: nil, notices: [.noIndex(folder, count)])
    }
}

extension Diagnostic {
    fileprivate static func emptyIndex(_ path: FilePath) -> Diagnostic {
        let message = "the index names no tensor"
        return Diagnostic(code: "bad-index", message, at: .file(path.string, tensor: nil))
    }

    fileprivate static func loneFileIgnored(_ path: FilePath) -> Diagnostic {
        Diagnostic(
            .warning,
            code: "lone-file-ignored",
            "model.safetensors is not in the index and is ignored, but transformers would load it before the index",
            at: .file(path.string, tensor: nil),
            fix: FixIt("remove the one that is stale")
        )
    }

    fileprivate static func torchFileIgnored(_ folder: FilePath, _ name: String) -> Diagnostic {
        Diagnostic(
            .note,
            code: "torch-file-ignored",
            "'\(excerpt(name))' is ignored: the safetensors files beside it are taken",
            at: .file(folder.string, tensor: nil)
        )
    }

    fileprivate static func noIndex(_ folder: FilePath, _ count: Int) -> Diagnostic {
        Diagnostic(
            .note,
            code: "no-index",
            "there is no index: all \(count) shards are taken as one model",
            at: .file(folder.string, tensor: nil)
        )
    }

    fileprivate static func shardCountsDiffer(_ folder: FilePath, _ counts: [Int]) -> Diagnostic {
        let list = counts.map(String.init).joined(separator: " and ")
        return Diagnostic(
            code: "shards-disagree",
            "there are shards of sets of \(list), and no index to say which counts",
            at: .file(folder.string, tensor: nil),
            fix: FixIt("remove the shards that are stale")
        )
    }

    fileprivate static func shardBeyondCount(_ folder: FilePath, _ name: String, _ count: Int) -> Diagnostic {
        Diagnostic(
            code: "shards-disagree",
            "\(name) is there, but a set of \(count) shards is numbered from 1 to \(count)",
            at: .file(folder.string, tensor: nil),
            fix: FixIt("remove the shards that are stale")
        )
    }

    fileprivate static func shardsMissing(
        _ folder: FilePath,
        _ name: String,
        _ missing: Int,
        of count: Int,
        _ snapshot: HubCache.Snapshot?
    ) -> Diagnostic {
        let absent = missing > 1 ? "\(name) and \(missing - 1) more are not there" : "\(name) is not there"
        return Diagnostic(
            code: "shard-missing",
            "\(absent), and there is no index",
            at: .file(folder.string, tensor: nil),
            fix: snapshot.map { .download($0.id, $0.commit) } ?? FixIt("fetch the missing shards")
        )
    }

    fileprivate static func noWeights(
        _ folder: FilePath,
        _ listing: [String],
        _ snapshot: HubCache.Snapshot?
    ) -> Diagnostic {
        func any(_ isOne: (String) -> Bool) -> String? { listing.first(where: isOne).map { excerpt($0) } }
        let place = Place.file(folder.string, tensor: nil)
        if let name = any({ $0.hasPrefix("adapter_model.") }) {
            let message = "this is an adapter ('\(name)'), not a model"
            return Diagnostic(
                code: "model-is-an-adapter",
                message,
                at: place,
                fix: FixIt("name the model it was made for")
            )
        }
        if let name = any({ $0.hasPrefix("pytorch_model") && $0.hasSuffix(".bin") }) {
            let message = "there is '\(name)', but neither pytorch_model.bin nor an index nor numbered shards"
            return Diagnostic(code: "no-weights", message, at: place, fix: FixIt("rename it if it holds the model"))
        }
        if let name = any({ $0.lowercased().hasSuffix(".gguf") }) {
            let fix = FixIt("name the safetensors checkpoint it was made from")
            return Diagnostic(
                code: "gguf-weights",
                "the weights are GGUF ('\(name)'), which is not read",
                at: place,
                fix: fix
            )
        }
        if let name = any({ name in [".h5", ".msgpack", ".onnx", ".ot"].contains { name.hasSuffix($0) } }) {
            let message = "the weights are of another framework ('\(name)'), which is not read"
            let fix = FixIt("load it with transformers, and save_pretrained it as safetensors")
            return Diagnostic(code: "foreign-weights", message, at: place, fix: fix)
        }
        if let name = any({ $0.hasPrefix("consolidated") }) {
            let fix = FixIt("get the files that transformers reads: model.safetensors or its shards")
            let message = "the weights are in Mistral's or Meta's own layout ('\(name)'), which is not read"
            return Diagnostic(code: "consolidated-weights", message, at: place, fix: fix)
        }
        if let name = any({ $0.hasSuffix(".safetensors") }) {
            let message = "there is '\(name)', but neither model.safetensors nor an index nor numbered shards"
            return Diagnostic(code: "no-weights", message, at: place, fix: FixIt("rename it if it holds the model"))
        }
        let fix = snapshot.map { .download($0.id, $0.commit) } ?? FixIt("name the folder that has the model's weights")
        return Diagnostic(code: "no-weights", "there are no safetensors weights in the folder", at: place, fix: fix)
    }
}
