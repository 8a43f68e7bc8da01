import SutureJSON

/// The words of per-layer lists in their older and newer spelling.
///
/// transformers 5 renamed some kinds and reads both; older programs read the older. An output keeps the
/// donor's spelling.
struct Spellings {
    private var spelling: [String: String] = [:]

    /// Takes the donor's list.
    init(_ list: [JSONValue]) {
        for word in list.lazy.compactMap(\.string) { spelling[Self.canonical(word)] = word }
    }

    /// A value as the donor would spell it.
    func spell(_ value: JSONValue) -> JSONValue {
        guard let word = value.string, let own = spelling[Self.canonical(word)] else { return value }
        return .string(own)
    }

    /// The newer spelling of a word.
    static func canonical(_ word: String) -> String { newer[word] ?? word }

    private static let newer = [
        "mamba": "linear_attention", "attention": "full_attention", "deepseek_sparse_attention": "indexed_attention",
        "qwen_sparse_attention": "indexed_attention",
    ]
}

extension JSONValue {
    /// The value in a message: a word, a number or what kind of thing it is.
    var shown: String {
        switch self {
        case .null: "null"
        case .bool(let value): "\(value)"
        case .number(let text), .string(let text): text.count <= 40 ? text : String(text.prefix(40)) + "…"
        case .array(let values) where values.count <= 4:
            "[" + values.map { $0.array == nil && $0.object == nil ? $0.shown : "…" }.joined(separator: ", ") + "]"
        case .array(let values): "a list of \(values.count)"
        case .object(let object): "{\(object.keys.prefix(4).joined(separator: ", "))}"
        }
    }
}
