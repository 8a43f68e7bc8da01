import SutureCheckpoints
import SutureDiagnostics
import SutureJSON
import SutureTensors
import SutureTestSupport
import SystemPackage
import Testing

@Suite("A safetensors header is read")
struct SafetensorsHeaderTests {
    static func parse(_ text: String, data: Int) throws(Diagnostics) -> SafetensorsHeader {
        try SafetensorsHeader.parse(Array(text.utf8), dataByteCount: data, called: "x.safetensors")
    }

    static func entry(_ dtype: String, _ shape: String, _ offsets: String) -> String {
        "{\"dtype\":\"\(dtype)\",\"shape\":\(shape),\"data_offsets\":\(offsets)}"
    }

    @Test("in the order of the data, whatever the order of the entries")
    func order() throws {
        let text = """
              {"b": \(Self.entry("F32", "[2, 3]", "[2,26]")), "__metadata__": {"format": "pt"},
              "a": \(Self.entry("BF16", "[]", "[0,2]"))}  \n\t
            """
        let header = try Self.parse(text, data: 26)
        #expect(header.entries.map(\.spec.name) == ["a", "b"])
        #expect(header.entries.map(\.byteRange) == [0..<2, 2..<26])
        #expect(header.entries[1].spec == (try TensorSpec("b", .float32, [2, 3])))
        #expect(header.metadata == ["format": "pt"])
        #expect(header.dataStart == 8 + text.utf8.count)
    }

    @Test("in every dtype", arguments: DType.inSafetensors)
    func dtypes(dtype: DType) throws {
        let bytes = dtype.bitWidth
        let header = try Self.parse("{\"a\":\(Self.entry(dtype.rawValue, "[4,2]", "[0,\(bytes)]"))}", data: bytes)
        #expect(header.entries[0].spec.dtype == dtype)
    }

    @Test(
        "where the format allows what looks odd",
        arguments: [
            ("{}", 0), ("{\"__metadata__\":null}", 0), ("{\"\":\(entry("U8", "[1]", "[0,1]"))}", 1),
            ("{\"a\":\(entry("U8", "[1]", "[0,1]")),\"b\":\(entry("F32", "[1]", "[1,5]"))}", 5),
            ("{\"a\":\(entry("U8", "[0]", "[1,1]")),\"b\":\(entry("U8", "[1]", "[0,1]"))}", 1),
            ("{\"a\":\(entry("U8", "[0]", "[0,0]")),\"b\":\(entry("F64", "[9,0]", "[0,0]"))}", 0),
            ("{\"a\":{\"dtype\":\"U8\",\"extra\":{\"x\":[1,null]},\"shape\":[1],\"data_offsets\":[0,1]}}", 1),
        ]
    )
    func odd(text: String, data: Int) throws {
        #expect(try Self.parse(text, data: data).entries.allSatisfy { $0.byteRange.upperBound <= data })
    }

    /// A header that lies, and what is said of which tensor.
    struct Lie: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let text: String
        let data: Int
        let codes: [String]
        let tensor: String?

        init(_ description: String, _ text: String, data: Int = 4, _ codes: String..., tensor: String? = nil) {
            testDescription = description
            self.text = text
            self.data = data
            self.codes = codes
            self.tensor = tensor
        }
    }

    static let lies: [Lie] = [
        Lie("is a list", "[]", "safetensors-header-not-json"),
        Lie("is cut short", "{\"a\":", "safetensors-header-not-json"),
        Lie("ends with a zero byte", "{}\0", data: 0, "safetensors-header-not-json"),
        Lie("begins with a byte order mark", "\u{FEFF}{}", data: 0, "safetensors-header-not-json"),
        Lie("is two objects", "{}{}", data: 0, "safetensors-header-not-json"),
        Lie(
            "nests without end",
            "{\"a\":" + String(repeating: "[", count: 5000),
            "safetensors-bad-entry",
            "safetensors-header-not-json",
            tensor: "a"
        ),
        Lie("names a dtype twice", "{\"a\":{\"dtype\":\"U8\",\"dtype\":\"I8\"}}", "safetensors-header-not-json"),
        Lie("has no dtype", "{\"a\":{\"shape\":[4],\"data_offsets\":[0,4]}}", "safetensors-bad-entry", tensor: "a"),
        Lie("has no shape", "{\"a\":{\"dtype\":\"U8\",\"data_offsets\":[0,4]}}", "safetensors-bad-entry", tensor: "a"),
        Lie("has no offsets", "{\"a\":{\"dtype\":\"U8\",\"shape\":[4]}}", "safetensors-bad-entry", tensor: "a"),
        Lie("has an entry that is a string", "{\"a\":\"U8\"}", "safetensors-bad-entry", tensor: "a"),
        Lie("has a dtype that is a number", "{\"a\":{\"dtype\":8}}", "safetensors-bad-entry", tensor: "a"),
        Lie(
            "has an unknown dtype",
            "{\"a\":\(entry("BF8", "[4]", "[0,4]"))}",
            "safetensors-unknown-dtype",
            tensor: "a"
        ),
        Lie("spells a dtype small", "{\"a\":\(entry("u8", "[4]", "[0,4]"))}", "safetensors-unknown-dtype", tensor: "a"),
        Lie(
            "has a fraction in a shape",
            "{\"a\":\(entry("U8", "[4.0]", "[0,4]"))}",
            "safetensors-bad-entry",
            tensor: "a"
        ),
        Lie("has a negative length", "{\"a\":\(entry("U8", "[-4]", "[0,4]"))}", "safetensors-bad-entry", tensor: "a"),
        Lie(
            "has a string in a shape",
            "{\"a\":\(entry("U8", "[\"4\"]", "[0,4]"))}",
            "safetensors-bad-entry",
            tensor: "a"
        ),
        Lie(
            "has a length past all numbers",
            "{\"a\":\(entry("U8", "[99999999999999999999]", "[0,4]"))}",
            "safetensors-bad-entry",
            tensor: "a"
        ),
        Lie(
            "has more dimensions than anybody needs",
            "{\"a\":\(entry("U8", "[" + String(repeating: "1,", count: 99) + "4]", "[0,4]"))}",
            "safetensors-bad-entry",
            tensor: "a"
        ),
        Lie("has three offsets", "{\"a\":\(entry("U8", "[4]", "[0,4,4]"))}", "safetensors-bad-entry", tensor: "a"),
        Lie("has one offset", "{\"a\":\(entry("U8", "[4]", "[0]"))}", "safetensors-bad-entry", tensor: "a"),
        Lie("has a negative offset", "{\"a\":\(entry("U8", "[4]", "[-4,0]"))}", "safetensors-bad-entry", tensor: "a"),
        Lie(
            "has offsets that run back",
            "{\"a\":\(entry("U8", "[4]", "[4,0]"))}",
            "safetensors-bad-offsets",
            tensor: "a"
        ),
        Lie(
            "has a size that overflows",
            "{\"a\":\(entry("F32", "[4294967296,4294967296]", "[0,4]"))}",
            "safetensors-bad-size",
            tensor: "a"
        ),
        Lie(
            "has bits that overflow",
            "{\"a\":\(entry("F64", "[9223372036854775807]", "[0,4]"))}",
            "safetensors-bad-size",
            tensor: "a"
        ),
        Lie("ends inside a byte", "{\"a\":\(entry("F4", "[3]", "[0,2]"))}", "safetensors-bad-size", tensor: "a"),
        Lie(
            "has more bytes than elements",
            "{\"a\":\(entry("F32", "[1]", "[0,8]"))}",
            data: 8,
            "safetensors-bad-size",
            tensor: "a"
        ),
        Lie(
            "has fewer bytes than elements",
            "{\"a\":\(entry("F32", "[2]", "[0,4]"))}",
            "safetensors-bad-size",
            tensor: "a"
        ),
        Lie(
            "names a tensor twice",
            "{\"a\":\(entry("U8", "[2]", "[0,2]")),\"a\":\(entry("U8", "[2]", "[2,4]"))}",
            "safetensors-duplicate-tensor",
            tensor: "a"
        ),
        Lie(
            "overlaps",
            "{\"a\":\(entry("U8", "[3]", "[0,3]")),\"b\":\(entry("U8", "[2]", "[2,4]"))}",
            "safetensors-overlap",
            tensor: "b"
        ),
        Lie(
            "shares bytes",
            "{\"a\":\(entry("U8", "[4]", "[0,4]")),\"b\":\(entry("U8", "[4]", "[0,4]"))}",
            "safetensors-overlap",
            tensor: "b"
        ),
        Lie(
            "hides an empty tensor in another",
            "{\"a\":\(entry("U8", "[4]", "[0,4]")),\"b\":\(entry("U8", "[0]", "[2,2]"))}",
            "safetensors-overlap",
            tensor: "b"
        ),
        Lie("leaves a hole in front", "{\"a\":\(entry("U8", "[2]", "[2,4]"))}", "safetensors-hole", tensor: "a"),
        Lie(
            "leaves a hole between",
            "{\"a\":\(entry("U8", "[1]", "[0,1]")),\"b\":\(entry("U8", "[2]", "[2,4]"))}",
            "safetensors-hole",
            tensor: "b"
        ),
        Lie("goes past the end", "{\"a\":\(entry("U8", "[5]", "[0,5]"))}", "safetensors-past-end", tensor: "a"),
        Lie(
            "goes far past the end",
            "{\"a\":\(entry("U8", "[9223372036854775]", "[0,9223372036854775]"))}",
            "safetensors-past-end",
            tensor: "a"
        ),
        Lie("leaves bytes at the end", "{\"a\":\(entry("U8", "[3]", "[0,3]"))}", "safetensors-trailing-bytes"),
        Lie("holds nothing over something", "{}", "safetensors-trailing-bytes"),
        Lie("has metadata twice", "{\"__metadata__\":{},\"__metadata__\":{}}", data: 0, "safetensors-bad-metadata"),
        Lie("has a list for metadata", "{\"__metadata__\":[]}", data: 0, "safetensors-bad-metadata"),
        Lie("has a number in its metadata", "{\"__metadata__\":{\"a\":1}}", data: 0, "safetensors-bad-metadata"),
        Lie("has an object in its metadata", "{\"__metadata__\":{\"a\":{}}}", data: 0, "safetensors-bad-metadata"),
    ]

    @Test("and refused where it lies, by name of file and tensor", arguments: lies)
    func refuses(_ lie: Lie) throws {
        let error = try #require(throws: Diagnostics.self) { try Self.parse(lie.text, data: lie.data) }
        #expect(error.all.map(\.code) == lie.codes)
        #expect(error.all.first?.place == .file("x.safetensors", tensor: lie.tensor))
    }

    @Test("and refused for all lies at once, of which only the first are told")
    func refusesManyAtOnce() throws {
        let entries = (0..<50).map { "\"t\($0)\":\(Self.entry("F\($0)", "[1]", "[0,4]"))" }
        let error = try #require(throws: Diagnostics.self) {
            try Self.parse("{\(entries.joined(separator: ","))}", data: 4)
        }
        #expect(error.all.count == 21)
        #expect(error.all.last?.code == "more-faults")
        #expect(error.all.first?.place == .file("x.safetensors", tensor: "t0"))
    }

    @Test(
        "and refused where its length lies",
        arguments: [
            ([], "safetensors-truncated"), ([1, 0, 0], "safetensors-truncated"),
            ([0, 0, 0, 0, 0, 0, 0, 0], "safetensors-header-empty"),
            ([3, 0, 0, 0, 0, 0, 0, 0, 0x7B, 0x7D], "safetensors-truncated"),
            ([1, 0xE1, 0xF5, 0x05, 0, 0, 0, 0, 0x7B], "safetensors-header-too-large"),
            ([255, 255, 255, 255, 255, 255, 255, 255, 0x7B], "safetensors-header-too-large"),
            ([255, 255, 255, 255, 255, 255, 255, 127, 0x7B], "safetensors-header-too-large"),
            ([0, 0xE1, 0xF5, 0x05, 0, 0, 0, 0, 0x7B], "safetensors-truncated"),
            ([2, 0, 0, 0, 0, 0, 0, 0, 0x7B, 0xFF], "safetensors-header-not-json"),
        ] as [([UInt8], String)]
    )
    func lengths(bytes: [UInt8], code: String) throws {
        try TemporaryDirectory.with { folder in
            let path = folder.appending("x.safetensors")
            try FileSystem.write(bytes, to: path)
            let file = try InputFile(path)
            let error = try #require(throws: Diagnostics.self) {
                try SafetensorsHeader.read(file, called: "x.safetensors")
            }
            #expect(error.all.map(\.code) == [code])
        }
    }
}
