import SutureCheckpoints

/// Keeps paths of this machine out of what is published: of a folder only its name is shown.
struct CardPrivacy {
    /// The paths, longest first, since one may begin like another.
    private let paths: [String]

    /// Knows the folders that a plan's models and adapters lie in.
    init(_ plan: Plan) {
        let references = plan.sources.map(\.reference) + plan.recipe.given.inputs.values + plan.recipe.given.paths.keys
        let hubIDs = Set(plan.sources.compactMap(\.hubID))
        let parts = references.map { CheckpointReference(parsing: $0) }.filter { !$0.isSynthetic }
            .flatMap { [$0.text, $0.model] + ($0.adapter.map { [$0] } ?? []) }
        paths = Set(parts).filter { $0.contains("/") && !hubIDs.contains(Self.bare($0)) }
            .sorted { ($1.utf8.count, $0) < ($0.utf8.count, $1) }
    }

    private static func bare(_ reference: String) -> String { String(reference.prefix { $0 != "@" && $0 != "+" }) }

    /// A reference without the folders above what it names.
    func shown(_ reference: String) -> String {
        let parsed = CheckpointReference(parsing: reference)
        guard !parsed.isSynthetic else { return reference }
        let model = paths.contains(parsed.model) ? Self.name(parsed.model) : parsed.model
        let adapter = parsed.adapter.map { paths.contains($0) ? Self.name($0) : $0 }
        return model + (parsed.revision.map { "@" + $0 } ?? "") + (adapter.map { "+" + $0 } ?? "")
    }

    /// A recipe's text in which such paths are names.
    func shown(inRecipe text: String) -> String {
        paths.reduce(text) { text, path in Self.replace(path, in: text, by: shown(path)) }
    }

    private static func name(_ path: String) -> String {
        path.split(separator: "/").last { $0 != "." && $0 != ".." }.map(String.init) ?? "folder"
    }

    /// Replaces a path where it is not a part of a longer one.
    private static func replace(_ path: String, in text: String, by name: String) -> String {
        let wanted = Array(path.utf8)
        let bytes = Array(text.utf8)
        guard !wanted.isEmpty, wanted.count <= bytes.count else { return text }
        var result: [UInt8] = []
        var index = 0
        while index < bytes.count {
            let end = index + wanted.count
            if end <= bytes.count, bytes[index] == wanted[0], bytes[index..<end].elementsEqual(wanted),
                index == 0 || !isPathPart(bytes[index - 1]), end == bytes.count || !isPathPart(bytes[end])
            {
                result += Array(name.utf8)
                index = end
            } else {
                result.append(bytes[index])
                index += 1
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    private static func isPathPart(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "/"):
            true
        default: false
        }
    }
}
