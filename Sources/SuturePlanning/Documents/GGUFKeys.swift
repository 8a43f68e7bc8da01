import SutureArchitectures
import SutureCheckpoints
import SutureDiagnostics
import SutureJSON
import SutureRecipes
import SutureTensors

/// The keys of a GGUF output: the config donor's, with whatever depends on the layers carried along, and the tokenizer
/// of its donor.
struct GGUFKeys {
    let composition: Composition
    let surgery: ConfigSurgery.Outcome

    /// What the recipe calls the result.
    let name: String

    /// What a file says that is mostly of a dtype: numbers of llama.cpp's, by which people name files.
    private static let fileTypes: [DType: Int] = [
        .float32: 0, .float16: 1, .ggmlQ40: 2, .ggmlQ41: 3, .ggmlQ80: 7, .ggmlQ50: 8, .ggmlQ51: 9, .ggmlQ4K: 14,
        .ggmlQ5K: 16, .ggmlQ6K: 18, .bfloat16: 32,
    ]

    /// The dtype that the recipe names for the whole.
    private var stored: DType? { composition.graph.output.dtype?.value }

    /// The keys; `nil` where the donor is no GGUF model.
    func write() -> GGUFMetadata? {
        guard let donor = composition.donor.checkpoint.gguf else { return nil }
        let tokenizer = composition.sources[composition.tokenizerDonor].checkpoint.gguf ?? donor
        var entries: [GGUFMetadata.Entry] = []
        for entry in donor.entries {
            if Self.isRewritten(entry.key) || entry.key.hasPrefix("tokenizer.") { continue }
            if stored != nil, ["general.file_type", "general.quantization_version"].contains(entry.key) { continue }
            if entry.key == "general.name" {
                entries.append(GGUFMetadata.Entry(entry.key, text: name))
            } else if let path = GGUFMetadata.configPath(of: entry.key, architecture: donor.architecture ?? "") {
                if let followed = followed(entry, path) { entries.append(followed) }
            } else {
                entries.append(entry)
            }
        }
        let known = Set(donor.entries.map(\.key))
        for (path, value) in Self.leaves(of: surgery.config) {
            let key = (path[0] == "xielu" ? [] : [donor.architecture ?? ""]) + path
            let joined = key.joined(separator: ".")
            guard !known.contains(joined), let entry = GGUFMetadata.Entry.made(joined, value, like: nil) else {
                continue
            }
            entries.append(entry)
        }
        if let stored, let type = Self.fileTypes[stored] {
            let labels = [("general.file_type", type), ("general.quantization_version", 2)]
            entries += labels.compactMap { GGUFMetadata.Entry.made($0.0, .int($0.1), like: nil) }
        }
        entries += origin
        entries += tokenizer.entries.filter { $0.key.hasPrefix("tokenizer.") }
        return GGUFMetadata(entries)
    }

    /// Keys that speak of the donor's files or of what it was made of.
    private static func isRewritten(_ key: String) -> Bool {
        ["split.", "suture.", "general.base_model."].contains { key.hasPrefix($0) }
    }

    /// A key of the architecture as the output has it; `nil` where it has none.
    private func followed(_ entry: GGUFMetadata.Entry, _ path: [String]) -> GGUFMetadata.Entry? {
        let old = composition.donor.config[path]
        var new = surgery.config[path]
        switch path {
        case ["block_count"]:
            // In the file layers that draft are counted with the others.
            let drafts = surgery.config["nextn_predict_layers"]?.int ?? 0
            new = new?.int.map { .int($0 + drafts) }
            if new?.int == entry.int { return entry }
        case ["nextn_predict_layers"]: if new?.int == 0, old?.int != 0 { return nil }
        case ["vocab_size"]:
            let rows = composition.strip.ends.embed.slots.first { $0.isVocabularyMatrix }?.spec.shape.dimensions[0]
            let isOther = composition.strip.ends.embed.owner != composition.configDonor
            if let rows, isOther { new = .int(rows) }
        default: break
        }
        guard new != old else { return entry }
        return new.flatMap { GGUFMetadata.Entry.made(entry.key, $0, like: entry) }
    }

    /// The values of a config that no key of the donor has.
    private static func leaves(of object: JSONObject, at path: [String] = []) -> [(path: [String], value: JSONValue)] {
        object.members.flatMap { member -> [(path: [String], value: JSONValue)] in
            let here = path + [member.key]
            if let object = member.value.object { return leaves(of: object, at: here) }
            if here == ["model_type"] || here == ["tie_word_embeddings"] || member.value == .null { return [] }
            return [(here, member.value)]
        }
    }

    /// What it was made of.
    private var origin: [GGUFMetadata.Entry] {
        let sources = composition.sourcesInUse.sorted().map { composition.sources[$0] }
        var entries = [GGUFMetadata.Entry("suture.version", text: ToolVersion.text)]
        entries.append(GGUFMetadata.Entry("suture.sources", texts: sources.map(\.name)))
        if let count = GGUFMetadata.Entry.made("general.base_model.count", .int(sources.count), like: nil) {
            entries.append(count)
        }
        for (number, source) in sources.enumerated() {
            let name = source.checkpoint.gguf?["general.name"]?.text ?? source.name
            entries.append(GGUFMetadata.Entry("general.base_model.\(number).name", text: name))
            guard let id = source.checkpoint.hubID?.text else { continue }
            entries.append(
                GGUFMetadata.Entry("general.base_model.\(number).repo_url", text: "https://huggingface.co/" + id)
            )
        }
        return entries
    }
}
