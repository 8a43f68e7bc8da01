import SutureCheckpoints
import SutureTestSupport
import SystemPackage
import Testing

@testable import SutureKit

@Suite("The guide to the codes of messages")
struct CodeGuideTests {
    private static let sources = FilePath(Fixture.folder).removingLastComponent().removingLastComponent()
        .appending("Sources")

    /// The codes that stand in the sources, and the files that they stand in.
    private static let codes: [String: Set<String>] = {
        var codes = ["unknown-code": Set<String>()]
        for step in FileError.Step.allCases { codes["file-" + step.rawValue] = [] }
        // Decisions of merge methods have a page of their own.
        visit(sources, except: ["SutureMerging", "SutureMergekit", "Codes", "SutureKit.docc"]) { file, text in
            let raises =
                text.contains("Diagnostic(") || text.contains("Finding") || text.contains("report(")
                || text.contains("ault(")
            for line in text.split(separator: "\n") where raises && !line.contains("///") {
                var found = line.matches(of: #/(?:[cC]ode(?::| =)|cancellation =|: FindingKind =) "([a-z0-9-]+)"/#).map
                { String($0.1) }
                if let choice = line.firstMatch(of: #/code: [^"]*\? "([a-z0-9-]+)" : (?:"([a-z0-9-]+)")?/#) {
                    found += [choice.1, choice.2].compactMap { $0.map(String.init) }
                }
                let alone = #/^ *"([a-z0-9]+(?:-[a-z0-9]+)+)",$/#
                let called = #/(?:ault|ailure|ieNote|report|diagnostic)\((?:\.\w+, )?"([a-z0-9]+(?:-[a-z0-9]+)+)"/#
                found += line.matches(of: alone).map { String($0.1) } + line.matches(of: called).map { String($0.1) }
                for code in found { codes[code, default: []].insert(file) }
            }
        }
        return codes
    }()

    private static func visit(_ folder: FilePath, except: Set<String>, _ body: (String, String) -> Void) {
        for name in (try? FileSystem.list(folder)) ?? [] where !except.contains(name) {
            let path = folder.appending(name)
            if name.hasSuffix(".swift"), let bytes = try? FileSystem.read(path) {
                body(name, String(decoding: bytes, as: UTF8.self))
            } else if !name.contains(".") {
                visit(path, except: except, body)
            }
        }
    }

    @Test("knows every code that a message has, and no other")
    func everyCode() {
        let known = CodeGuide.all.map(\.code)
        #expect(Set(known).count == known.count)
        #expect(Set(known).subtracting(Self.codes.keys).sorted() == [])
        #expect(Set(Self.codes.keys).subtracting(known).sorted() == [])
    }

    @Test("finds each code in one place, where whoever raises it gives its facts")
    func oneHome() {
        let several = Self.codes.filter { $0.value.count > 1 }
        #expect(several.map { "\($0.key): \($0.value.sorted().joined(separator: ", "))" }.sorted() == [])
    }

    @Test("says of each a cause and what to do, in sentences")
    func sentences() {
        for guide in CodeGuide.all {
            for words in [guide.cause, guide.fix] {
                #expect(words.count > 8 && words.hasSuffix(".") && !words.contains("|"), "\(guide.code): \(words)")
            }
        }
    }

    @Test("is a page of the documentation; SUTURE_RECORD=1 writes it")
    func page() throws {
        let path = Self.sources.appending("SutureKit/SutureKit.docc/Messages.md")
        if Environment.isRecording { try FileSystem.write(CodeGuide.page, to: path) }
        #expect(try String(decoding: FileSystem.read(path), as: UTF8.self) == CodeGuide.page)
    }

    @Test("is asked by code, also by that of a merge method's decision")
    func asked() throws {
        #expect(try CodeGuide("layer-past-end").text.hasPrefix("layer-past-end\n  A layer's number is past the last."))
        #expect(try CodeGuide("slerp-zero-vector").cause.contains("has no direction"))
        let error = #expect(throws: Diagnostics.self) { try CodeGuide("layer-past-and") }
        #expect(error?.all.first?.fix?.hint == "did you mean 'layer-past-end'?")
    }
}
