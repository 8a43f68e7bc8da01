import SutureCheckpoints
import SutureDiagnostics
import SutureJSON
import SuturePlanning
import SutureTensors
import SutureTestSupport
import Testing

/// Nothing vanishes: every tensor of every source has a fate, and the fates add up.
@Suite("Conservation")
struct ConservationTests {
    /// A graph over `a` and `b`, each a llama of four layers: 39 tensors.
    static let graphs = [
        "out: {slice: a}",
        "out: {slice: \"a[1:3]\"}",
        "out: {slice: \"a[1, 1, 1]\"}",
        "out: {stack: [\"a[0:2]\", \"b[2:4]\"]}",
        "out: {stack: [{from: a, repeat: 3}, {from: b, reverse: true}]}",
        "out: {splice: {onto: b, take: [{where: attn.*, from: a}]}}",
        "out: {splice: {onto: \"b[0:2]\", take: [{where: [mlp.*, norm.*], from: \"a[2:4]\"}]}}",
        "out: {blend: {method: slerp, inputs: [a, b], params: {t: [{where: mlp.*, value: 0}, {value: 0.5}]}}}",
        "out: {blend: {method: linear, inputs: [{from: a, weight: 0}, {from: b, weight: 1}]}}",
        "out: {expand: {from: a, every: 2, insert: {set: {attn.o: 0}}}}",
        "out: {edit: {from: a, set: {\"*\": 0}}}",
        "out: {stack: [{from: \"a[0]\", set: {\"*\": 0}}, b]}",
    ]

    @Test("accounts for every tensor of every source once", arguments: graphs)
    func sums(graph: String) throws {
        for output in [
            "{}", "{drop: [\"*.down_proj.weight\"], accept: [missing-tensors]}", "{ends: {embed: b, norm: b, head: b}}",
        ] {
            let planning = try planning(
                """
                slicegraph: 1
                inputs: {a: @a, b: @b}
                graph:
                  \(graph)
                output: \(output)
                """
            )
            let plan = try #require(planning.plan, "\(planning.drawn)")
            for source in plan.sources {
                let accounts = plan.accounts.filter { $0.source == source.name }
                #expect(accounts.reduce(0) { $0 + $1.tensorCount } == 39)
                // Embedding and head of 32 x 8, a final norm of 8, layers of 592 numbers; two bytes each.
                let bytes = 2 * (2 * 256 + 8 + 4 * 592)
                #expect(accounts.reduce(0) { $0 + $1.byteCount } == bytes)
                #expect(Set(accounts.map(\.fate)).count == accounts.count)
            }
            var used: [Set<String>] = plan.sources.map { _ in [] }
            for tensor in plan.tensors {
                for leaf in tensor.expression.leaves { used[leaf.source].insert(leaf.spec.name) }
            }
            for (source, names) in zip(plan.sources, used) {
                let account = plan.accounts.first { $0.source == source.name && $0.fate == "used" }
                #expect(account?.tensorCount ?? 0 == names.count)
            }
        }
    }

    @Test("tells what lies outside the ranges, what is replaced, and what another model gives")
    func fates() throws {
        let planning = try planning(
            """
            slicegraph: 1
            inputs: {a: @a, b: @b}
            graph:
              mixed: {splice: {onto: "b[0:2]", take: [{where: mlp.*, from: "a[0:2]"}]}}
              out: {stack: ["a[0:3]", mixed]}
            output: {drop: ["model.layers.0.*norm.weight"], accept: [missing-tensors]}
            """
        )
        #expect(
            planning.accounts == [
                "a: 26 used, 9 outside the ranges, 2 dropped by the recipe, 2 another model's is written",
                "b: 14 used, 6 replaced, 18 outside the ranges, 1 another model's is written",
            ],
            "\(planning.drawn)"
        )
    }

    /// A llama of three layers with a draft layer behind them, and a table that no rule knows.
    static var drafting: TinyCheckpoint {
        var model = TinyCheckpoint.llama(layers: 4)
        model.config["num_hidden_layers"] = 3
        model.config["num_nextn_predict_layers"] = 1
        model.tensors.append(("model.unheard_of.table", .float32, [4, 4]))
        return model
    }

    @Test("carries all that the config's donor has, draft layers too, while its layers stay")
    func extras() throws {
        let planning = try planning(
            """
            slicegraph: 1
            inputs: {m: @m}
            graph: {out: {slice: m}}
            """,
            models: ["m": Self.drafting]
        )
        #expect(planning.plan?.stack.layerCount == 3, "\(planning.drawn)")
        #expect(planning.accounts == ["m: 40 used"])
        #expect(planning.config("num_nextn_predict_layers") == "num_nextn_predict_layers 1")
        #expect(planning.page.contains("model.unheard_of.table = m"))
        #expect(planning.isAllCopied)
    }

    @Test("leaves draft layers behind where the layers before them change, and says so")
    func drafts() throws {
        let planning = try planning(
            """
            slicegraph: 1
            inputs: {m: @m}
            graph: {out: {slice: "m[0, 1, 1, 2]"}}
            """,
            models: ["m": Self.drafting]
        )
        #expect(planning.accounts == ["m: 31 used, 9 draft layers left behind"], "\(planning.drawn)")
        #expect(planning.config("num_nextn_predict_layers") == "num_nextn_predict_layers 0")
        #expect(planning.codes.contains("drafts-dropped"))
    }

    @Test(
        "stops at a tensor of another model that nothing speaks of",
        arguments: [
            ("{}", Severity.error), ("{drop: [\"model.unheard_of.*\"]}", nil),
            ("{accept: [unaccounted]}", Severity.note),
        ]
    )
    func othersRest(output: String, expected: Severity?) throws {
        var model = TinyCheckpoint.llama(layers: 4, seed: 5)
        model.tensors.append(("model.unheard_of.table", .float32, [4, 4]))
        model.tensors.append(("model.rotary_emb.inv_freq", .float32, [4]))
        let planning = try planning(
            """
            slicegraph: 1
            inputs: {a: @a, b: @b}
            graph: {out: {stack: ["a[0:2]", "b[2:4]"]}}
            output: \(output)
            """,
            models: ["b": model]
        )
        let found = planning.diagnostics.first { $0.code == "unaccounted" }
        #expect(found?.severity == expected, "\(planning.drawn)")
        if expected == .error {
            #expect(found?.message.contains("'model.unheard_of.table' of 'b' (64 bytes) would vanish") == true)
        } else {
            let fate = expected == nil ? "1 dropped by the recipe" : "1 unaccounted for"
            #expect(planning.accounts.last?.contains(fate) == true, "\(planning.accounts)")
            #expect(planning.accounts.last?.contains("1 buffers that are made anew") == true)
        }
    }

    typealias Severity = Diagnostic.Severity
}
