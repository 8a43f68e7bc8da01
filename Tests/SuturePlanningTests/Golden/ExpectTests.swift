import SutureDiagnostics
import SuturePlanning
import SutureTensors
import SutureTestSupport
import Testing

/// Promises about the result, and above all that it computes what a source computes.
@Suite("Expectations")
struct ExpectTests {
    /// A graph over `base` and `other`, and whether the result is `base` in other clothes.
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let graph: String
        let output: String

        init(_ description: String, _ graph: String, output: String = "{}") {
            testDescription = description
            self.graph = graph
            self.output = output
        }

        func planning() throws -> Planning {
            try SuturePlanningTests.planning(
                """
                slicegraph: 1
                inputs: {base: @base, other: @other}
                graph:
                \(graph)
                output: \(output)
                expect: {identity_of: base}
                """
            )
        }
    }

    @Test(
        "are proved",
        arguments: [
            Case("the model itself", "  out: {slice: base}"),
            Case("its halves stacked", "  out: {stack: [\"base[0:2]\", \"base[2:4]\"]}"),
            Case(
                "blocks whose output projections are zero",
                "  out: {expand: {from: base, every: 2, insert: {set: {attn.o: 0, mlp.down: 0}}}}"
            ),
            Case(
                "blocks of another model, silenced",
                """
                  silent: {edit: {from: "other[1:3]", set: {attn.o: 0, mlp.down: 0}}}
                  out: {stack: ["base[0:1]", silent, "base[1:4]"]}
                """
            ),
            Case(
                "blocks scaled by zero",
                "  out: {stack: [base, {from: \"base[3]\", scale: {attn.o: 0, mlp.down: 0}}]}",
                output: "{ends: {norm: base, head: base}}"
            ),
            Case(
                "an interpolation at its first end",
                "  out: {blend: {method: slerp, inputs: [base, other], params: {t: 0}}}"
            ),
            Case(
                "the second of two models, all the weight",
                "  out: {blend: {method: linear, inputs: [{from: other, weight: 0}, {from: base, weight: 1}]}}"
            ),
            Case(
                "a model blended with itself",
                "  out: {blend: {method: slerp, inputs: [base, base], params: {t: 0.3}}}"
            ),
            Case(
                "differences from a base of nothing but the base",
                "  out: {blend: {method: task_arithmetic, base: base, inputs: [{from: base, weight: 1}]}}"
            ),
            Case(
                "its own part taken back",
                """
                  mixed: {splice: {onto: base, take: [{where: mlp.*, from: other}]}}
                  out: {splice: {onto: mixed, take: [{where: mlp.*, from: base}]}}
                """
            ),
        ]
    )
    func proved(example: Case) throws {
        let planning = try example.planning()
        #expect(planning.plan != nil, "\(planning.drawn)")
        #expect(!planning.codes.contains("not-an-identity"))
    }

    /// A graph whose result is not `base`, and a part of the reason.
    struct Refuted: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let example: Case
        let reason: String

        init(_ description: String, _ graph: String, output: String = "{}", _ reason: String) {
            testDescription = description
            example = Case(description, graph, output: output)
            self.reason = reason
        }
    }

    @Test(
        "are refuted, with the layer and the reason",
        arguments: [
            Refuted("a layer missing", "  out: {slice: \"base[0:3]\"}", "layer 3 of 'base' is missing"),
            Refuted(
                "layers in another order",
                "  out: {stack: [\"base[1]\", \"base[0]\", \"base[2:4]\"]}",
                "layer 0 is neither layer 0 of 'base' nor neutral (its attn.o is not zero)"
            ),
            Refuted(
                "a layer twice",
                "  out: {stack: [\"base[0:2]\", \"base[1:4]\"]}",
                "layer 2 is neither layer 2 of 'base' nor neutral (its attn.o is not zero)"
            ),
            Refuted(
                "a block that is only half silent",
                "  out: {expand: {from: base, every: 4, insert: {set: {attn.o: 0}}}}",
                "layer 4 is neither layer 4 of 'base' nor neutral (its mlp.down is not zero)"
            ),
            Refuted(
                "a block that is nearly silent",
                "  out: {expand: {from: base, every: 4, insert: {set: {attn.o: 0, mlp.down: 0.0001}}}}",
                "its mlp.down is not zero"
            ),
            Refuted(
                "a scaled layer",
                "  out: {stack: [{from: \"base[0]\", scale: {attn.o: 2}}, \"base[1:4]\"]}",
                "layer 0 is neither layer 0 of 'base' nor neutral (its attn.o is not zero)"
            ),
            Refuted(
                "another model's embedding",
                "  out: {slice: base}",
                output: "{ends: {embed: other}}",
                "its embedding is another"
            ),
            Refuted(
                "another model's final norm",
                "  out: {slice: base}",
                output: "{ends: {norm: other}}",
                "its final norm is another"
            ),
            Refuted(
                "another model's head",
                "  out: {slice: base}",
                output: "{ends: {head: other}}",
                "its head is another"
            ),
            Refuted(
                "an interpolation",
                "  out: {blend: {method: slerp, inputs: [base, other], params: {t: 0.5}}}",
                "layer 0 is neither layer 0 of 'base'"
            ),
        ]
    )
    func refuted(refuted: Refuted) throws {
        let planning = try refuted.example.planning()
        #expect(planning.plan == nil)
        let messages = planning.diagnostics.filter { $0.code == "not-an-identity" }.map(\.message)
        #expect(messages.contains { $0.contains(refuted.reason) }, "\(planning.drawn)")
    }

    @Test(
        "hold where the dtype that is written has every number of the source's",
        arguments: [
            (DType.float32, nil), (.bfloat16, nil), (.float64, nil), (.float16, "BF16 is rounded to F16 in layer 0"),
        ]
    )
    func dtype(dtype: DType, reason: String?) throws {
        let planning = try planning(
            """
            slicegraph: 1
            inputs: {base: @base}
            graph: {out: {slice: base}}
            output: {dtype: \(dtype.recipeNames[0])}
            expect: {identity_of: base}
            """
        )
        #expect((planning.plan != nil) == (reason == nil), "\(planning.drawn)")
        let found = planning.diagnostics.first { $0.code == "not-an-identity" }
        #expect(found?.message == reason.map { "the result does not compute what 'base' computes: \($0)" })
        #expect(reason == nil || found?.fix?.hint == "leave output.dtype out, or the promise")
    }
}
