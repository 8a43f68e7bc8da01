import SutureJSON

/// The list of a commit's files as huggingface_hub 2 keeps it (`trees/COMMIT.json`, format 1).
enum HubTree {
    static func text(of files: [HubFile]) -> String {
        let sorted = files.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
        let entries = JSONObject(sorted.map { JSONObject.Member($0.name, $0.kept) })
        return JSONPrinter.print(.object(["format_version": 1, "files": .object(entries)]), indent: 1)
    }

    /// The files in a list; `nil` where it is of another format.
    static func files(in bytes: [UInt8]) -> [HubFile]? {
        guard let list = try? JSONParser.parse(bytes).object, list["format_version"]?.int == 1,
            let entries = list["files"]?.object
        else { return nil }
        return entries.members.compactMap { HubFile(kept: $0.key, $0.value) }
    }
}
