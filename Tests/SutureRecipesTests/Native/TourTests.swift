import SutureDiagnostics
import SutureRecipes
import Testing

/// The six recipes by which the language is explained.
@Suite("The language tour")
struct TourTests {
    static let solar = """
        slicegraph: 1
        name: solar-style
        description: Two overlapping windows of one model, 32 -> 48 layers.
        inputs:
          base: mistralai/Mistral-7B-v0.1
        graph:
          out:
            stack:
              - base[0:24]
              - base[8:32]
        expect: {layers: 48}
        """

    static let attention = """
        slicegraph: 1
        name: attention-from-a-mlp-from-b
        inputs: {a: NousResearch/Hermes-2-Pro-Mistral-7B, b: WizardLMTeam/WizardMath-7B-V1.1}
        graph:
          out:
            splice:
              onto: b
              take:
                - {where: attn.*, from: a}
                - {where: norm.attn, from: a}
        output: {dtype: bfloat16, tokenizer: b}
        """

    static let pairwise = """
        slicegraph: 1
        name: pairwise-then-stack
        inputs: {base: o/base, a: o/a, b: o/b, c: o/c}
        graph:
          ab:
            blend:
              method: slerp
              inputs: [a, b]
              params:
                t:
                  - {where: attn.*, value: {curve: [0, 0.5, 0.3, 0.7, 1], over: depth}}
                  - {where: mlp.*,  value: {curve: [1, 0.5, 0.7, 0.3, 0], over: depth}}
                  - {value: 0.5}
          abc:
            blend:
              method: ties
              base: base
              inputs:
                - {from: ab, weight: 0.6, density: 0.5}
                - {from: c,  weight: 0.4, density: 0.5}
              params: {lambda: 1.0, normalize: true}
          out:
            stack:
              - c[0:4]
              - abc[4:28]
              - {from: "abc[16:28]", scale: {attn.o: 0.7071, mlp.down: 0.7071}}
              - c[28:32]
        output: {dtype: bfloat16, ends: {embed: c, norm: c, head: c}}
        """

    static let goliath = """
        slicegraph: 1
        name: goliath-style
        inputs: {x: Xwin-LM/Xwin-LM-70B-V0.1, e: Sao10K/Euryale-1.3-L2-70B}
        graph:
          out:
            stack: ["x[0:16]", "e[8:24]", "x[17:32]", "e[25:40]", "x[33:48]", "e[41:56]", "x[49:64]", "e[57:72]", "x[65:80]"]
        output: {dtype: float16}
        expect: {layers: 137}
        """

    static let llamaPro = """
        slicegraph: 1
        name: llama-pro
        inputs: {base: meta-llama/Llama-2-7b-hf}
        params:
          group: {type: int, default: 4, min: 1, description: one new block after every `group` layers}
        graph:
          out:
            expand:
              from: base
              every: ${group}
              insert: {copy: previous, set: {attn.o: 0, mlp.down: 0}}
        expect: {layers: 40, identity_of: base}
        """

    static let overlap = """
        slicegraph: 1
        name: overlap-upscale
        inputs: {base: {}}
        params:
          keep: {type: int, default: "${round(base.layers * 3 / 4)}", min: 2, max: "${base.layers}"}
          damp: {type: float, default: 1.0, min: 0, max: 2}
        let: {n: "${base.layers}"}
        graph:
          lower: {slice: "base[0:keep]"}
          upper: {slice: "base[n - keep:n]"}
          out:
            stack:
              - lower
              - {from: upper, scale: {attn.o: "${damp}", mlp.down: "${damp}"}}
        expect: {layers: "${2 * keep}"}
        """

    static let math = """
        slicegraph: 1
        name: math-upscale
        imports: {dus: ./overlap-upscale.yml}
        inputs: {base: Qwen/Qwen3-8B-Base, math: some-org/Qwen3-8B-Math}
        graph:
          mixed:
            blend: {method: linear, inputs: [{from: base, weight: 0.6}, {from: math, weight: 0.4}]}
          out:
            use:
              recipe: dus
              inputs: {base: base}
              params: {keep: 27, damp: 0.85}
              override: {graph.upper.slice: "caller.mixed[9:36]"}
        expect: {layers: 54}
        """

    @Test(
        "is read without a word of complaint",
        arguments: [solar, attention, pairwise, goliath, llamaPro, overlap, math]
    )
    func isRead(recipe: String) {
        let reading = read(recipe, others: ["./overlap-upscale.yml": Self.overlap])
        #expect(reading.graph != nil)
        #expect(reading.drawn == "")
    }
}
