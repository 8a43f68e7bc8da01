import SutureDiagnostics
import SutureRecipes
import SutureTestSupport
import Testing

@Suite("Reading YAML")
struct YAMLReaderTests {
    private func document(_ text: String) throws -> YAMLNode {
        try #require(try YAMLReader.documents(in: SourceFile(path: "a.yml", text: text)).first)
    }

    private func place(_ node: YAMLNode?) -> [Int]? {
        node.map { [$0.range.start.line, $0.range.start.column, $0.range.end.line, $0.range.end.column] }
    }

    @Test("keeps where everything begins and ends")
    func keepsPlaces() throws {
        let node = try document("a: [1, ö, \"x y\"]\nb:\n  c: 1\n  d: two\n\n# end\n")
        #expect(place(node) == [1, 1, 4, 9])
        #expect(place(node["a"]) == [1, 4, 1, 17])
        #expect(place(node["a"]?.elements?[1]) == [1, 8, 1, 9])
        #expect(place(node["a"]?.elements?[2]) == [1, 11, 1, 16])
        #expect(place(node["b"]) == [3, 3, 4, 9])
        #expect(place(node["b"]?["d"]) == [4, 6, 4, 9])
    }

    @Test("follows aliases, and says where the value was first written")
    func followsAliases() throws {
        let node = try document("a: &x {k: 1}\nb: *x\nc: [*x, *x]\n")
        #expect(node["b"] == node["a"])
        #expect(node["c"]?.elements?.count == 2)
        #expect(place(node["b"]) == [1, 4, 1, 13])
    }

    @Test("merges mappings under <<: own keys win, then the first of a list")
    func mergesMappings() throws {
        let node = try document(
            """
            one: &one {a: 1, b: 1, c: 1}
            two: &two {b: 2, d: 2}
            all: {<<: [*two, *one], c: 3}
            quoted: {"<<": 5}
            """
        )
        let all = node["all"]
        #expect(["a", "b", "c", "d"].map { all?[$0]?.scalar?.text } == ["1", "2", "3", "2"])
        #expect(all?.pairs?.count == 4)
        #expect(node["quoted"]?["<<"]?.scalar?.text == "5")
    }

    @Test("keeps duplicate keys for the dialect to judge")
    func keepsDuplicates() throws {
        let node = try document("a: 1\na: 2\n")
        #expect(node.pairs?.count == 2)
        #expect(node["a"]?.scalar?.text == "2")
    }

    @Test("reads several documents, and none")
    func readsStreams() throws {
        let file = { SourceFile(path: "a.yml", text: $0) }
        #expect(try YAMLReader.documents(in: file("a: 1\n---\nb: 2\n")).count == 2)
        #expect(try YAMLReader.documents(in: file("")).isEmpty)
        #expect(try YAMLReader.documents(in: file("# nothing\n")).isEmpty)
        #expect(try YAMLReader.documents(in: file("\u{FEFF}a: 1\n")).count == 1)
    }

    struct Fault: Sendable, CustomTestStringConvertible {
        let code: String
        let text: String
        var replacement: String?
        var testDescription: String { text }
    }

    static let faults = [
        Fault(code: "unquoted-slice", text: "stack: [«base[0:24]», base[8:32]]", replacement: "\"base[0:24]\""),
        Fault(code: "unquoted-slice", text: "a: {slice: «caller.x[9:36]»}", replacement: "\"caller.x[9:36]\""),
        Fault(code: "unquoted-slice", text: "a: {where: «expert[*].down»}", replacement: "\"expert[*].down\""),
        Fault(code: "unquoted-expression", text: "a: {every: «${group}»}", replacement: "\"${group}\""),
        Fault(code: "unquoted-star", text: "where: «*»", replacement: "\"*\""),
        Fault(code: "unquoted-star", text: "where: [«*.bias», a]", replacement: "\"*.bias\""),
        Fault(code: "yaml-unknown-alias", text: "where: «*bias»", replacement: "\"*bias\""),
        Fault(code: "yaml-unknown-alias", text: "a: &model x\nb: «*modle»", replacement: "*model"),
        Fault(code: "yaml-recursive-alias", text: "a: &x [1, «*x»]"),
        Fault(code: "yaml-merge-key", text: "a: {<<: «5»}"),
        Fault(code: "yaml-tab", text: "a:\n«\t»b: 1"),
        Fault(code: "yaml-space", text: "- a: 1\n«\u{A0}» b: 2", replacement: " "),
        Fault(code: "yaml-tag", text: "a: «!!python/object:x 5»"),
        Fault(code: "yaml-character", text: "a: b«\u{1}»c", replacement: ""),
        Fault(code: "yaml-syntax", text: "a: [1, 2\nb: «:»"),
        Fault(
            code: "yaml-too-deep",
            text: String(repeating: "[", count: 65) + "«[»" + String(repeating: "]", count: 66)
        ),
    ]

    @Test("points at what is not YAML", arguments: faults)
    func pointsAtFaults(fault: Fault) throws {
        let marked = MarkedText(fault.text)
        let diagnostic = try #require(throws: Diagnostic.self) {
            try YAMLReader.documents(in: SourceFile(path: "a.yml", text: marked.text))
        }
        #expect(diagnostic.code == fault.code)
        if fault.code != "yaml-syntax" {
            #expect(diagnostic.range == marked.range(path: "a.yml"))
        }
        #expect(diagnostic.fix?.replacement == fault.replacement)
    }

    @Test("refuses a text that grows without end through its aliases")
    func refusesBillionLaughs() throws {
        var text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
        for level in 1..<12 {
            let row = Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", ")
            text += "a\(level): &a\(level) [\(row)]\n"
        }
        let diagnostic = try #require(throws: Diagnostic.self) {
            try YAMLReader.documents(in: SourceFile(path: "a.yml", text: text))
        }
        #expect(diagnostic.code == "yaml-too-large")
    }

    @Test("refuses merges that grow without end")
    func refusesMergeBombs() throws {
        var text = "m0: &m0 {" + (0..<50).map { "k\($0): 1" }.joined(separator: ", ") + "}\n"
        text += (1..<400).map { level in
            "m\(level): &m\(level) {<<: [" + Array(repeating: "*m\(level - 1)", count: 40).joined(separator: ", ")
                + "]}\n"
        }.joined()
        let diagnostic = try #require(throws: Diagnostic.self) {
            try YAMLReader.documents(in: SourceFile(path: "a.yml", text: text))
        }
        #expect(diagnostic.code == "yaml-too-large")
    }

    @Test("refuses a text longer than any recipe")
    func refusesLongTexts() throws {
        let text = "a: " + String(repeating: "x", count: 5 << 20)
        let diagnostic = try #require(throws: Diagnostic.self) {
            try YAMLReader.documents(in: SourceFile(path: "a.yml", text: text))
        }
        #expect(diagnostic.code == "yaml-too-long")
    }

    @Test(
        "takes bytes that are UTF-8 and no others",
        arguments: [
            ([0x61, 0x3A, 0x20, 0x31], nil), ([0xEF, 0xBB, 0xBF, 0x61], nil), ([0xFF, 0xFE, 0x61, 0x00], "UTF-16"),
            ([0x61, 0x00, 0x62, 0x00], "zero bytes"), ([0x61, 0x0A, 0x62, 0xC3, 0x28], "line 2"), ([], nil),
        ] as [([UInt8], String?)]
    )
    func takesUTF8(bytes: [UInt8], fact: String?) {
        let outcome = Result { () throws(Diagnostic) in try SourceFile(path: "a.yml", bytes: bytes) }
        switch outcome {
        case .success(let file):
            #expect(fact == nil)
            #expect(file.text.unicodeScalars.first != "\u{FEFF}")
        case .failure(let diagnostic):
            #expect(diagnostic.code == "not-utf8")
            #expect(fact.map { diagnostic.message.contains($0) } == true)
        }
    }
}
