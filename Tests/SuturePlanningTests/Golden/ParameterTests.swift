import SuturePlanning
import SutureTestSupport
import Testing

/// Parameters, definitions and expressions, from the recipe and from the command line.
@Suite("Parameters")
struct ParameterTests {
    static let recipe = """
        slicegraph: 1
        inputs: {base: {}}
        params:
          keep: {type: int, default: 2, min: 1, max: "${base.layers}"}
          damp: {type: float, default: 0.5}
          fade: {type: curve, default: {curve: [1, 0.5]}}
          backwards: {type: bool, default: false}
          method: {type: enum, choices: [slerp, lerp], default: slerp}
        let: {end: "${base.layers}", start: "${end - keep}"}
        graph:
          mixed:
            blend: {method: "${method}", inputs: ["base[:keep]", "base[start:end]"], params: {t: "${damp / 2}"}}
          out:
            stack:
              - {from: mixed, reverse: "${backwards}"}
              - {from: "base[start:]", scale: {attn.o: "${fade}"}}
        """

    @Test("have defaults")
    func defaults() throws {
        var options = PlanningOptions()
        options.inputs["base"] = "@m"
        let planning = try planning(Self.recipe, options: options)
        planning.expectPage(
            """
            0-1 slerp(base[0:2], base[2:4]) | 2 base[2] | 3 base[3]*
            embed base, norm base, head base, config base, tokenizer base
            39 BF16
            model.embed_tokens = slerp(base, base, t 0.25)
            0-1  slerp(base[0:2], base[2:4], t 0.25)
            2  base[2]
            3  base[3]; o_proj: 0.5 * base[3]
            model.norm = base
            lm_head = base
            """
        )
    }

    @Test("are given on the command line as text")
    func given() throws {
        var options = PlanningOptions()
        options.inputs["base"] = "@m"
        options.parameters = [
            "keep": "3", "damp": "1", "fade": "[0.25, 0.5, 0.75]", "backwards": "yes", "method": "lerp",
        ]
        let planning = try planning(Self.recipe, options: options)
        planning.expectPage(
            """
            0-2 lerp(base[2…0], base[3…1]) | 3-5 base[1:4]*
            embed base, norm base, head base, config base, tokenizer base
            57 BF16
            model.embed_tokens = lerp(base, base, t 0.5)
            0  lerp(base[2], base[3], t 0.5)
            1  lerp(base[1], base[2], t 0.5)
            2  lerp(base[0], base[1], t 0.5)
            3  base[1]; o_proj: 0.25 * base[1]
            4  base[2]; o_proj: 0.5 * base[2]
            5  base[3]; o_proj: 0.75 * base[3]
            model.norm = base
            lm_head = base
            """
        )
    }

    /// An expression over a model of four layers, and its value.
    struct Case: Sendable, CustomTestStringConvertible {
        let expression: String
        let value: Int
        var testDescription: String { expression }
    }

    @Test(
        "are worked out by the usual rules, over facts of inputs and nodes",
        arguments: [
            Case(expression: "m.layers", value: 4),
            Case(expression: "part.layers", value: 3),
            Case(expression: "m.hidden", value: 8),
            Case(expression: "m.mlp", value: 16),
            Case(expression: "m.heads", value: 2),
            Case(expression: "m.kv_heads", value: 1),
            Case(expression: "m.head_dim", value: 4),
            Case(expression: "m.vocab", value: 32),
            Case(expression: "1 + 2 * 3 - 4", value: 3),
            Case(expression: "7 // 2 + 7 % 2", value: 4),
            Case(expression: "-7 // 2 + 8", value: 4),
            Case(expression: "round(m.layers * 3 / 4)", value: 3),
            Case(expression: "min(3, m.layers) + max(0, 1)", value: 4),
            Case(expression: "ceil(7 / 2) + floor(7 / 2)", value: 7),
            Case(expression: "round(sqrt(m.mlp))", value: 4),
        ]
    )
    func expressions(example: Case) throws {
        let planning = try planning(
            """
            slicegraph: 1
            inputs: {m: @m}
            let: {value: "${\(example.expression)}"}
            graph:
              part: {slice: "m[1:]"}
              out: {stack: [{from: "m[0]", repeat: "${value}"}]}
            """
        )
        #expect(planning.plan?.stack.layerCount == example.value, "\(planning.drawn)")
    }

    @Test("may stand in outputs' expectations")
    func expectations() throws {
        let planning = try planning(
            """
            slicegraph: 1
            inputs: {m: @m}
            params: {k: 3}
            graph:
              out: {slice: "m[:k]"}
            expect:
              layers: "${k}"
              hidden: "${m.hidden}"
              vocab: 32
              architecture: LlamaForCausalLM
              parameters: "${2 * 32 * 8 + 8 + k * (2 * 8 + 2 * 8 * 8 + 2 * 4 * 8 + 3 * 16 * 8)}"
            """
        )
        #expect(planning.plan != nil, "\(planning.drawn)")
        #expect(planning.plan?.parameterCount == 520 + 3 * 592)
    }
}
