import SutureDiagnostics
import SutureRecipes
import Testing

/// What mergekit's files mean, shown in the native language.
@Suite("Reading mergekit's files")
struct MergekitReadingTests {
    struct Translation: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let mergekit: String
        let native: String

        init(_ what: String, _ mergekit: String, _ native: String) {
            testDescription = what
            self.mergekit = mergekit
            self.native = native
        }
    }

    static let translations = [
        Translation(
            "slices of passthrough are a stack; the first model mentioned gives the config",
            """
            slices:
            - sources:
              - model: org/Model-7B.v2
                layer_range: [0, 16]
            - sources:
              - layer_range: [8, "24"]
                model: {model: {path: org/Other, revision: abc}}
                parameters: {scale: [{filter: o_proj, value: 0.0}, {filter: down_proj, value: [0, 1]}, {value: 1.0}]}
            merge_method: passthrough
            dtype: torch.float16
            """,
            """
            inputs:
              Model_7B_v2: org/Model-7B.v2
              Other: org/Other@abc
            graph:
              out:
                stack:
                  - Model_7B_v2[0:16]
                  - from: Other[8:24]
                    scale:
                      - {where: {name: "*o_proj*"}, value: 0.0}
                      - {where: {name: "*down_proj*"}, value: {curve: [0.0, 1.0], over: slice}}
                      - {value: 1.0}
            output:
              config: Model_7B_v2
              dtype: float16
              compute_dtype: float16
            """
        ),
        Translation(
            "models are one blend of whole models; the base is found among them",
            """
            models:
              - model: o/base
              - model: o/a
                parameters: {weight: 0.3, density: .5}
            merge_method: ties
            base_model: o/base
            parameters: {normalize: 1.0, int8_mask: true, lambda: "0.5"}
            dtype: float32
            out_dtype: bfloat16
            tokenizer_source: base
            """,
            """
            inputs:
              base: o/base
              a: o/a
            graph:
              out:
                blend:
                  method: ties
                  base: base
                  inputs: [base, {from: a, weight: 0.3, density: 0.5}]
                  params: {lambda: 0.5, normalize: true, int8_mask: true}
            output:
              config: base
              tokenizer: base
              dtype: bfloat16
              compute_dtype: float32
            """
        ),
        Translation(
            "a base that is not listed stands beside the models, or is merged where the method knows no base",
            """
            models: [{model: o/a}, {model: o/b}]
            merge_method: linear
            base_model: o/c
            parameters: {weight: 1}
            """,
            """
            inputs:
              a: o/a
              b: o/b
              c: o/c
            graph:
              out:
                blend:
                  method: linear
                  inputs: [{from: a, weight: 1.0}, {from: b, weight: 1.0}, {from: c, weight: 1.0}]
            output:
              config: c
            """
        ),
        Translation(
            "the nearest level counts; one whose filters do not match leaves it to the next",
            """
            modules:
              default:
                parameters: {weight: [{filter: mlp, value: 3}]}
                slices:
                  - sources:
                    - model: o/a
                      layer_range: [0, 4]
                      parameters: {weight: [{filter: attn, value: 1}]}
                    - model: o/b
                      layer_range: [0, 4]
                    parameters: {weight: [{filter: norm, value: [2, 4]}]}
                  - sources:
                    - {model: o/a, layer_range: [4, 8], parameters: {weight: 7}}
                    - {model: o/b, layer_range: [4, 8]}
            merge_method: linear
            parameters: {weight: [{filter: "*", value: 5}], normalize: false}
            """,
            """
            inputs:
              a: o/a
              b: o/b
            graph:
              slice_1:
                blend:
                  method: linear
                  inputs:
                    - from: a[0:4]
                      weight:
                        - {where: {name: "*attn*"}, value: 1.0}
                        - {where: {name: "*norm*"}, value: {curve: [2.0, 4.0], over: slice}}
                        - {where: {name: "*mlp*"}, value: 3.0}
                        - {value: 5.0}
                    - from: b[0:4]
                      weight:
                        - {where: {name: "*norm*"}, value: {curve: [2.0, 4.0], over: slice}}
                        - {where: {name: "*mlp*"}, value: 3.0}
                        - {value: 5.0}
                  params: {normalize: false}
              slice_2:
                blend:
                  method: linear
                  inputs:
                    - {from: "a[4:8]", weight: 7.0}
                    - {from: "b[4:8]", weight: [{where: {name: "*mlp*"}, value: 3.0}, {value: 5.0}]}
                  params: {normalize: false}
              out:
                stack:
                  - slice_1
                  - slice_2
            output:
              config: a
            """
        ),
        Translation(
            "of several modules the language model's is the graph's, and each other a node of its own",
            """
            modules:
              vision_tower:
                models: [{model: o/a}]
              text_decoder:
                slices:
                  - sources:
                    - {model: o/a, layer_range: [0, 4]}
                    - {model: o/b, layer_range: [0, 4]}
              multi_modal_projector:
                models: [{model: o/a}, {model: o/b}]
                parameters: {t: 0.25}
            merge_method: slerp
            base_model: o/a
            parameters: {t: 0.5}
            """,
            """
            inputs:
              a: o/a
              b: o/b
            graph:
              vision_tower:
                stack:
                  - a
              out:
                blend:
                  method: slerp
                  base: a[0:4]
                  inputs: ["a[0:4]", "b[0:4]"]
                  params: {t: 0.5}
              multi_modal_projector:
                blend:
                  method: slerp
                  base: a
                  inputs: [a, b]
                  params: {t: 0.25}
            output:
              modules:
                vision_tower: vision_tower
                multi_modal_projector: multi_modal_projector
              config: a
            """
        ),
        Translation(
            "slerp takes the base as its first end, whichever comes first",
            """
            slices:
              - sources:
                - {model: o/a, layer_range: [0, 32]}
                - {model: o/b, layer_range: [0, 32]}
            merge_method: slerp
            base_model: o/b
            parameters:
              t:
                - {filter: self_attn, value: [0, 0.5, 1]}
                - value: [0.5]
            """,
            """
            inputs:
              a: o/a
              b: o/b
            graph:
              out:
                blend:
                  method: slerp
                  base: b[0:32]
                  inputs: ["a[0:32]", "b[0:32]"]
                  params:
                    t:
                      - {where: {name: "*self_attn*"}, value: {curve: [0.0, 0.5, 1.0], over: slice}}
                      - {value: 0.5}
            output:
              config: b
            """
        ),
        Translation(
            "a slice of one source is passed on as it is by a method that wants two",
            """
            slices:
              - sources: [{model: o/a, layer_range: [0, 2]}]
              - sources: [{model: o/a, layer_range: [2, 4]}, {model: o/b, layer_range: [2, 4]}]
              - sources: [{model: o/a, layer_range: [4, 4]}]
            merge_method: slerp
            base_model: o/a
            parameters: {t: 0.5}
            """,
            """
            inputs:
              a: o/a
              b: o/b
            graph:
              slice_2:
                blend:
                  method: slerp
                  base: a[2:4]
                  inputs: ["a[2:4]", "b[2:4]"]
                  params: {t: 0.5}
              out:
                stack:
                  - a[0:2]
                  - slice_2
                  - a[4:4]
            output:
              config: a
            """
        ),
        Translation(
            "documents with names are nodes; nothing between is written",
            """
            name: first stage
            models: [{model: o/a}, {model: o/b}]
            merge_method: slerp
            base_model: o/a
            parameters: {t: 0.5}
            dtype: bfloat16
            ---
            models:
              - {model: first stage, parameters: {weight: 0.7}}
              - {model: o/c, parameters: {weight: 0.3}}
            merge_method: dare_ties
            base_model: o/base
            dtype: bfloat16
            tokenizer: {source: o/c}
            """,
            """
            inputs:
              a: o/a
              b: o/b
              c: o/c
              base: o/base
            graph:
              first_stage:
                blend:
                  method: slerp
                  base: a
                  inputs: [a, b]
                  params: {t: 0.5}
              out:
                blend:
                  method: dare_ties
                  base: base
                  inputs: [{from: first_stage, weight: 0.7}, {from: c, weight: 0.3}]
            output:
              config: base
              tokenizer:
                source: c
                base: base
              dtype: bfloat16
              compute_dtype: bfloat16
            """
        ),
        Translation(
            "without an unnamed document the last is written, and a stage's layers may be sliced",
            """
            name: one
            slices: [{sources: [{model: o/a, layer_range: [0, 4]}]}]
            merge_method: passthrough
            ---
            name: two
            slices:
              - sources: [{model: one, layer_range: [0, 2]}]
              - sources: [{model: o/b, layer_range: [0, 2]}]
            merge_method: passthrough
            base_model: one
            """,
            """
            inputs:
              a: o/a
              b: o/b
            graph:
              one:
                stack:
                  - a[0:4]
              out:
                stack:
                  - one[0:2]
                  - b[0:2]
            output:
              config: a
            """
        ),
        Translation(
            "models are what their text says: adapters, Windows paths, unusual names, two of one name",
            """
            slices:
              - sources: [{model: "Z:\\\\models\\\\My Model", layer_range: [0, 1]}]
              - sources: [{model: G:/7B/out, layer_range: [0, 1]}]
              - sources: [{model: o/base@v1+o/lora, layer_range: [0, 1]}]
              - sources: [{model: {model: p/base, lora: {path: o/l}, override_architecture: XForCausalLM}, layer_range: [0, 1]}]
              - sources: [{model: ./2x, layer_range: [0, 1]}]
            merge_method: passthrough
            tokenizer_source: model:o/tok
            chat_template: auto
            """,
            """
            inputs:
              My_Model: "Z:\\\\models\\\\My Model"
              out_2: G:/7B/out
              base: o/base@v1+o/lora
              base_2: {model: p/base, adapter: o/l, architecture: XForCausalLM}
              m_2x: ./2x
              tok: {model: o/tok, optional: true}
            graph:
              out:
                stack:
                  - My_Model[0:1]
                  - out_2[0:1]
                  - base[0:1]
                  - base_2[0:1]
                  - m_2x[0:1]
            output:
              config: My_Model
              tokenizer: tok
              chat_template: auto
            """
        ),
    ]

    @Test("gives the graph that they mean", arguments: translations)
    func givesTheGraph(translation: Translation) throws {
        let reading = read(translation.mergekit)
        let graph = try #require(reading.graph, "\(reading.drawn)")
        #expect(reading.diagnostics.filter { $0.severity != .note }.isEmpty, "\(reading.drawn)")
        #expect(RecipePrinter.print(graph) == "slicegraph: 1\n" + translation.native + "\n")
    }
}
