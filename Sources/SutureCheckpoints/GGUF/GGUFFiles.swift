import SutureDiagnostics
import SystemPackage

/// Which GGUF files make a model: one, or all parts of a split one.
enum GGUFFiles {
    /// The files of the model in a folder; `nil` where it has none.
    ///
    /// - Throws: `Diagnostics` where it holds several models, or not all of one.
    static func only(in listing: [String], _ folder: FilePath) throws(Diagnostics) -> [String]? {
        // What a vision model adds lies beside the language model, in a file of its own.
        let names = listing.filter { $0.hasSuffix(".gguf") && !$0.hasPrefix("mmproj") }.sorted()
        let firsts = names.filter { name in part(name).map { $0.number == 1 } ?? true }
        guard firsts.count < 2 else { throw Diagnostics([.severalModels(folder, firsts)]) }
        guard let first = firsts.first ?? names.first else { return nil }
        do throws(Diagnostic) { return try parts(of: first, in: listing, folder) } catch { throw Diagnostics([error]) }
    }

    /// The files of the model that a file begins.
    ///
    /// - Throws: A diagnostic where it is another part than the first, or some are missing.
    static func parts(of name: String, in listing: [String], _ folder: FilePath) throws(Diagnostic) -> [String] {
        guard let part = part(name) else { return [name] }
        let naming = WeightNaming(stem: part.stem, suffix: part.suffix)
        guard part.number == 1 else {
            throw .notFirstPart(folder.appending(name), first: naming.numbered(1, of: part.count))
        }
        let present = Set(listing)
        var names: [String] = []
        for number in 1...max(1, part.count) {
            let name = naming.numbered(number, of: part.count)
            guard present.contains(name) else { throw .partMissing(folder.appending(name), part.count) }
            names.append(name)
        }
        return names
    }

    /// A name taken apart as that of a part: `stem-00001-of-00003.gguf`.
    private static func part(_ name: String) -> (stem: String, number: Int, count: Int, suffix: String)? {
        let suffix = String(name.suffix(5))
        let words = name.dropLast(5).split(separator: "-", omittingEmptySubsequences: false)
        guard words.count > 3, suffix == ".gguf" else { return nil }
        let stem = words.dropLast(3).joined(separator: "-")
        return WeightNaming(stem: stem, suffix: suffix).shard(name).map { (stem, $0.number, $0.count, suffix) }
    }
}

extension Diagnostic {
    fileprivate static func severalModels(_ folder: FilePath, _ names: [String]) -> Diagnostic {
        Diagnostic(
            code: "several-gguf-models",
            "the folder holds \(names.count) GGUF models: \(names.prefix(4).joined(separator: ", "))",
            at: .file(folder.string, tensor: nil),
            fix: FixIt("name one of the files")
        )
    }

    fileprivate static func notFirstPart(_ path: FilePath, first: String) -> Diagnostic {
        Diagnostic(
            code: "gguf-not-first-part",
            "the file is a later part of a split model, what the model is stands in the first",
            at: .file(path.string, tensor: nil),
            fix: FixIt("name '\(first)'")
        )
    }

    fileprivate static func partMissing(_ path: FilePath, _ count: Int) -> Diagnostic {
        let fact = "the file is not there, and the model is split into \(count)"
        return shardMissing(fact, at: path, nil, fix: "fetch the missing part")
    }
}
