import SutureDiagnostics
import SuturePlanning
import SutureTestSupport
import Testing

/// What is said of names, parameters and expressions that stand for nothing, or for the wrong thing.
@Suite("Messages about names and values")
struct NameDiagnosticTests {
    @Test(
        "of inputs and nodes",
        arguments: [
            MarkedPlan(
                "unknown-name",
                "slicegraph: 1\ninputs: {base: @m}\ngraph: {out: {stack: [base, \"«bse»[0:2]\"]}}",
                message: "'bse'",
                fix: "did you mean 'base'?"
            ),
            MarkedPlan(
                "unknown-input",
                "slicegraph: 1\ninputs: {base: @m}\ngraph: {out: {slice: base}}\noutput: {config: «bas»}",
                message: "'bas'",
                fix: "did you mean 'base'?"
            ),
            MarkedPlan(
                "unknown-input",
                "slicegraph: 1\ninputs: {base: @m}\ngraph: {out: {slice: base}}",
                message: "the recipe has no input 'bass'",
                fix: "did you mean 'base'?",
                inputs: ["bass": "@m"]
            ),
            MarkedPlan(
                "unbound-input",
                "slicegraph: 1\ninputs: {«base»: {}}\ngraph: {out: {slice: base}}",
                message: "input 'base' is left to the caller",
                fix: "--input base="
            ),
            MarkedPlan(
                "missing-output-node",
                "slicegraph: 1\ninputs: {base: @m}\n«graph»: {result: {slice: base}}",
                message: "'graph' has no such node",
                fix: "call 'result' 'out'"
            ),
            MarkedPlan(
                "missing-output-node",
                "slicegraph: 1\ninputs: {base: @m}\ngraph: {out: {slice: base}}\noutput: {node: «outt»}",
                message: "'outt'",
                fix: "did you mean 'out'?"
            ),
            MarkedPlan(
                "duplicate-model",
                "slicegraph: 1\ninputs: {a: @m, b: «@m»}\ngraph: {out: {stack: [a, b]}}",
                .warning,
                message: "inputs 'b' and 'a' are the same model",
                fix: "one name is enough"
            ),
        ]
    )
    func names(example: MarkedPlan) throws { try example.check() }

    static func parameter(_ declaration: String) -> String {
        """
        slicegraph: 1
        inputs: {m: @m}
        params: {\(declaration)}
        graph:
          out: {stack: [{from: "m[0]", repeat: "${k}"}, m]}
        """
    }

    @Test(
        "of parameters",
        arguments: [
            MarkedPlan(
                "missing-parameter",
                parameter("«k»: {type: int}"),
                message: "parameter 'k' has no default and was not given",
                fix: "--param k=…",
                also: ["bad-expression"]
            ),
            MarkedPlan(
                "parameter-out-of-bounds",
                parameter("k: {type: int, default: «9», max: \"${m.layers}\"}"),
                message: "parameter 'k' is 9, but must be at most 4",
                fix: "use 4"
            ),
            MarkedPlan(
                "parameter-out-of-bounds",
                parameter("«k»: {type: int, default: 2, min: 1}"),
                message: "parameter 'k' is 0, but must be at least 1",
                fix: "use 1",
                also: ["bad-repeat"],
                parameters: ["k": "0"]
            ),
            MarkedPlan(
                "wrong-parameter-type",
                parameter("k: {type: int, default: 2}"),
                message: "parameter 'k' is of type int, but was given 'two'",
                fix: "give a value of type int",
                parameters: ["k": "two"]
            ),
            MarkedPlan(
                "wrong-parameter-type",
                parameter("k: {type: curve, default: 2}"),
                message: "parameter 'k' is of type curve, but was given '[1, 2'",
                fix: "--param k='[0, 0.5, 1]'",
                parameters: ["k": "[1, 2"]
            ),
            MarkedPlan(
                "wrong-parameter-type",
                parameter("k: {type: int, default: «\"${m.layers / 3}\"»}"),
                message: "parameter 'k' is of type int, but was given",
                fix: "give a value of type int",
                also: ["not-an-integer"]
            ),
            MarkedPlan(
                "unknown-parameter",
                parameter("k: {type: int, default: 2}"),
                message: "the recipe has no parameter 'kk'",
                fix: "did you mean 'k'?",
                parameters: ["kk": "2"]
            ),
            MarkedPlan(
                "not-a-choice",
                """
                slicegraph: 1
                inputs: {a: @a, b: @b}
                params: {«how»: {type: enum, choices: [slerp, lerp], default: slerp}}
                graph: {out: {blend: {method: "${how}", inputs: [a, b], params: {t: 0.5}}}}
                """,
                message: "parameter 'how' cannot be 'slrp'",
                fix: "did you mean 'slerp'?",
                also: ["unknown-merge-method"],
                parameters: ["how": "slrp"]
            ),
        ]
    )
    func parameters(example: MarkedPlan) throws { try example.check() }

    static func value(_ expression: String) -> String {
        """
        slicegraph: 1
        inputs: {m: @m}
        graph:
          part: {slice: "m[1:3]"}
          out: {stack: [{from: part, repeat: \(expression)}, m]}
        """
    }

    @Test(
        "of expressions",
        arguments: [
            MarkedPlan(
                "bad-expression",
                value("«\"${8 // (m.layers - 4)}\"»"),
                message: "it divides by zero",
                fix: "never 0"
            ),
            MarkedPlan(
                "bad-expression",
                value("«\"${8 % (m.layers - 4)}\"»"),
                message: "it divides by zero",
                fix: "never 0"
            ),
            MarkedPlan(
                "bad-expression",
                value("«\"${sqrt(1 - m.layers)}\"»"),
                message: "has no square root",
                fix: "check what the names"
            ),
            MarkedPlan(
                "bad-expression",
                value("«\"${m.experts}\"»"),
                message: "nothing is called 'm.experts'",
                fix: "layers, hidden"
            ),
            MarkedPlan(
                "bad-expression",
                value("«\"${m.layers * 9000000000000000000}\"»"),
                message: "the result of '*' is too large",
                fix: "smaller numbers"
            ),
            MarkedPlan(
                "not-an-integer",
                value("«\"${m.layers / 3}\"»"),
                message: "stands where a whole number is needed",
                fix: "round"
            ),
        ]
    )
    func expressions(example: MarkedPlan) throws { try example.check() }

    static let inner = """
        slicegraph: 1
        inputs: {base: {}}
        params: {keep: {type: int, default: 2, max: 3}}
        graph:
          lower: {slice: "base[0:keep]"}
          out: {stack: [lower, base]}
        """

    static func use(_ use: String) -> String {
        """
        slicegraph: 1
        imports: {dus: ./dus.yml}
        inputs: {m: @m}
        graph:
          whole: {slice: m}
          used: {use: \(use)}
          out: {stack: [used, whole]}
        """
    }

    @Test(
        "of imported recipes",
        arguments: [
            MarkedPlan(
                "unbound-input",
                use("{recipe: «dus»}"),
                message: "recipe 'dus' needs input 'base'",
                fix: "add 'inputs: {base: …}'",
                others: ["./dus.yml": inner]
            ),
            MarkedPlan(
                "unknown-input",
                use("{recipe: dus, inputs: {base: m, «bose»: m}}"),
                message: "recipe 'dus' has no input 'bose'",
                fix: "did you mean 'base'?",
                others: ["./dus.yml": inner]
            ),
            MarkedPlan(
                "unknown-param",
                use("{recipe: dus, inputs: {base: m}, params: {«kep»: 2}}"),
                message: "recipe 'dus' has no param 'kep'",
                fix: "did you mean 'keep'?",
                others: ["./dus.yml": inner]
            ),
            MarkedPlan(
                "unknown-node",
                use("{recipe: dus, node: «lowr», inputs: {base: m}}"),
                message: "recipe 'dus' has no node 'lowr'",
                fix: "did you mean 'lower'?",
                others: ["./dus.yml": inner]
            ),
            MarkedPlan(
                "parameter-out-of-bounds",
                use("{recipe: dus, inputs: {base: m}, params: {keep: «4»}}"),
                message: "parameter 'keep' is 4, but must be at most 3",
                fix: "use 3",
                others: ["./dus.yml": inner]
            ),
            MarkedPlan(
                "range-outside",
                use("{recipe: dus, inputs: {base: m}}"),
                message: "range end 5 is past the 4 layers of 'base'",
                others: ["./dus.yml": inner.replacing("base[0:keep]", with: "base[0:«5»]")]
            ),
            MarkedPlan(
                "caller-outside-override",
                "slicegraph: 1\ninputs: {m: @m}\ngraph: {out: {slice: \"«caller.m»\"}}",
                message: "'caller.m' speaks of a caller",
                fix: "give the recipe an input for it"
            ),
        ]
    )
    func imports(example: MarkedPlan) throws { try example.check() }

    @Test("of recipes that use each other more often than anybody means")
    func tooManyUses() throws {
        var documents = ["slicegraph: 1\nname: level0\ninputs: {m: {}}\ngraph: {out: {slice: m}}"]
        for level in 1...11 {
            documents.append(
                """
                slicegraph: 1
                name: level\(level)
                imports: {below: "#level\(level - 1)"}
                inputs: {m: \(level == 11 ? "@m" : "{}")}
                graph:
                  a: {use: {recipe: below, inputs: {m: m}}}
                  b: {use: {recipe: below, inputs: {m: m}}}
                  out: {stack: [a, b]}
                """
            )
        }
        let planning = try planning(documents.joined(separator: "\n---\n"))
        #expect(planning.plan == nil)
        #expect(!planning.diagnostics.isEmpty)
        #expect(planning.codes.contains { $0.hasPrefix("too-") }, "\(planning.codes)")
    }

    @Test(
        "of nodes made from themselves",
        arguments: [
            "  out: {slice: out}",
            "  a: {slice: out}\n  out: {stack: [m, a]}",
            "  a: {splice: {onto: m, take: [{where: attn.*, from: b}]}}\n  b: {edit: {from: a, scale: {attn.o: 2}}}\n"
                + "  out: {slice: b}",
        ]
    )
    func cycles(graph: String) throws {
        let planning = try planning("slicegraph: 1\ninputs: {m: @m}\ngraph:\n\(graph)")
        #expect(planning.plan == nil)
        let cycle = try #require(planning.diagnostics.first { $0.code.contains("cycle") }, "\(planning.drawn)")
        #expect(cycle.message.contains("->") || cycle.message.contains("itself"))
        #expect(cycle.range != nil)
    }
}
