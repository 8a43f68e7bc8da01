import SutureTestSupport
import Testing

/// New blocks between the layers of a strip, and strips that are changed in place.
@Suite("Expansions and edits")
struct ExpandTests {
    @Test("insert a silent copy of the layer before, after every so many")
    func every() throws {
        let planning = try planning(
            """
            slicegraph: 1
            inputs: {base: @base}
            params: {group: {type: int, default: 2, min: 1}}
            graph:
              out:
                expand:
                  from: base
                  every: ${group}
                  insert: {copy: previous, set: {attn.o: 0, mlp.down: 0}}
            expect: {layers: 6, identity_of: base}
            """
        )
        planning.expectPage(
            """
            0-1 base[0:2] | 2 base[1]*+ | 3-4 base[2:4] | 5 base[3]*+
            embed base, norm base, head base, config base, tokenizer base
            57 BF16
            model.embed_tokens = base
            0-1  base[0:2]
            2  base[1]; o_proj, down_proj: fill 0
            3-4  base[2:4]
            5  base[3]; o_proj, down_proj: fill 0
            model.norm = base
            lm_head = base
            """
        )
        #expect(planning.config("num_hidden_layers") == "num_hidden_layers 6")
    }

    @Test("insert after the layers of a list, copies of the layer behind, scaled")
    func after() throws {
        let planning = try planning(
            """
            slicegraph: 1
            inputs: {base: @base}
            graph:
              out:
                expand:
                  from: base[1:4]
                  after: [0, -1]
                  insert: {copy: next, scale: {"*": 0.5}, set: {mlp.down: 0}}
            """
        )
        planning.expectPage(
            """
            0 base[1] | 1 base[2]*+ | 2-3 base[2:4] | 4 base[3]*+
            embed base, norm base, head base, config base, tokenizer base
            48 BF16
            model.embed_tokens = base
            0  base[1]
            1  0.5 * base[2]; down_proj: fill 0
            2-3  base[2:4]
            4  0.5 * base[3]; down_proj: fill 0
            model.norm = base
            lm_head = base
            """
        )
    }

    @Test("insert plain copies where nothing is said of them")
    func plain() throws {
        let planning = try planning(
            """
            slicegraph: 1
            inputs: {base: @base}
            graph:
              out: {expand: {from: base, every: 4}}
            """
        )
        planning.expectPage(
            """
            0-3 base[0:4] | 4 base[3]+
            embed base, norm base, head base, config base, tokenizer base
            48 BF16
            model.embed_tokens = base
            0-3  base[0:4]
            4  base[3]
            model.norm = base
            lm_head = base
            """
        )
    }

    @Test("expand a strip that is a blend")
    func blend() throws {
        let planning = try planning(
            """
            slicegraph: 1
            inputs: {a: @a, b: @b}
            graph:
              mixed: {blend: {method: slerp, inputs: [a, b], params: {t: 0.5}}}
              out:
                expand: {from: "mixed[0:2]", every: 1, insert: {set: {attn.o: 0, mlp.down: 0}}}
            """
        )
        planning.expectPage(
            """
            0 slerp(a[0], b[0]) | 1 slerp(a[0], b[0])*+ | 2 slerp(a[1], b[1]) | 3 slerp(a[1], b[1])*+
            embed a, norm a, head a, config a, tokenizer a
            39 BF16
            model.embed_tokens = slerp(a, b, t 0.5)
            0  slerp(a[0], b[0], t 0.5)
            1  slerp(a[0], b[0], t 0.5); o_proj, down_proj: fill 0
            2  slerp(a[1], b[1], t 0.5)
            3  slerp(a[1], b[1], t 0.5); o_proj, down_proj: fill 0
            model.norm = slerp(a, b, t 0.5)
            lm_head = slerp(a, b, t 0.5)
            """
        )
    }

    @Test("edit layers and ends; what is filled is not scaled")
    func edit() throws {
        let planning = try planning(
            """
            slicegraph: 1
            inputs: {base: @base}
            graph:
              out:
                edit:
                  from: base
                  scale: {mlp.*: 0.9, head: 1.5, norm.final: 1}
                  set: {mlp.gate: 0.125, "layers[-1].mlp.up": -1}
            """
        )
        planning.expectPage(
            """
            0-3 base[0:4]*
            embed base, norm base, head base, config base, tokenizer base
            39 BF16
            model.embed_tokens = base
            0-2  base[0:3]; gate_proj: fill 0.125; up_proj, down_proj: 0.9 * base[0:3]
            3  base[3]; gate_proj: fill 0.125; up_proj: fill -1; down_proj: 0.9 * base[3]
            model.norm = base
            lm_head = 1.5 * base
            """
        )
    }

    @Test("edits of edits multiply")
    func twice() throws {
        let planning = try planning(
            """
            slicegraph: 1
            inputs: {base: @base}
            graph:
              half: {edit: {from: "base[0:2]", scale: {attn.o: 0.5}}}
              out: {edit: {from: half, scale: {attn.o: 0.5, attn.q: 2}}}
            """
        )
        planning.expectPage(
            """
            0-1 base[0:2]*
            embed base, norm base, head base, config base, tokenizer base
            21 BF16
            model.embed_tokens = base
            0-1  base[0:2]; q_proj: 2 * base[0:2]; o_proj: 0.5 * 0.5 * base[0:2]
            model.norm = base
            lm_head = base
            """
        )
    }
}
