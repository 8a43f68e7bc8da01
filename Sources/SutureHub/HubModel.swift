import SutureCheckpoints
import SutureExecution
import SystemPackage

/// A model on the hub: small files are in the snapshot's folder, weights are read by ranges where they are not.
struct HubModel: ModelFiles {
    /// The model, at its commit.
    let place: HubPlace

    /// Its files, by name.
    let files: [String: HubFile]

    let snapshot: HubCache.Snapshot
    let hub: Hub

    var folder: FilePath { snapshot.folder }

    func list() throws(FileError) -> [String] {
        Set(files.keys.map { String($0.prefix { $0 != "/" }) }).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    func open(_ name: String) throws(FileError) -> any ByteSource {
        let path = folder.appending(name)
        if try FileSystem.kind(of: path) == .file { return try InputFile(path) }
        guard let file = files[name] else { throw FileError(.open, path, .noSuchFileOrDirectory) }
        return try hub.open(file, of: place)
    }

    /// Fetches what is read or copied whole: config, index, tokenizer and their like.
    func bringSmallFiles(into entry: HubCacheFiles) throws(FileError) {
        let missing = files.values.filter { file in
            Self.isSmall(file.name) && (try? FileSystem.kind(of: folder.appending(file.name))) != .file
        }
        .sorted { $0.name < $1.name }
        let crew = Crew(width: Hub.width)
        try crew.forEach(missing.indices, state: {}) { place, _ throws(FileError) in
            let file = missing[place]
            try entry.put(file, at: snapshot.commit) { (path) throws(FileError) in
                let target = try SparseFile(path, byteCount: file.byteCount)
                var offset = 0
                try hub.client.fetch(0..<file.byteCount, of: file, self.place) { (bytes) throws(FileError) in
                    try target.write(bytes, at: offset)
                    offset += bytes.byteCount
                    hub.meter.add(bytes.byteCount)
                }
                try target.sync()
            }
        }
    }

    /// Fetches the headers of all weight files at once, which would be read one after the other.
    func bringHeaders() throws(FileError) {
        // What is wrong with the names is told by who opens the model.
        let names = (try? WeightFiles.names(of: self)) ?? Adapter.weightNames.filter { files[$0] != nil }
        let weights = names.filter { $0.hasSuffix(SafetensorsFormat.naming.suffix) && files[$0] != nil }
        let crew = Crew(width: Hub.width)
        try crew.forEach(weights.indices, state: {}) { place, _ throws(FileError) in
            let file = try open(weights[place])
            guard file.byteCount >= 8 else { return }
            let length = try file.read(0..<8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            // A length that lies is told of by who reads the header.
            guard let end = Int(exactly: length).map({ $0 &+ 8 }), (8...min(file.byteCount, 1 << 27)).contains(end)
            else { return }
            if let ranges = file as? RangeFile { try ranges.bring(0..<end) }
        }
    }

    /// Whether a file is fetched before anything is planned.
    private static func isSmall(_ name: String) -> Bool {
        CompanionFile.isCompanion(name) || name == "config.json" || name == "adapter_config.json"
            || WeightFormats.all.contains { $0.naming.index == name }
    }
}
