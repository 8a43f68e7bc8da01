package import SutureDiagnostics
import SystemPackage

/// Which files of a folder hold its tensors.
package struct WeightFiles {
    /// The files' names, sorted.
    let names: [String]

    /// The index that named them, if one did.
    var index: ShardIndex?

    /// The index's file.
    var indexName = ""

    /// What the user should know about the choice.
    var notices: [Diagnostic] = []

    /// Chooses by the folder's listing: of the first format that has any, an index, a lone file, or shards that agree on
    /// their count.
    ///
    /// - Throws: `Diagnostics` where there is nothing to read, or no telling what.
    static func find(in model: any ModelFiles, snapshot: HubCache.Snapshot?) throws(Diagnostics) -> WeightFiles {
        if let names = model.weightNames { return WeightFiles(names: names) }
        let listing: [String]
        do throws(FileError) {
            // Packed files stand for what is in them.
            listing = try model.list().map { WeightPackings.content(of: $0) ?? $0 }
        } catch { throw Diagnostics([error.diagnostic]) }
        for (place, format) in WeightFormats.all.enumerated() {
            if format is GGUFFormat {
                guard let names = try GGUFFiles.only(in: listing, model.folder) else { continue }
                return WeightFiles(names: names)
            }
            guard var files = try files(of: format.naming, in: model.folder, listing, snapshot) else { continue }
            for other in WeightFormats.all[(place + 1)...] {
                guard let name = listing.first(where: other.naming.mayName) else { continue }
                files.notices.append(.otherFormatIgnored(model.folder, name, taken: format.naming))
            }
            return files
        }
        throw Diagnostics([.noWeights(model.folder, listing, snapshot)])
    }

    /// The names of the files that hold a model's tensors.
    ///
    /// - Throws: `Diagnostics` where there is nothing to read, or no telling what.
    package static func names(of model: any ModelFiles) throws(Diagnostics) -> [String] {
        try find(in: model, snapshot: nil).names
    }

    /// The files of one format; `nil` where there are none.
    private static func files(
        of naming: WeightNaming,
        in folder: FilePath,
        _ listing: [String],
        _ snapshot: HubCache.Snapshot?
    ) throws(Diagnostics) -> WeightFiles? {
        if listing.contains(naming.index) { return try indexed(folder, naming, listing) }
        if listing.contains(naming.lone) { return WeightFiles(names: [naming.lone]) }
        var shards: [String: WeightNaming.Shard] = [:]
        for shard in listing.lazy.compactMap(naming.shard) { shards[shard.name] = shard }
        guard !shards.isEmpty else { return nil }
        let sorted = shards.values.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
        return try unindexed(sorted, naming, folder, snapshot)
    }

    private static func indexed(
        _ folder: FilePath,
        _ naming: WeightNaming,
        _ listing: [String]
    ) throws(Diagnostics) -> WeightFiles {
        let path = folder.appending(naming.index)
        let bytes: [UInt8]
        do throws(FileError) {
            bytes = try FileSystem.read(path, limit: SafetensorsHeader.byteLimit)
        } catch {
            throw Diagnostics([error.diagnostic])
        }
        let index = try ShardIndex.parse(bytes, path: path.string)
        let names = Set(index.entries.map(\.file)).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        guard !names.isEmpty else { throw Diagnostics([.emptyIndex(path)]) }
        let isLoneIgnored = listing.contains(naming.lone) && !names.contains(naming.lone)
        let notices: [Diagnostic] = isLoneIgnored ? [.loneFileIgnored(path, naming)] : []
        return WeightFiles(names: names, index: index, indexName: naming.index, notices: notices)
    }

    private static func unindexed(
        _ shards: [WeightNaming.Shard],
        _ naming: WeightNaming,
        _ folder: FilePath,
        _ snapshot: HubCache.Snapshot?
    ) throws(Diagnostics) -> WeightFiles {
        let counts = Set(shards.map(\.count)).sorted()
        guard counts.count == 1, let count = counts.first else {
            throw Diagnostics([.shardCountsDiffer(folder, counts)])
        }
        let present = Set(shards.map(\.number))
        if let odd = shards.first(where: { $0.number < 1 || $0.number > count }) {
            throw Diagnostics([.shardBeyondCount(folder, odd.name, count)])
        }
        // Counting stops at the first gap, so a name that speaks of a billion shards costs nothing.
        if count > present.count, let missing = (1...count).first(where: { !present.contains($0) }) {
            let name = naming.name(ofShard: missing, of: count)
            throw Diagnostics([.shardsMissing(folder, name, count - present.count, of: count, snapshot)])
        }
        return WeightFiles(names: shards.map(\.name), notices: [.noIndex(folder, count)])
    }
}

extension WeightNaming {
    /// Whether a file may hold weights of a checkpoint that is named so.
    fileprivate func mayName(_ name: String) -> Bool { name.hasPrefix(stem) && name.hasSuffix(suffix) }
}

extension Diagnostic {
    fileprivate static func emptyIndex(_ path: FilePath) -> Diagnostic {
        badIndex(path.string, "names no tensor")
    }

    fileprivate static func loneFileIgnored(_ path: FilePath, _ naming: WeightNaming) -> Diagnostic {
        Diagnostic(
            .warning,
            code: "lone-file-ignored",
            "\(naming.lone) is not in the index and is ignored, but transformers would load it before the index",
            at: .file(path.string, tensor: nil),
            fix: FixIt("remove the one that is stale")
        )
    }

    fileprivate static func otherFormatIgnored(
        _ folder: FilePath,
        _ name: String,
        taken naming: WeightNaming
    ) -> Diagnostic {
        Diagnostic(
            .note,
            code: "torch-file-ignored",
            "'\(excerpt(name))' is ignored: the \(naming.suffix.dropFirst()) files beside it are taken",
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
        return shardMissing("\(absent), and there is no index", at: folder, snapshot, fix: "fetch the missing shards")
    }

    /// A weight file that the model needs and that is not there.
    static func shardMissing(
        _ fact: String,
        at path: FilePath,
        _ snapshot: HubCache.Snapshot?,
        fix: String
    ) -> Diagnostic {
        Diagnostic(
            code: "shard-missing",
            fact,
            at: .file(path.string, tensor: nil),
            fix: snapshot.map { .download($0.id, $0.commit) } ?? FixIt(fix)
        )
    }

    /// A folder of an adapter where one of a model was asked for, told by a file in it.
    static func modelIsAnAdapter(_ folder: FilePath, _ file: String) -> Diagnostic {
        Diagnostic(
            code: "model-is-an-adapter",
            "this is an adapter ('\(file)'), not a model",
            at: .file(folder.string, tensor: nil),
            fix: FixIt("name the model that it was made for, with it behind: MODEL+\(folder)")
        )
    }

    /// A folder in which there are no weights that can be used as they are.
    package static func noWeights(_ fact: String, at place: Place, fix: FixIt) -> Diagnostic {
        Diagnostic(code: "no-weights", fact, at: place, fix: fix)
    }

    fileprivate static func noWeights(
        _ folder: FilePath,
        _ listing: [String],
        _ snapshot: HubCache.Snapshot?
    ) -> Diagnostic {
        func any(_ isOne: (String) -> Bool) -> String? { listing.first(where: isOne).map { excerpt($0) } }
        let place = Place.file(folder.string, tensor: nil)
        if let name = any({ $0.hasPrefix("adapter_model.") }) { return .modelIsAnAdapter(folder, name) }
        if let name = any({ $0.hasPrefix("pytorch_model") && $0.hasSuffix(".bin") }) {
            let message = "there is '\(name)', but neither pytorch_model.bin nor an index nor numbered shards"
            return noWeights(message, at: place, fix: FixIt("rename it if it holds the model"))
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
            return noWeights(message, at: place, fix: FixIt("rename it if it holds the model"))
        }
        let fix = snapshot.map { .download($0.id, $0.commit) } ?? FixIt("name the folder that has the model's weights")
        return noWeights("there are no safetensors or GGUF weights in the folder", at: place, fix: fix)
    }
}
