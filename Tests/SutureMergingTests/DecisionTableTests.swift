import SutureCheckpoints
import SutureMerging
import SutureTestSupport
import SystemPackage
import Testing

/// The page for readers of mergekit files lists every decision of every method, as the descriptors have it.
///
/// `SUTURE_RECORD=1 swift test` writes the table anew.
@Suite("The table of decisions")
struct DecisionTableTests {
    private static let page: FilePath = {
        let root = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3).joined(separator: "/")
        return FilePath(root + "/Sources/SutureKit/SutureKit.docc/MergekitFiles.md")
    }()

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

    private static var table: [String] {
        let rows = MergeRegistry.methods.flatMap { method in
            method.descriptor.decisions.map { decision in
                let reproducible = decision.isReproducible ? "yes" : "no"
                return
                    "| `\(method.descriptor.name)` | \(cell(decision.mergekit)) | \(cell(decision.documented)) | \(reproducible) |"
            }
        }
        return ["| method | mergekit | here | with `--bug-compatible` |", "|---|---|---|---|"] + rows
    }

    private static func cell(_ text: String) -> String {
        text.split(separator: "|", omittingEmptySubsequences: false).joined(separator: "\\|")
    }
}
