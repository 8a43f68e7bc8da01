import SutureTestSupport
import Testing

/// Layers one after another, in every way that a recipe may ask for them.
@Suite("Stacks")
struct StackTests {
    @Test("lay runs of two models on each other; embedding of the first, norm and head of the last")
    func runs() throws {
        let planning = try planning(
            """
            slicegraph: 1
            inputs: {a: @a, b: @b}
            graph:
              out:
                stack:
                  - a[0:3]
                  - b[1:4]
            expect: {layers: 6}
            """
        )
        planning.expectPage(
            """
            0-2 a[0:3] | 3-5 b[1:4]
            embed a, norm b, head b, config a, tokenizer a
            57 BF16
            model.embed_tokens = a
            0-2  a[0:3]
            3-5  b[1:4]
            model.norm = b
            lm_head = b
            """
        )
        #expect(planning.config("num_hidden_layers") == "num_hidden_layers 6")
        #expect(
            planning.accounts == [
                "a: 28 used, 9 outside the ranges, 2 another model's is written",
                "b: 29 used, 9 outside the ranges, 1 another model's is written",
            ]
        )
    }

    @Test("repeat and reverse items")
    func repeatAndReverse() throws {
        let planning = try planning(
            """
            slicegraph: 1
            inputs: {m: @m}
            graph:
              out:
                stack:
                  - {from: "m[0:2]", repeat: 2}
                  - {from: "m[1:3]", reverse: true}
                  - {from: "m[2:4]", reverse: true, repeat: 2}
                  - m[3]
            """
        )
        planning.expectPage(
            """
            0-1 m[0:2] | 2-3 m[0:2] | 4-5 m[2…1] | 6-7 m[3…2] | 8-9 m[3…2] | 10 m[3]
            embed m, norm m, head m, config m, tokenizer m
            102 BF16
            model.embed_tokens = m
            0-1  m[0:2]
            2-4  m[0:3]
            5  m[1]
            6  m[3]
            7-8  m[2:4]
            9-10  m[2:4]
            model.norm = m
            lm_head = m
            """
        )
    }

    @Test("scale and fill what roles name, and nothing else")
    func scaleAndSet() throws {
        let planning = try planning(
            """
            slicegraph: 1
            inputs: {m: @m}
            graph:
              out:
                stack:
                  - m[0:2]
                  - {from: "m[1:3]", scale: {attn.o: 0.7071, mlp.down: 0.5}}
                  - {from: "m[2]", set: {attn.o: 0, mlp.down: 0}}
                  - {from: "m[3]", scale: {"*": 2}, set: {norm.attn: 1}}
            """
        )
        planning.expectPage(
            """
            0-1 m[0:2] | 2-3 m[1:3]* | 4 m[2]* | 5 m[3]*
            embed m, norm m, head m, config m, tokenizer m
            57 BF16
            model.embed_tokens = m
            0-1  m[0:2]
            2-3  m[1:3]; o_proj: 0.7071 * m[1:3]; down_proj: 0.5 * m[1:3]
            4  m[2]; o_proj, down_proj: fill 0
            5  2 * m[3]; input_layernorm: fill 1
            model.norm = 2 * m
            lm_head = 2 * m
            """
        )
    }

    @Test("scale along a curve over the item's layers, and by first match in a list")
    func scaleByCurve() throws {
        let planning = try planning(
            """
            slicegraph: 1
            inputs: {m: @m}
            graph:
              out:
                stack:
                  - {from: "m[0:3]", scale: {attn.o: {curve: [1, 0.5], over: slice}}}
                  - from: "m[1:4]"
                    scale:
                      - {where: "layers[0].mlp.*", value: 0.25}
                      - {where: [mlp.*, not: mlp.gate], value: 0.5}
                      - {where: mlp.*, value: 4}
            """
        )
        planning.expectPage(
            """
            0 m[0] | 1-2 m[1:3]* | 3-5 m[1:4]*
            embed m, norm m, head m, config m, tokenizer m
            57 BF16
            model.embed_tokens = m
            0  m[0]
            1  m[1]; o_proj: 0.75 * m[1]
            2  m[2]; o_proj: 0.5 * m[2]
            3  m[1]; gate_proj, up_proj, down_proj: 0.25 * m[1]
            4-5  m[2:4]; gate_proj: 4 * m[2:4]; up_proj, down_proj: 0.5 * m[2:4]
            model.norm = m
            lm_head = m
            """
        )
    }

    @Test("scale by depth: where the layer stood in its whole model, not in the item")
    func scaleByDepth() throws {
        let planning = try planning(
            """
            slicegraph: 1
            inputs: {m: @m}
            graph:
              out:
                stack:
                  - {from: "m[1:4]", scale: {attn.o: {curve: [0, 1, 0], over: depth}}}
            """,
            models: ["m": .llama(layers: 5)]
        )
        planning.expectPage(
            """
            0 m[1]* | 1 m[2] | 2 m[3]*
            embed m, norm m, head m, config m, tokenizer m
            30 BF16
            model.embed_tokens = m
            0  m[1]; o_proj: 0.5 * m[1]
            1  m[2]
            2  m[3]; o_proj: 0.5 * m[3]
            model.norm = m
            lm_head = m
            """
        )
    }

    @Test("unroll loops: over a range, over a list, over two variables at once, one in another")
    func foreach() throws {
        let planning = try planning(
            """
            slicegraph: 1
            inputs: {m: @m}
            graph:
              out:
                stack:
                  - {foreach: {i: "0:2"}, do: ["m[i]", "m[i + 1]"]}
                  - {foreach: {i: [3, 0]}, do: ["m[i]"]}
                  - foreach: {i: "0:4:2", k: [0.25, 0.5]}
                    do:
                      - {from: "m[i:i + 2]", scale: {attn.o: "${k}"}}
                  - foreach: {i: "3:1:-1"}
                    do:
                      - {foreach: {j: [0, 1]}, do: ["m[i - j]"]}
            """
        )
        planning.expectPage(
            """
            0 m[0] | 1 m[1] | 2 m[1] | 3 m[2] | 4 m[3] | 5 m[0] | 6-9 m[0:4]* | 10-11 m[3…2] | 12-13 m[2…1]
            embed m, norm m, head m, config m, tokenizer m
            129 BF16
            model.embed_tokens = m
            0-1  m[0:2]
            2-4  m[1:4]
            5  m[0]
            6-7  m[0:2]; o_proj: 0.25 * m[0:2]
            8-9  m[2:4]; o_proj: 0.5 * m[2:4]
            10  m[3]
            11  m[2]
            12  m[2]
            13  m[1]
            model.norm = m
            lm_head = m
            """
        )
    }

    @Test("slide a window over a strip")
    func window() throws {
        let planning = try planning(
            """
            slicegraph: 1
            inputs: {m: @m}
            graph:
              out:
                stack:
                  - {window: {of: "m[0:8]", size: 4, step: 2}}
            expect: {layers: 12}
            """,
            models: ["m": .llama(layers: 8)]
        )
        planning.expectPage(
            """
            0-3 m[0:4] | 4-7 m[2:6] | 8-11 m[4:8]
            embed m, norm m, head m, config m, tokenizer m
            111 BF16
            model.embed_tokens = m
            0-3  m[0:4]
            4-7  m[2:6]
            8-11  m[4:8]
            model.norm = m
            lm_head = m
            """
        )
    }

    @Test("interleave strips in runs, the last run as long as what is left")
    func interleave() throws {
        let planning = try planning(
            """
            slicegraph: 1
            inputs: {a: @a, b: @b}
            graph:
              out:
                stack:
                  - {interleave: [a, "b[::-1]"]}
                  - {interleave: ["a[1:4]", "b[1:4]"], run: 2}
            """
        )
        planning.expectPage(
            """
            0 a[0] | 1 b[3] | 2 a[1] | 3 b[2] | 4 a[2] | 5 b[1] | 6 a[3] | 7 b[0] \
            | 8-9 a[1:3] | 10-11 b[1:3] | 12 a[3] | 13 b[3]
            embed a, norm b, head b, config a, tokenizer a
            129 BF16
            model.embed_tokens = a
            0  a[0]
            1  b[3]
            2  a[1]
            3  b[2]
            4  a[2]
            5  b[1]
            6  a[3]
            7  b[0]
            8-9  a[1:3]
            10-11  b[1:3]
            12  a[3]
            13  b[3]
            model.norm = b
            lm_head = b
            """
        )
    }

    @Test("stack nodes that are stacks themselves")
    func nested() throws {
        let planning = try planning(
            """
            slicegraph: 1
            inputs: {a: @a, b: @b}
            graph:
              pair: {stack: ["a[0:2]", "b[2:4]"]}
              out: {stack: [pair, "pair[1:3]", "pair[-1]"]}
            """
        )
        planning.expectPage(
            """
            0-1 a[0:2] | 2-3 b[2:4] | 4 a[1] | 5 b[2] | 6 b[3]
            embed a, norm b, head b, config a, tokenizer a
            66 BF16
            model.embed_tokens = a
            0-1  a[0:2]
            2-3  b[2:4]
            4  a[1]
            5-6  b[2:4]
            model.norm = b
            lm_head = b
            """
        )
    }
}
