import SutureCheckpoints
import Testing

@Suite("Keys of rank_pattern match as Python's re does")
struct ModulePatternTests {
    static let path = "model.layers.12.self_attn.q_proj"

    @Test(
        "at the end of a module's path",
        arguments: [
            ("q_proj", true), ("self_attn.q_proj", true), ("attn.q_proj", false), ("proj", false), ("q_proj.x", false),
            (#"layers\.12\.self_attn\.q_proj"#, true), (#"layers\.(1|12)\..*"#, true), (#"layers\.[0-9]\..*"#, false),
            (#"layers\.[0-9]+\..*"#, true), (#"layers\.[^0-9]+\..*"#, false), (#".*"#, true), ("", false),
            (#"^model\.layers.*q_proj"#, true), (#"^layers.*q_proj"#, false), (#"layers\.\d{2}\.self_attn\.\w+"#, true),
            (#"layers\.\d{3}\.self_attn\.\w+"#, false), (#"layers\.\d{1,3}\.self_attn\.\w+"#, true),
            (#"(k|q)_proj$"#, true), (#"(?:k|v)_proj"#, false), ("q.proj", true), (#"q\.proj"#, false),
            (#"self_attn\.[kqv]_proj"#, true), ("x?q_proj", true), ("self_attn.(q|)_proj", true),
        ]
    )
    func matches(pattern: String, isMatch: Bool) throws {
        #expect(try #require(ModulePattern(pattern)).matches(Self.path) == isMatch)
    }

    @Test(
        "and what is no pattern, or would take for ever, is refused",
        arguments: [
            "(", ")", "[", "a)", "*a", "a{5,2}", "a{1000}", "(?=a)", #"\1"#, "a$b", #"[\"#, "[z-a]",
            String(repeating: "(", count: 300) + String(repeating: ")", count: 300),
            String(repeating: "(", count: 6) + "a" + String(repeating: "{100})", count: 6),
            String(repeating: "(", count: 6) + String(repeating: "){100}", count: 6),
        ]
    )
    func refuses(pattern: String) {
        #expect(ModulePattern(pattern) == nil)
    }

    @Test("in time that does not explode")
    func linear() throws {
        let pattern = try #require(ModulePattern(#"((a*)*)*b"#))
        #expect(!pattern.matches(String(repeating: "a", count: 20_000)))
        #expect(pattern.matches(String(repeating: "a", count: 20_000) + "b"))
    }
}
