import SutureArchitectures
import SutureCheckpoints
public import SutureDiagnostics
import SutureHub
import SutureJSON
import SuturePlanning
import SutureTokenizers

/// What tokens models have, and how those of two differ: from tokenizer files and headers, for people and for programs.
public struct VocabularyReport: Sendable {
    /// One of the models.
    private struct Model {
        let name: String
        let file: String
        let vocabulary: TokenVocabulary
        let rows: Int?
        let special: [String: String]
        let hasTemplate: Bool
    }

    /// How the tokens of two models differ, by their texts.
    private struct Difference {
        let shared: Int
        let moved: [(token: String, first: Int, second: Int)]
        let onlyFirst: [String]
        let onlySecond: [String]
    }

    private let models: [Model]

    /// What the user should know about how they were opened.
    public let notices: [Diagnostic]

    /// Looks at models.
    ///
    /// - Parameters:
    ///   - references: One or two models: folders, or `owner/name[@revision]` on the hub.
    ///   - environment: The environment, which says where the hub cache is.
    ///   - readsHub: Whether a model that is not on this machine is looked at on the hub.
    /// - Throws: `Diagnostics` where a model cannot be opened, or has no tokenizer that can be read.
    public init(_ references: [String], environment: [String: String], readsHub: Bool = false) throws(Diagnostics) {
        let hub = readsHub ? Hub(environment: environment) : nil
        var models: [Model] = []
        var notices: [Diagnostic] = []
        for reference in references {
            let whole = CheckpointReference(parsing: reference).separated(environment: environment)
            let checkpoint = try Checkpoint.open(whole.model, environment: environment, hub: hub)
            notices += checkpoint.notices
            let companions = checkpoint.companions
            guard let file = TokenVocabulary.file(in: companions), let vocabulary = TokenVocabulary.read(in: companions)
            else { throw Diagnostics([.noVocabulary(reference)]) }
            let anatomy = try? Anatomy.read(config: checkpoint.config, tensors: checkpoint.tensors.map(\.spec))
            models.append(
                Model(
                    name: reference,
                    file: file.name,
                    vocabulary: vocabulary,
                    rows: anatomy?.facts.embeddingRows,
                    special: TokenizerFacts.special(in: companions),
                    hasTemplate: TokenizerFacts.chatTemplate(in: companions) != nil
                )
            )
        }
        self.models = models
        self.notices = notices
    }

    private var difference: Difference? {
        guard models.count == 2 else { return nil }
        let (a, b) = (models[0].vocabulary, models[1].vocabulary)
        var moved: [(token: String, first: Int, second: Int)] = []
        var only: [String] = []
        var shared = 0
        for (number, token) in a.tokens.enumerated() {
            guard let token else { continue }
            guard let other = b.numbers[TokenText(token)] else {
                only.append(token)
                continue
            }
            shared += 1
            if other != number { moved.append((token, number, other)) }
        }
        let others = b.tokens.compactMap(\.self).filter { a.numbers[TokenText($0)] == nil }
        return Difference(shared: shared, moved: moved, onlyFirst: only, onlySecond: others)
    }

    /// Whether two models have the same tokens with the same numbers; true of one.
    public var isEqual: Bool {
        difference.map { $0.moved.isEmpty && $0.onlyFirst.isEmpty && $0.onlySecond.isEmpty } ?? true
    }

    /// The report as a page, with a final line break.
    public var text: String {
        var lines = models.flatMap(Self.lines)
        if let difference {
            func list(_ tokens: [String]) -> String {
                let shown = tokens.prefix(8).map(TokenizerFault.shown).joined(separator: ", ")
                return tokens.isEmpty ? "" : ": " + shown + (tokens.count > 8 ? ", …" : "")
            }
            lines.append("by text")
            lines.append("  in both     \(difference.shared), \(difference.moved.count) of them with another number")
            for (token, first, second) in difference.moved.prefix(8) {
                lines.append("              \(TokenizerFault.shown(token)) is \(first) and \(second)")
            }
            lines.append("  first only  \(difference.onlyFirst.count)" + list(difference.onlyFirst))
            lines.append("  second only \(difference.onlySecond.count)" + list(difference.onlySecond))
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func lines(of model: Model) -> [String] {
        let vocabulary = model.vocabulary
        var lines = ["\(model.name)"]
        lines.append("  tokenizer   \(model.file)" + (vocabulary.kind.map { ", \($0)" } ?? ""))
        lines.append("  tokens      \(vocabulary.count), \(vocabulary.added.count) of them added")
        if let rows = model.rows {
            let padding = rows - vocabulary.tokens.count
            let words = padding > 0 ? "\(padding) of padding" : padding == 0 ? "one for each" : "\(-padding) too few"
            lines.append("  rows        \(rows), \(words)")
        }
        for office in TokenizerFacts.offices {
            guard let token = model.special[office] else { continue }
            let number = vocabulary.numbers[TokenText(token)].map(String.init) ?? "no token"
            lines.append("  \(office)   \(TokenizerFault.shown(token)), \(number)")
        }
        lines.append("  template    \(model.hasTemplate ? "one" : "none")")
        return lines + vocabulary.faults.prefix(8).map { "  fault       \($0.words)" }
    }

    /// The report for programs, with all tokens that differ, and a final line break.
    public var json: String {
        var object: JSONObject = ["models": .array(models.map { .object(Self.object(of: $0)) })]
        if let difference {
            let moved = difference.moved.map { token, first, second in
                JSONValue.array([.string(token), .int(first), .int(second)])
            }
            object["difference"] = .object([
                "shared": .int(difference.shared),
                "moved": .array(moved),
                "first_only": .array(difference.onlyFirst.map(JSONValue.string)),
                "second_only": .array(difference.onlySecond.map(JSONValue.string)),
            ])
        }
        return JSONPrinter.print(.object(object), indent: 1) + "\n"
    }

    private static func object(of model: Model) -> JSONObject {
        let vocabulary = model.vocabulary
        var special: JSONObject = [:]
        for office in TokenizerFacts.offices {
            guard let token = model.special[office] else { continue }
            special[office] = .object([
                "token": .string(token), "id": vocabulary.numbers[TokenText(token)].map(JSONValue.int) ?? .null,
            ])
        }
        return [
            "model": .string(model.name),
            "file": .string(model.file),
            "kind": vocabulary.kind.map(JSONValue.string) ?? .null,
            "tokens": .int(vocabulary.count),
            "highest": .int(vocabulary.tokens.count - 1),
            "rows": model.rows.map(JSONValue.int) ?? .null,
            "added": .array(
                vocabulary.added.sorted().map { number in
                    .object(["id": .int(number), "content": vocabulary.tokens[number].map(JSONValue.string) ?? .null])
                }
            ),
            "special": .object(special),
            "chat_template": .bool(model.hasTemplate),
            "faults": .array(vocabulary.faults.map { .string($0.words) }),
        ]
    }
}

extension Diagnostic {
    fileprivate static func noVocabulary(_ model: String) -> Diagnostic {
        Diagnostic(
            code: "no-vocabulary",
            "'\(model)' has no tokenizer file that can be read",
            at: nil as SourceRange?,
            fix: FixIt("put its tokenizer.json or tokenizer.model beside its weights")
        )
    }
}
