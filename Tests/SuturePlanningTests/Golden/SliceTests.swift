import SutureTestSupport
import Testing

/// Which layers the brackets of a slice mean.
@Suite("Slices")
struct SliceTests {
    /// A slice of a model of eight layers, and what becomes of it.
    struct Case: Sendable, CustomTestStringConvertible {
        let slice: String
        let stack: String
        var testDescription: String { slice }
    }

    @Test(
        "take layers as Python does",
        arguments: [
            Case(slice: "m", stack: "0-7 m[0:8]"),
            Case(slice: "m[3]", stack: "0 m[3]"),
            Case(slice: "m[-1]", stack: "0 m[7]"),
            Case(slice: "m[2:5]", stack: "0-2 m[2:5]"),
            Case(slice: "m[:3]", stack: "0-2 m[0:3]"),
            Case(slice: "m[5:]", stack: "0-2 m[5:8]"),
            Case(slice: "m[:]", stack: "0-7 m[0:8]"),
            Case(slice: "m[-3:]", stack: "0-2 m[5:8]"),
            Case(slice: "m[:-6]", stack: "0-1 m[0:2]"),
            Case(slice: "m[-4:-2]", stack: "0-1 m[4:6]"),
            Case(slice: "m[0:8:3]", stack: "0 m[0] | 1 m[3] | 2 m[6]"),
            Case(slice: "m[7:4:-1]", stack: "0-2 m[7…5]"),
            Case(slice: "m[::-1]", stack: "0-7 m[7…0]"),
            Case(slice: "m[2::-1]", stack: "0-2 m[2…0]"),
            Case(slice: "m[6:0:-2]", stack: "0 m[6] | 1 m[4] | 2 m[2]"),
            Case(slice: "m[0:2, 5, 6:8]", stack: "0-1 m[0:2] | 2-4 m[5:8]"),
            Case(slice: "m[4, 4, 4]", stack: "0-2 m[4]"),
            Case(slice: "m[m.layers - 2:m.layers]", stack: "0-1 m[6:8]"),
            Case(slice: "m[keep // 2:keep]", stack: "0-2 m[3:6]"),
            Case(slice: "m[min(keep, 2):half + 1]", stack: "0-2 m[2:5]"),
        ]
    )
    func takeLayers(example: Case) throws {
        let planning = try planning(
            """
            slicegraph: 1
            inputs: {m: @m}
            params: {keep: {type: int, default: 6}}
            let: {half: "${keep // 2 + 1}"}
            graph:
              out: {slice: "\(example.slice)"}
            """,
            models: ["m": .llama(layers: 8)]
        )
        let stack = planning.page.split(separator: "\n").first.map(String.init)
        #expect(stack == example.stack, "\(planning.drawn)")
    }

    @Test("renumber layers and carry every tensor of them, byte for byte")
    func renumber() throws {
        let planning = try planning(
            """
            slicegraph: 1
            inputs: {m: @m}
            graph:
              middle: {slice: "m[1:4]"}
              out: {slice: "middle[::-1]"}
            """
        )
        planning.expectPage(
            """
            0-2 m[3…1]
            embed m, norm m, head m, config m, tokenizer m
            30 BF16
            model.embed_tokens = m
            0  m[3]
            1  m[2]
            2  m[1]
            model.norm = m
            lm_head = m
            """
        )
        #expect(planning.isAllCopied)
        #expect(planning.config("num_hidden_layers") == "num_hidden_layers 3")
    }
}
