public import SutureDiagnostics
import SutureJSON
import SutureMerging

/// What a message's code means, however the message is worded: why it is there, and what to do.
public struct CodeGuide: Sendable {
    /// The code, such as `layer-past-end`.
    public let code: String

    /// Why there is such a message.
    public let cause: String

    /// What to do about it.
    public let fix: String

    /// Looks a code up.
    ///
    /// - Parameter code: The code, as messages and JSON give it; also that of a decision of a merge method.
    /// - Throws: `Diagnostics` where no message has it.
    public init(_ code: String) throws(Diagnostics) {
        guard let guide = Self.all.first(where: { $0.code == code }) ?? Self(decision: code) else {
            throw Diagnostics([.unknownCode(code)])
        }
        self = guide
    }

    /// All codes of diagnostics.
    public static let all = sections.flatMap(\.guides)

    /// The codes by what they are about.
    static let sections: [(title: String, guides: [CodeGuide])] = [
        text, recipes, mergekit, models, formats, adapters, layers, plans, tokens, builds, checks, hub, commands,
    ].map { section in
        let lines = section.split(separator: "\n").map(String.init)
        return (lines[0], lines.dropFirst().map(CodeGuide.init(line:)))
    }

    /// A few lines, with a final line break.
    public var text: String { "\(code)\n  \(cause)\n  What to do: \(fix)\n" }

    /// JSON of some, with a final line break.
    public static func json(_ guides: [CodeGuide]) -> String {
        let list = guides.map { guide in
            JSONValue.object([
                "code": .string(guide.code), "cause": .string(guide.cause), "fix": .string(guide.fix),
            ])
        }
        return JSONPrinter.print(.array(list), indent: 1) + "\n"
    }

    /// All of them as a page of the documentation.
    static var page: String {
        let body = sections.map { section in
            "## \(section.title)\n\n| code | cause | what to do |\n|---|---|---|\n"
                + section.guides.map { "| `\($0.code)` | \($0.cause) | \($0.fix) |\n" }.joined()
        }
        return """
            # What messages mean

            Every message has a code, which stays while its words may change: `suture explain CODE` says what is here.

            """ + "\n" + body.joined(separator: "\n")
    }

    /// Reads `code | cause | what to do`.
    private init(line: String) {
        let parts = line.split(separator: "|", maxSplits: 2).map { $0.drop { $0 == " " } }
        code = String(parts[0].prefix { $0 != " " })
        cause = parts.count > 1 ? String(parts[1].prefix(parts[1].count - 1)) : ""
        fix = parts.count > 2 ? String(parts[2]) : ""
    }

    private init?(decision id: String) {
        let registry = MergeRegistry.standard
        guard let emulation = registry.emulation, let newest = registry.releases.last,
            let decision = registry.methods.lazy.flatMap(emulation.decisions).first(where: { $0.id == id })
        else { return nil }
        code = id
        cause = "Here: \(decision.documented). \(emulation.words(for: decision))."
        fix = "`suture methods` says where; `--compat \(newest.name)` asks for \(newest.program)'s numbers."
    }
}

extension Diagnostic {
    fileprivate static func unknownCode(_ code: String) -> Diagnostic {
        Diagnostic(
            code: "unknown-code",
            "no message has the code '\(code)'",
            at: nil as SourceRange?,
            fix: .didYouMean(code, among: CodeGuide.all.map(\.code)) ?? FixIt("'suture explain' lists them all")
        )
    }
}
