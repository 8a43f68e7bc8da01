import SutureExecution
import SutureJSON
import SutureTensors
import SystemPackage

/// How far an output is that is written in parts, or at once: for people and for programs.
public struct StatusReport: Sendable {
    private let status: BuildStatus

    init(_ status: BuildStatus) {
        self.status = status
    }

    private var doneCount: Int { status.parts.count { Self.words($0.state).name == "done" } }

    /// Whether the folder has its final name, and so is whole.
    public var isPublished: Bool { status.isPublished }

    /// A line for the whole, and one for each part.
    public var text: String {
        guard !status.parts.isEmpty else { return "\(status.folder): whole\n" }
        let total = status.parts.reduce(0) { $0 + $1.byteCount }
        let done = status.parts.reduce(0) { $0 + $1.doneByteCount }
        var lines = [
            "\(status.folder): \(status.recipe ?? ""), \(doneCount) of \(status.parts.count) parts done, "
                + "\(ByteSize.format(done)) of \(ByteSize.format(total))"
        ]
        let rows = status.parts.map { part in
            let words = Self.words(part.state)
            let bytes = "\(ByteSize.format(part.doneByteCount)) of \(ByteSize.format(part.byteCount))"
            return [part.part.description, words.name, bytes, words.who ?? ""]
        }
        let widths = (0..<3).map { column in rows.map { $0[column].count }.max() ?? 0 }
        for row in rows {
            let cells = zip(row, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }
            let line = "  " + (cells + [row[3]]).joined(separator: "  ")
            lines.append(String(line.reversed().drop { $0 == " " }.reversed()))
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// The same as JSON.
    public var json: String {
        let object: JSONObject = [
            "folder": .string(status.folder.string),
            "published": .bool(status.isPublished),
            "recipe": status.recipe.map(JSONValue.string) ?? .null,
            "done": .int(doneCount),
            "parts": .array(
                status.parts.map { part in
                    let words = Self.words(part.state)
                    return .object([
                        "part": .int(part.part.number),
                        "state": .string(words.name),
                        "by": words.who.map(JSONValue.string) ?? .null,
                        "bytes": .int(part.byteCount),
                        "done_bytes": .int(part.doneByteCount),
                    ])
                }
            ),
        ]
        return JSONPrinter.print(.object(object), indent: 1) + "\n"
    }

    private static func words(_ state: BuildStatus.State) -> (name: String, who: String?) {
        switch state {
        case .missing: ("missing", nil)
        case .running(let who): ("running", who)
        case .stopped: ("stopped", nil)
        case .done(let who): ("done", who)
        }
    }
}
