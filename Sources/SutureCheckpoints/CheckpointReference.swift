/// How somebody names a checkpoint: a folder, `owner/name[@revision]`, either with `+adapter`, or `synthetic:…`.
///
/// The address of a model's page on the hub stands for its id. A reference is only words. A folder that exists wins over a hub id of the same spelling, so what
/// the words mean is known when the checkpoint is opened.
package struct CheckpointReference: Hashable, Sendable, CustomStringConvertible {
    /// The reference as it was written.
    package let text: String

    /// The folder, hub id or synthetic model, without revision and adapter.
    package let model: String

    /// What follows `@`: a branch, a tag or a commit of 40 hexadecimal digits.
    package let revision: String?

    /// What follows `+`: the reference of an adapter that is put on the model.
    package let adapter: String?

    /// Takes a reference apart, as far as that can be done without looking at the disk.
    package init(parsing text: String) {
        self.text = text
        guard !text.hasPrefix(Self.syntheticPrefix) else {
            (model, revision, adapter) = (text, nil, nil)
            return
        }
        let (base, adapter) = Self.split(text, at: "+")
        if let page = Self.page(base) {
            (model, revision) = page
        } else {
            (model, revision) = Self.split(base, at: "@")
        }
        self.adapter = adapter
    }

    /// The reference of a folder, whatever signs its name has.
    package init(folder: String) {
        (text, model, revision, adapter) = (folder, folder, nil, nil)
    }

    /// Puts a reference together from parts that were written apart.
    ///
    /// - Parameters:
    ///   - model: A reference, which may itself name a revision and an adapter.
    ///   - revision: The revision, instead of the one in `model`.
    ///   - adapter: The adapter, instead of the one in `model`.
    package init(model: String, revision: String?, adapter: String? = nil) {
        let whole = CheckpointReference(parsing: model)
        self.model = whole.model
        self.revision = revision ?? whole.revision
        self.adapter = adapter ?? whole.adapter
        text = whole.model + (self.revision.map { "@" + $0 } ?? "") + (self.adapter.map { "+" + $0 } ?? "")
    }

    /// The reference as it was written.
    package var description: String { text }

    /// What names of made-up models begin with.
    package static let syntheticPrefix = "synthetic:"

    /// Whether it asks for a made-up model.
    package var isSynthetic: Bool { model.hasPrefix(Self.syntheticPrefix) }

    /// The id and the revision in the address of a model's page, such as `https://huggingface.co/owner/name/tree/main`
    /// or `hf://owner/name@main`.
    private static func page(_ address: String) -> (model: String, revision: String?)? {
        let starts = [
            "https://huggingface.co/", "http://huggingface.co/", "huggingface.co/", "https://hf.co/", "hf://",
        ]
        guard let start = starts.first(where: { address.hasPrefix($0) }) else { return nil }
        var path = address.dropFirst(start.count).prefix { $0 != "?" && $0 != "#" }
        if start == "hf://", path.hasPrefix("models/") { path = path.dropFirst("models/".count) }
        let parts = path.split(separator: "/").map(String.init)
        guard parts.count >= 2 else { return nil }
        let (name, written) = split(parts[1], at: "@")
        let inTree = parts.count > 3 && ["tree", "blob", "resolve"].contains(parts[2]) ? parts[3] : nil
        return (parts[0] + "/" + name, written ?? inTree)
    }

    private static func split(_ text: String, at separator: Character) -> (String, String?) {
        guard let place = text.firstIndex(of: separator), place > text.startIndex else { return (text, nil) }
        let rest = String(text[text.index(after: place)...])
        return rest.isEmpty ? (text, nil) : (String(text[..<place]), rest)
    }
}
