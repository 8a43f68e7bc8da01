import SutureDiagnostics
import SuturePlanning
import SutureRecipes
import SutureTestSupport
import Testing

/// The canonical form of a recipe: flat, the same plan, and not changed by being written again.
@Suite("Flat recipes")
struct FlatteningTests {
    /// A recipe and what it imports.
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let recipe: String
        var others: [String: String] = [:]
        var parameters: [String: String] = [:]
    }

    static let cases = [
        Case(
            testDescription: "loops, windows and interleaving",
            recipe: """
                slicegraph: 1
                inputs: {a: @a, b: @b}
                params: {k: 2}
                let: {n: "${a.layers}"}
                graph:
                  tail: {slice: "b[::-1]"}
                  out:
                    stack:
                      - {foreach: {i: "0:n:k"}, do: ["a[i:i + k]", {from: "tail[i]", scale: {attn.o: "${1 / k}"}}]}
                      - {window: {of: "tail[0:3]", size: 2, step: 1}}
                      - {interleave: [a, "b[-4:]"], run: 3}
                      - {from: "a[0:2]", repeat: "${k}", reverse: true, set: {mlp.down: 0}}
                """
        ),
        Case(
            testDescription: "blends with curves, lists and a base",
            recipe: """
                slicegraph: 1
                name: blends
                inputs: {base: @base, a: @a, b: @b}
                params: {t: {type: curve, default: {curve: [0, 1], over: depth}}}
                graph:
                  ab:
                    blend:
                      method: slerp
                      inputs: ["a[1:4]", "b[1:4]"]
                      params:
                        t:
                          - {where: attn.*, value: "${t}"}
                          - {where: [mlp.*, not: mlp.gate], value: {curve: [1, 0.25, 0]}}
                          - {value: 0.5}
                  out:
                    blend:
                      method: ties
                      base: base[1:4]
                      inputs: [{from: ab, weight: 0.75, density: 0.5}, {from: "b[1:4]", weight: 0.25}]
                      params: {density: 0.9, lambda: 0.7}
                output: {dtype: float32, ends: {embed: a, norm: b, head: base}}
                """
        ),
        Case(
            testDescription: "splices, expansions and edits",
            recipe: """
                slicegraph: 1
                inputs: {a: @a, b: @b}
                params: {every: 2}
                graph:
                  mixed:
                    splice:
                      onto: b
                      take:
                        - {where: "layers[0:2].attn.*", from: a}
                        - {where: {name: "*norm.weight"}, from: a, blend: {method: slerp, params: {t: "${1 / 4}"}}}
                  grown: {expand: {from: "mixed[:3]", every: "${every // 2}", insert: {copy: next, set: {attn.o: 0}}}}
                  sparse: {expand: {from: mixed, after: [0, -1], insert: {scale: {"*": 0.5}}}}
                  out: {edit: {from: sparse, scale: {head: 2, mlp.*: 0.5}, set: {"layers[-1].attn.o": 0}}}
                  rest: {stack: [grown, out]}
                output: {node: rest}
                """
        ),
        Case(
            testDescription: "an imported recipe with a node of the caller's",
            recipe: """
                slicegraph: 1
                imports: {dus: ./overlap.yml}
                inputs: {base: @base, math: @math}
                graph:
                  mixed:
                    blend: {method: linear, inputs: [{from: base, weight: 0.6}, {from: math, weight: 0.4}]}
                  out:
                    use:
                      recipe: dus
                      inputs: {base: base}
                      params: {keep: 3, damp: 0.85}
                      override: {graph.upper.slice: "caller.mixed[1:4]"}
                expect: {layers: 6}
                """,
            others: ["./overlap.yml": UseTests.overlap]
        ),
        Case(
            testDescription: "an imported recipe used twice, with parameters from the command line",
            recipe: """
                slicegraph: 1
                imports: {dus: ./overlap.yml}
                inputs: {a: @a, b: @b}
                params: {keep: {type: int, default: 2}}
                graph:
                  low: {use: {recipe: dus, node: lower, inputs: {base: "a[1:4]"}, params: {keep: "${keep}"}}}
                  high: {use: {recipe: dus, inputs: {base: b}, params: {keep: 3, damp: 0.5}}}
                  out: {stack: [low, "high[-2:]"]}
                """,
            others: ["./overlap.yml": UseTests.overlap],
            parameters: ["keep": "3"]
        ),
        Case(
            testDescription: "random methods, in uses of their own names",
            recipe: """
                slicegraph: 1
                imports: {x: ./mix.yml, y: ./mix.yml}
                inputs: {base: @base, a: @a}
                graph:
                  one: {use: {recipe: x, inputs: {base: base, a: a}}}
                  two: {use: {recipe: y, inputs: {base: base, a: a}}}
                  out: {stack: ["one[0:2]", "two[2:4]"]}
                output: {seed: 3}
                """,
            others: [
                "./mix.yml": """
                slicegraph: 1
                inputs: {base: {}, a: {}}
                graph:
                  out: {blend: {method: dare_linear, base: base, inputs: [{from: a, weight: 1, density: 0.5}]}}
                """
            ]
        ),
        Case(
            testDescription: "a mergekit file",
            recipe: """
                merge_method: slerp
                base_model: @a
                slices:
                - sources:
                  - {model: @a, layer_range: [0, 2]}
                  - {model: @b, layer_range: [0, 2]}
                - sources:
                  - {model: @a, layer_range: [1, 4]}
                  - {model: @b, layer_range: [1, 4]}
                parameters:
                  t:
                  - {filter: self_attn, value: [0, 0.5, 1]}
                  - {filter: mlp, value: [1, 0]}
                  - value: 0.25
                dtype: float16
                """
        ),
    ]

    @Test("have the same plan, and are flat already", arguments: cases)
    func samePlan(example: Case) throws {
        try Bench.with(others: example.others) { bench in
            var options = PlanningOptions()
            options.parameters = example.parameters
            let text = try bench.settle(example.recipe)
            var planner = try bench.planner(text, options: options)
            let flat = planner.flatten()
            let graph = try #require(flat.graph, "\(DiagnosticRenderer().render(flat.diagnostics))")
            let flatText = RecipePrinter.print(graph)

            let original = try bench.planning(text, options: options)
            let again = try bench.planning(flatText)
            #expect(original.plan != nil, "\(original.drawn)")
            // Places and the recipe's own text differ; all that is written but them must not.
            #expect(again.plan?.tensors == original.plan?.tensors, "\(again.drawn)\n\(flatText)")
            again.expectPage(original.page)
            #expect(again.plan?.companions == original.plan?.companions)
            #expect(again.plan?.settings == original.plan?.settings)
            #expect(
                again.config("num_hidden_layers", "torch_dtype") == original.config("num_hidden_layers", "torch_dtype")
            )

            var second = try bench.planner(flatText)
            let flatter = try #require(second.flatten().graph)
            #expect(RecipePrinter.print(flatter) == flatText)
        }
    }

    @Test("write slices, imports and loops out")
    func written() throws {
        try Bench.with(others: ["./overlap.yml": UseTests.overlap]) { bench in
            let text = try bench.settle(
                """
                slicegraph: 1
                imports: {dus: ./overlap.yml}
                inputs: {m: @m}
                graph:
                  up: {use: {recipe: dus, inputs: {base: m}, params: {damp: 0.5}}}
                  out: {stack: [{foreach: {i: "0:2"}, do: ["up[2 * i:-1]"]}]}
                """
            )
            var planner = try bench.planner(text)
            let graph = try #require(planner.flatten().graph)
            #expect(graph.nodes.map(\.name.value) == ["dus_lower", "dus_upper", "dus_out", "up", "out"])
            let printed = RecipePrinter.print(graph)
            #expect(!printed.contains("imports"))
            #expect(!printed.contains("foreach"))
            #expect(!printed.contains("${"))
            #expect(printed.contains("up[0:5]"), "\(printed)")
            #expect(printed.contains("up[2:5]"), "\(printed)")
        }
    }
}
