import SutureCheckpoints
import SutureMergekit
import SutureMerging
import SutureTestSupport
import SystemPackage
import Testing

/// The page for readers of mergekit files lists every decision of every method, as the descriptors have it.
///
/// `SUTURE_RECORD=1 swift test` writes the table anew.
@Suite("The table of decisions")
struct DecisionTableTests {
    private static let root: FilePath = FilePath(
        #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3).joined(separator: "/")
    )
    private static let page = root.appending("Sources/SutureKit/SutureKit.docc/MergekitFiles.md")

    private static let begin = "<!-- decisions -->"
    private static let end = "<!-- end of decisions -->"

    @Test("is what the descriptors say")
    func isWhatTheDescriptorsSay() throws {
        let text = String(decoding: try FileSystem.read(Self.page), as: UTF8.self)
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        let start = try #require(lines.firstIndex(of: Self.begin))
        let stop = try #require(lines.firstIndex(of: Self.end))

        if Environment.isRecording {
            let whole = lines[...start] + Self.table + lines[stop...]
            try FileSystem.write(whole.joined(separator: "\n"), to: Self.page)
        } else {
            #expect(Array(lines[(start + 1)..<stop]) == Self.table)
        }
    }

    @Test("is also in the doc comments of the methods", arguments: registry.names)
    func isInTheDocComments(_ name: String) throws {
        let method = try required(registry[named: name])
        let folder = Self.root.appending("Sources/SutureMerging/Methods")
        let path = try required(
            try FileSystem.list(folder).map { folder.appending($0).appending("\(method).swift") }
                .first { try FileSystem.kind(of: $0) != nil }
        )
        let lines = String(decoding: try FileSystem.read(path), as: UTF8.self).split(separator: "\n")
        let comment = lines.prefix { !$0.hasPrefix("package struct") }.joined(separator: "\n")
        // Each on its numbers is an item of the list, and says what mergekit does.
        let items = comment.split(separator: "/// - ").dropFirst().filter { $0.contains("mergekit") }
        #expect(items.count >= method.descriptor.decisions.count { $0.subject == .numbers })
    }

    /// A row for each decision, with the methods that have it.
    private static var table: [String] {
        let mergekit = Mergekit()
        let decisions = registry.methods.flatMap(mergekit.decisions).reduce(into: [MergeDecision]()) { all, decision in
            if !all.contains(decision) { all.append(decision) }
        }
        let rows = (decisions + [mergekit.doubles]).map { decision in
            let methods = registry.methods.filter { mergekit.decisions(on: $0).contains(decision) }.map {
                "`\($0.descriptor.name)`"
            }
            let releases = Mergekit.releases.map { version in
                guard let departure = mergekit.departure(from: decision, in: version) else { return "as here" }
                return cell(departure.words) + (departure.isReproducible ? "" : " †")
            }
            return "| \(methods.isEmpty ? "all" : methods.joined(separator: ", ")) | \(cell(decision.documented)) | "
                + releases.joined(separator: " | ") + " |"
        }
        let names = Mergekit.releases.map { "mergekit \($0.version)" }
        return ["| method | here | \(names.joined(separator: " | ")) |", "|---|---|---|---|"] + rows
    }

    private static func cell(_ text: String) -> String {
        text.split(separator: "|", omittingEmptySubsequences: false).joined(separator: "\\|")
    }
}
