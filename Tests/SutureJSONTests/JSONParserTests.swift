import SutureCheckpoints
import SutureDiagnostics
import SutureJSON
import Testing

@Suite("JSON is read")
struct JSONParserTests {
    static func parse(_ text: String) throws(JSONError) -> JSONValue { try JSONParser.parse(Array(text.utf8)) }

    @Test("with the order of keys and the spelling of numbers")
    func keepsOrderAndSpelling() throws {
        let text = #"{"z":1e-05,"a":10000.0,"m":{"b":[1,2.50,-0],"a":null},"n":NaN,"i":-Infinity,"j":Infinity}"#
        #expect(JSONPrinter.print(try Self.parse(text)) == text)
    }

    @Test(
        "into one kind of value for each kind of text",
        arguments: [
            (" null ", JSONValue.null), ("true", .bool(true)), ("false", .bool(false)), ("-0.5e+3", .number("-0.5e+3")),
            (#""a\"\\\/\b\f\n\r\t""#, .string("a\"\\/\u{8}\u{C}\n\r\t")), (#""\u00e9\ud83d\ude00é""#, .string("é😀é")),
            ("[]", .array([])), ("{}", .object(JSONObject())), ("[1, [true]]", .array([1, .array([true])])),
        ]
    )
    func kinds(text: String, value: JSONValue) throws {
        #expect(try Self.parse(text) == value)
    }

    @Test("with numbers as they are meant", arguments: [("4096", 4096), ("4096.0", 4096), ("1e3", 1000), ("-7", -7)])
    func wholeNumbers(text: String, value: Int) throws {
        #expect(try Self.parse(text).int == value)
    }

    @Test(
        "with no whole number where there is none",
        arguments: ["1.5", "1e400", "99999999999999999999", "NaN", "\"4\""]
    )
    func noWholeNumber(text: String) throws {
        #expect(try Self.parse(text).int == nil)
    }

    @Test(
        "and refused with the reason and the place",
        arguments: [
            ("", JSONError.Reason.endsEarly, 1, 1), ("{\"a\":", .endsEarly, 1, 6), ("[1,\n 2", .endsEarly, 2, 3),
            ("\"abc", .endsEarly, 1, 5), ("[1 2]", .expected("a comma or the end of the list"), 1, 4),
            ("{a: 1}", .expected("a key in double quotes"), 1, 2), ("{\"a\" 1}", .expected("a colon"), 1, 6),
            ("{\"a\":1,}", .expected("a key in double quotes"), 1, 8), ("[1,]", .expected("a value"), 1, 4),
            ("nul", .expected("a value"), 1, 1), ("'a'", .expected("a value"), 1, 1), ("01", .badNumber, 1, 1),
            ("1.", .badNumber, 1, 1), ("1e", .badNumber, 1, 1), ("-", .expected("a value"), 1, 1),
            ("+1", .expected("a value"), 1, 1), ("0x10", .badNumber, 1, 1), ("\"\\x\"", .badEscape, 1, 2),
            ("\"\\u12g4\"", .badEscape, 1, 2), ("\"\\ud800\"", .loneSurrogate, 1, 2),
            ("\"\\udc00\"", .loneSurrogate, 1, 2), ("\"a\tb\"", .controlCharacter(9), 1, 3),
            ("{} {}", .trailingBytes, 1, 4), ("{\"é\":\n{\"a\":1,\"a\":2}}", .duplicateKey("a"), 2, 8),
        ]
    )
    func refusals(text: String, reason: JSONError.Reason, line: Int, column: Int) throws {
        let error = try #require(throws: JSONError.self) { try Self.parse(text) }
        #expect(error.reason == reason)
        #expect(error.line == line)
        #expect(error.column == column)
    }

    @Test(
        "and refused where the bytes are not UTF-8",
        arguments: [
            [0x22, 0xFF, 0x22], [0x22, 0xC0, 0x80, 0x22], [0x22, 0xE0, 0x80, 0x80, 0x22],
            [0x22, 0xED, 0xA0, 0x80, 0x22],
            [0x22, 0xF4, 0x90, 0x80, 0x80, 0x22], [0x22, 0xE2, 0x82], [0x22, 0x80, 0x22],
        ] as [[UInt8]]
    )
    func notUTF8(bytes: [UInt8]) throws {
        let error = try #require(throws: JSONError.self) { try JSONParser.parse(bytes) }
        #expect(error.reason == .notUTF8)
        #expect(error.byteOffset == 1)
    }

    @Test("but not nested without end")
    func tooDeep() throws {
        let bytes = [UInt8](repeating: UInt8(ascii: "["), count: 1_000_000)
        let error = try #require(throws: JSONError.self) { try JSONParser.parse(bytes) }
        #expect(error.reason == .tooDeep(limit: 256))
    }

    @Test("taking the later of two equal keys where that is asked for")
    func lastWins() throws {
        let value = try JSONParser.parse(Array(#"{"a":1,"b":2,"a":3}"#.utf8), duplicateKeys: .lastWins)
        #expect(JSONPrinter.print(value) == #"{"a":3,"b":2}"#)
    }

    @Test("telling keys apart by their bytes")
    func exactKeys() throws {
        let value = try Self.parse("{\"\u{E9}\":1,\"e\u{301}\":2}")
        #expect(value.object?["\u{E9}"] == 1)
        #expect(value.object?["e\u{301}"] == 2)
    }

    @Test("with a message that quotes the line at fault")
    func diagnostic() throws {
        let bytes = Array("{\n  \"a\": tru\n}".utf8)
        let error = try #require(throws: JSONError.self) { try JSONParser.parse(bytes) }
        #expect(
            DiagnosticRenderer().render(error.diagnostic(path: "config.json", bytes: bytes)) == """
                config.json:2:8: error: not JSON: expected a value [bad-json]
                 2 |   "a": tru
                   |        ^
                """
        )
    }
}

@Suite("JSON objects")
struct JSONObjectTests {
    @Test("keep a key's place when it is set, append a new one, and forget one set to nil")
    func setting() {
        var object: JSONObject = ["a": 1, "b": 2, "c": 3]
        object["b"] = "two"
        object["d"] = 4
        object["a"] = nil
        #expect(JSONPrinter.print(.object(object)) == #"{"b":"two","c":3,"d":4}"#)
    }

    @Test("are reached into by a path")
    func paths() {
        var object: JSONObject = ["text_config": ["num_hidden_layers": 4]]
        object[["text_config", "num_hidden_layers"]] = 6
        object[["vision_config", "depth"]] = 2
        object[["absent", "key"]] = nil
        #expect(object[["text_config", "num_hidden_layers"]] == 6)
        #expect(object[["text_config", "num_hidden_layers", "deeper"]] == nil)
        #expect(object.keys == ["text_config", "vision_config"])
    }
}

@Suite("JSON is printed")
struct JSONPrinterTests {
    @Test("as Python's json.dump prints it with an indent")
    func indented() {
        let value: JSONValue = ["a": [1, 2], "b": [:], "c": [], "d": "é\u{1}\"", "e": ["x": .null]]
        #expect(
            JSONPrinter.print(value, indent: 2) == """
                {
                  "a": [
                    1,
                    2
                  ],
                  "b": {},
                  "c": [],
                  "d": "é\\u0001\\"",
                  "e": {
                    "x": null
                  }
                }
                """
        )
    }
}
