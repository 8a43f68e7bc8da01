import SutureDiagnostics
import Testing

/// Texts made to cost more than they should; what is asserted is that they are refused, in few words.
@Suite("Recipes that mean harm")
struct HostileRecipesTests {
    private static let head = "slicegraph: 1\ninputs: {a: o/m}\n"

    static let texts: [(code: String, text: String)] = [
        ("unknown-key", head + (0..<20_000).map { "k\($0): 1\n" }.joined()),
        ("unknown-name", head + "graph:\n  out:\n    stack:\n" + (0..<5000).map { "      - n\($0)[0:1]\n" }.joined()),
        (
            "chain-too-long",
            head + "graph:\n  out: {slice: n0}\n" + (0..<3000).map { "  n\($0): {slice: n\($0 + 1)}\n" }.joined()
                + "  n3000: {slice: a}\n"
        ),
        (
            "bad-expression",
            head + "let: {x: \"${" + String(repeating: "1+", count: 100_000) + "1}\"}\ngraph: {out: {slice: a}}"
        ),
        (
            "bad-expression",
            head + "let: {x: \"" + String(repeating: "${1}", count: 10_000) + "\"}\ngraph: {out: {slice: a}}"
        ),
        ("bad-slice", head + "graph: {out: {slice: \"a[" + String(repeating: "0,", count: 50_000) + "0]\"}}"),
        ("too-many-stages", (0..<600).map { "name: s\($0)\nmerge_method: linear\n---\n" }.joined()),
        (
            "too-many-models",
            "merge_method: linear\nmodels:\n" + (0..<5000).map { "  - model: a\($0)/x\n" }.joined()
        ),
        (
            "chain-too-long",
            (0..<300).map {
                "name: s\($0)\nmerge_method: passthrough\nslices: [{sources: [{model: s\($0 + 1), layer_range: [0,1]}]}]\n"
            }.joined(separator: "---\n")
        ),
    ]

    @Test("are refused in few words", arguments: texts)
    func areRefused(code: String, text: String) {
        let reading = read(text)
        #expect(reading.graph == nil)
        #expect(reading.diagnostics.contains { $0.code == code })
        #expect(reading.diagnostics.count <= 102)
    }
}
