import SutureDiagnostics
import Testing

/// A recipe around a graph.
private func graph(_ nodes: String, inputs: String = "{base: o/m, math: o/n}", more: String = "") -> String {
    "slicegraph: 1\ninputs: \(inputs)\n\(more)graph:\n" + nodes.split(separator: "\n").map { "  \($0)\n" }.joined()
}

private let used = "\nx: {stack: [base, math]}"

@Suite("What is wrong with a native recipe")
struct NativeDiagnosticsTests {
    static let keys: [MarkedRecipe] = [
        MarkedRecipe("unknown-version", "slicegraph: «2»\ninputs: {a: x}\ngraph: {out: {slice: a}}", replacement: "1"),
        MarkedRecipe(
            "unknown-key",
            "slicegraph: 1\n«gaph»: {}\ninputs: {a: x}\ngraph: {out: {slice: a}}",
            fix: "graph"
        ),
        MarkedRecipe(
            "unknown-key",
            "slicegraph: 1\n«dtype»: float16\ninputs: {a: x}\ngraph: {out: {slice: a}}",
            fix: "belongs in 'output'"
        ),
        MarkedRecipe("unknown-key", graph("out: {stack: [{from: base, «repaet»: 2}]}"), fix: "repeat"),
        MarkedRecipe("unknown-key", graph("out: {stack: [{«form»: base}]}"), replacement: "from"),
        MarkedRecipe(
            "unknown-choice",
            graph("out: {slice: base}", more: "params: {k: {type: «integer»}}\n"),
            replacement: "int"
        ),
        MarkedRecipe("missing-key", "«»slicegraph: 1\ninputs: {a: x}", fix: "graph"),
        MarkedRecipe("missing-key", graph("out: {splice: «»{onto: base}}"), fix: "take"),
        MarkedRecipe(
            "duplicate-key",
            "slicegraph: 1\nname: a\n«name»: b\ninputs: {a: x}\ngraph: {out: {slice: a}}",
            fix: "keep one"
        ),
        MarkedRecipe("duplicate-key", graph("out: {slice: base}\n«out»: {slice: math}"), fix: "keep one"),
        MarkedRecipe("empty-value", graph("out: {slice: base}", more: "«params»:\n"), .warning, fix: "leave it out"),
        MarkedRecipe("bad-name", graph("out: {slice: \"2nd\"}", inputs: "{«2nd»: o/m}"), replacement: "_2nd"),
        MarkedRecipe("bad-name", graph("out: {slice: base}", more: "params: {«my-keep»: 3}\n"), replacement: "my_keep"),
        MarkedRecipe("duplicate-name", graph("«base»: {slice: math}\nout: {slice: base}"), fix: "another name"),
        MarkedRecipe(
            "duplicate-name",
            graph("out: {slice: base}", more: "params: {n: 1}\nlet: {«n»: 2}\n"),
            fix: "another name"
        ),
        MarkedRecipe("missing-output-node", "slicegraph: 1\ninputs: {a: x}\n«graph»: {main: {slice: a}}", fix: "'out'"),
        MarkedRecipe(
            "missing-output-node",
            graph("main: {slice: base}", more: "output: {node: «mian»}\n"),
            replacement: "main"
        ),
        MarkedRecipe("no-recipe", "«»a: 1", fix: "recipe new"),
        MarkedRecipe("no-recipe", "«»slice_graph: 1", fix: "slicegraph"),
        MarkedRecipe("no-recipe", "«»[1, 2]"),
        MarkedRecipe("no-recipe", "base_model: o/m\n«experts»: []"),
        MarkedRecipe("empty-recipe", "# nothing"),
        MarkedRecipe("mixed-dialects", "slicegraph: 1\n---\n«»merge_method: linear\n"),
    ]

    static let types: [MarkedRecipe] = [
        MarkedRecipe("wrong-type", "slicegraph: 1\ninputs: «[a, b]»\ngraph: {out: {slice: a}}"),
        MarkedRecipe("wrong-type", graph("out: {stack: [{from: base, repeat: «often»}]}")),
        MarkedRecipe("wrong-type", graph("out: {stack: [{from: base, repeat: «2.5»}]}")),
        MarkedRecipe("wrong-type", graph("out: {stack: [{from: base, repeat: «010»}]}"), replacement: "10"),
        MarkedRecipe("wrong-type", graph("out: {stack: [{from: base, reverse: «yes»}]}"), replacement: "true"),
        MarkedRecipe(
            "wrong-type",
            graph("out: {stack: [{from: base, repeat: «keep»}]}", more: "params: {keep: 2}\n"),
            replacement: "\"${keep}\""
        ),
        MarkedRecipe("wrong-type", graph("out: {stack: [{from: base, repeat: «\"${1}x\"»}]}")),
        MarkedRecipe(
            "wrong-type",
            graph("out: {stack: [{from: base, repeat: «1/0»}]}"),
            fix: "a whole number, such as"
        ),
        MarkedRecipe(
            "wrong-type",
            graph("out: {stack: [{from: base, scale: {attn.o: «.nan»}}]}"),
            fix: "finite number"
        ),
        MarkedRecipe(
            "wrong-type",
            graph("out: {stack: [{from: base, scale: {attn.o: «-.inf»}}]}"),
            fix: "finite number"
        ),
        MarkedRecipe(
            "wrong-type",
            graph("out: {stack: [{from: base, scale: {attn.o: «1e400»}}]}"),
            fix: "finite number"
        ),
        MarkedRecipe(
            "unknown-dtype",
            graph("out: {slice: base}", more: "output: {dtype: «float4»}\n"),
            fix: "there are: bfloat16"
        ),
        MarkedRecipe("wrong-type", graph("out: {stack: «base»}")),
        MarkedRecipe("wrong-type", graph("out: {stack: «[]»}")),
        MarkedRecipe("too-few", graph("out: {stack: [{from: base, repeat: «0»}]}"), replacement: "1"),
        MarkedRecipe("too-few", graph("out: {stack: [{window: {of: base, size: 4, step: «0»}}]}"), replacement: "1"),
        MarkedRecipe("nested-list", graph("out: {stack: [base, «[0, 4]»]}"), fix: "quotes"),
        MarkedRecipe(
            "unknown-dtype",
            graph("out: {slice: base}", more: "output: {dtype: «bfloat»}\n"),
            replacement: "bfloat16"
        ),
        MarkedRecipe(
            "unknown-dtype",
            graph("out: {slice: base}", more: "output: {dtype: «BF16»}\n"),
            replacement: "bfloat16"
        ),
        MarkedRecipe("unknown-dtype", graph("out: {slice: base}", more: "output: {dtype: «float8»}\n"), fix: "float8_"),
        MarkedRecipe(
            "dtype-not-written",
            graph("out: {slice: base}", more: "output: {dtype: «int8»}\n"),
            fix: "bfloat16"
        ),
        MarkedRecipe(
            "dtype-not-written",
            graph("out: {slice: base}", more: "output: {compute_dtype: «bool»}\n"),
            fix: "bfloat16"
        ),
        MarkedRecipe(
            "dtype-not-loaded",
            graph("out: {slice: base}", more: "output: {dtype: «float8_e4m3fn»}\n"),
            .warning,
            fix: "bfloat16"
        ),
        MarkedRecipe(
            "unknown-key",
            graph("out: {slice: base}", more: "output: {tokenizer: {«sorce»: base}}\n"),
            fix: "source"
        ),
        MarkedRecipe(
            "unknown-input",
            graph("out: {slice: base}", more: "output: {tokenizer: {tokens: {x: {source: «out»}}}}\n"),
            fix: "base"
        ),
        MarkedRecipe("bad-size", graph("out: {slice: base}", more: "output: {shard_size: «big»}\n"), fix: "5GB"),
        MarkedRecipe(
            "unknown-choice",
            graph("out: {expand: {from: base, every: 4, insert: {copy: «prev»}}}"),
            fix: "previous"
        ),
        MarkedRecipe(
            "untyped-param",
            graph("out: {slice: base}", more: "params: {keep: «\"${base.layers}\"»}\n"),
            fix: "type: int"
        ),
        MarkedRecipe(
            "unknown-choice",
            graph("out: {slice: base}", more: "params: {m: {type: enum, default: «c», choices: [aa, bb]}}\n"),
            fix: "aa, bb"
        ),
        MarkedRecipe("missing-key", graph("out: {slice: base}", more: "params: {«m»: {type: enum}}\n"), fix: "choices"),
        MarkedRecipe(
            "choices-without-enum",
            graph("out: {slice: base}", more: "params: {m: {type: int, «choices»: [a]}}\n"),
            fix: "enum"
        ),
        MarkedRecipe(
            "lone-revision",
            graph("out: {slice: base}", inputs: "{base: {revision: «main»}}"),
            fix: "model"
        ),
    ]

    static let names: [MarkedRecipe] = [
        MarkedRecipe("unknown-name", graph("out: {stack: [base, «maht»]}"), replacement: "math"),
        MarkedRecipe("unknown-name", graph("out: {stack: [\"«bsae»[0:4]\"]}"), replacement: "base"),
        MarkedRecipe(
            "unknown-name",
            graph("out:\n  slice: base[0:«keeep»]", more: "params: {keep: 2}\n"),
            replacement: "keep"
        ),
        MarkedRecipe("unknown-name", graph("out: {slice: \"base[0:«base.layer»]\"}"), replacement: "base.layers"),
        MarkedRecipe("unknown-name", graph("out: {slice: \"base[0:«bse.layers»]\"}"), replacement: "base.layers"),
        MarkedRecipe("unknown-name", graph("out: {slice: \"base[0:«base»]\"}")),
        MarkedRecipe("unknown-input", graph("out: {slice: base}", more: "output: {config: «out»}\n"), fix: "base"),
        MarkedRecipe(
            "unknown-merge-method",
            graph("out: {blend: {method: «slrep», inputs: [base, math]}}"),
            replacement: "slerp"
        ),
        MarkedRecipe(
            "unknown-parameter",
            graph("out: {blend: {method: slerp, inputs: [base, math], params: {t: 0.5, «tt»: 1}}}"),
            replacement: "t"
        ),
        MarkedRecipe(
            "unknown-parameter",
            graph("out: {blend: {method: linear, inputs: [{from: base, weight: 1, «wieght»: 1}]}}"),
            replacement: "weight"
        ),
        MarkedRecipe(
            "misplaced-parameter",
            graph("out: {blend: {method: linear, inputs: [{from: base, weight: 1, «normalize»: true}]}}"),
            fix: "params"
        ),
        MarkedRecipe("missing-parameter", graph("out: {blend: {method: «slerp», inputs: [base, math]}}"), fix: "t: …"),
        MarkedRecipe(
            "missing-parameter",
            graph("out: {blend: {method: linear, inputs: [«base», {from: math, weight: 1}]}}"),
            fix: "weight: …"
        ),
        MarkedRecipe(
            "missing-parameter",
            graph("out: {blend: {method: linear, inputs: [{from: «base», weight: }]}}"),
            fix: "weight: …"
        ),
        MarkedRecipe(
            "missing-base",
            graph("out: {blend: {method: «ties», inputs: [base], params: {weight: 1}}}"),
            fix: "base"
        ),
        MarkedRecipe(
            "wrong-type",
            graph("out: {blend: {method: slerp, inputs: [base, math], params: {t: «much»}}}")
        ),
        MarkedRecipe(
            "unknown-role",
            graph("out: {splice: {onto: base, take: [{where: «atn.*», from: math}]}}"),
            replacement: "attn.*"
        ),
        MarkedRecipe(
            "unknown-role",
            graph("out: {splice: {onto: base, take: [{where: «q_proj», from: math}]}}"),
            fix: "{name: \"*q_proj*\"}"
        ),
        MarkedRecipe(
            "unknown-role",
            graph("out:\n  edit:\n    from: base\n    scale: {attn.o: 1, «mlp.dwon»: 0.5}"),
            replacement: "mlp.down"
        ),
        MarkedRecipe(
            "bad-selector",
            graph("out: {splice: {onto: base, take: [{where: [attn.*, {«nto»: attn.o}], from: math}]}}"),
            replacement: "not"
        ),
        MarkedRecipe("caller-outside-override", graph("out: {slice: «caller.x»}"), fix: "input"),
        MarkedRecipe(
            "duplicate-name",
            graph("out: {stack: [{foreach: {«n»: \"0:4\"}, do: [\"base[n]\"]}]}", more: "params: {n: 1}\n"),
            fix: "another name"
        ),
    ]

    static let shapes: [MarkedRecipe] = [
        MarkedRecipe("several-operators", graph("out: «{slice: base, stack: [math]}»"), fix: "node"),
        MarkedRecipe("missing-operator", graph("«out»: {}"), fix: "slice, stack"),
        MarkedRecipe("missing-operator", graph("«out»: {stack: }"), fix: "slice, stack"),
        MarkedRecipe("missing-operator", graph("out: «base[0:4]»"), replacement: "{slice: \"base[0:4]\"}"),
        MarkedRecipe(
            "unquoted-slice",
            graph("out:\n  stack:\n    - «base[n - 1 : n]»"),
            replacement: "\"base[n - 1 : n]\""
        ),
        MarkedRecipe("bad-slice", graph("out: {slice: \"base[0:4«»\"}".replacing("«»\"", "«\"»")), fix: nil),
        MarkedRecipe("bad-slice", graph("out: {slice: \"«o/m»[0:4]\"}")),
        MarkedRecipe("bad-slice", graph("out: {slice: \"base«[]»\"}")),
        MarkedRecipe("bad-slice", graph("out: {slice: \"base[«0-4»]\"}"), fix: "write base[0:4]; 0:4 is layers 0 to 3"),
        MarkedRecipe("bad-slice", graph("out: {slice: \"base[0:4, «4 - 8»]\"}"), fix: "write base[0:4, 4:8]"),
        MarkedRecipe("bad-slice", graph("out: {slice: \"base[«0..4»]\"}"), fix: "write base[0:4]"),
        MarkedRecipe("bad-slice", graph("out: {slice: \"base[«0 to 4»]\"}"), fix: "write base[0:4]"),
        MarkedRecipe("bad-slice", graph("out: {slice: \"base[«0–4»]\"}"), fix: "write base[0:4]"),
        MarkedRecipe("bad-slice", graph("out: {slice: \"base[«0...base.layers»]\"}"), fix: "base[0:base.layers]"),
        MarkedRecipe("bad-slice", graph("out: {slice: \"base[«range(0, 4)»]\"}"), fix: "write base[0:4]"),
        MarkedRecipe("bad-slice", graph("out: {slice: \"base[«4-0»]\"}"), fix: "in their order"),
        MarkedRecipe("bad-slice", graph("out: {slice: \"«base(0:4)»\"}"), fix: "write base[0:4]"),
        MarkedRecipe(
            "bad-selector",
            graph("out: {edit: {from: base, scale: {\"layers[«0-4»].mlp.*\": 0.5}}}"),
            fix: "write layers[0:4].mlp.*"
        ),
        MarkedRecipe(
            "bad-run",
            graph("out: {stack: [{foreach: {i: \"«0-4»\"}, do: [\"base[i]\"]}]}"),
            fix: "write 0:4"
        ),
        MarkedRecipe("pair-of-layers", graph("out: {slice: «\"base[0, 4]\"»}"), .warning, fix: "write base[0:4]"),
        MarkedRecipe("bad-expression", graph("out: {stack: [{from: base, repeat: \"${1 +«}»\"}]}")),
        MarkedRecipe("open-run", graph("out: {stack: [{foreach: {i: «\"0:\"»}, do: [\"base[i]\"]}]}"), fix: "0:4"),
        MarkedRecipe(
            "unequal-lists",
            graph("out: {stack: [{«foreach»: {i: [1, 2], j: [3]}, do: [\"base[i:j]\"]}]}"),
            fix: "as many"
        ),
        MarkedRecipe(
            "list-for-curve",
            graph("out: {blend: {method: slerp, inputs: [base, math], params: {t: «[0, 0.5]»}}}"),
            fix: "curve"
        ),
        MarkedRecipe(
            "list-for-curve",
            graph("out: {blend: {method: linear, inputs: [base, math], params: {weight: «[0.3, 0.7]»}}}"),
            fix: "{from: …, weight: …}"
        ),
        MarkedRecipe(
            "empty-curve",
            graph("out: {blend: {method: slerp, inputs: [base, math], params: {t: {curve: «[]»}}}}"),
            fix: "[0, 1]"
        ),
        MarkedRecipe(
            "unreachable-case",
            graph("out: {edit: {from: base, scale: [{value: 1}, «{where: attn.o, value: 0}»]}}"),
            .warning,
            fix: "last"
        ),
        MarkedRecipe("empty-edit", graph("out: {edit: «{from: base}»}"), .warning, fix: "scale"),
        MarkedRecipe("missing-key", graph("out: {expand: «{from: base}»}"), fix: "every"),
        MarkedRecipe("several-places", graph("out: {expand: {from: base, every: 2, «after»: [1]}}"), fix: "leave one"),
        MarkedRecipe(
            "node-cycle",
            graph("a: {stack: [base, b]}\nb: {slice: math}\nout: {stack: [a, «out»]}"),
            fix: "input"
        ),
        MarkedRecipe("node-cycle", graph("a: {slice: b}\nb: {slice: out}\nout: {stack: [base, math, a]}")),
        MarkedRecipe(
            "unused-node",
            graph("«spare»: {slice: base}\nout: {stack: [base, math]}"),
            .warning,
            fix: "use it"
        ),
        MarkedRecipe(
            "unused-input",
            graph("out: {slice: base}", inputs: "{base: o/m, «math»: o/n}"),
            .warning,
            fix: "use it"
        ),
    ]

    @Test("is said in place, with a fix: keys", arguments: keys)
    func keysAreChecked(recipe: MarkedRecipe) throws { try recipe.check() }

    @Test("is said in place, with a fix: types", arguments: types)
    func typesAreChecked(recipe: MarkedRecipe) throws { try recipe.check() }

    @Test("is said in place, with a fix: names", arguments: names)
    func namesAreChecked(recipe: MarkedRecipe) throws { try recipe.check() }

    @Test("is said in place, with a fix: shapes", arguments: shapes)
    func shapesAreChecked(recipe: MarkedRecipe) throws { try recipe.check() }

    @Test("is said all at once")
    func saysAllAtOnce() {
        let reading = read(
            """
            slicegraph: 1
            nmae: x
            inputs: {a: o/m}
            graph:
              out: {stack: [a, b, {from: c, scale: {atn.o: 1}}]}
            output: {dtype: bf17}
            """
        )
        #expect(
            reading.diagnostics.map(\.code) == [
                "unknown-key", "unknown-name", "unknown-name", "unknown-role", "unknown-dtype",
            ]
        )
    }

    @Test("names the path of a circle")
    func namesTheCircle() {
        let reading = read(graph("a: {slice: b}\nb: {slice: out}\nout: {stack: [base, math, a]}"))
        #expect(reading.diagnostics.map(\.message) == ["nodes need each other in a circle: a -> b -> out -> a"])
    }

    @Test("is not said of what is right: x- keys, anchors, unbound inputs, long and short forms")
    func staysSilent() {
        let reading = read(
            """
            slicegraph: 1
            x-scales: &quiet {attn.o: 0.5, mlp.down: 0.5}
            inputs: {a: {}, b: , c: {model: o/m, revision: main, adapter: o/l, optional: true}}
            params:
              k: 2
              f: 0.5
              on: true
              shape: {curve: [0, 1], over: depth}
              steps: {type: curve, default: [0, 0.5, 1]}
              which: {type: enum, default: slerp, choices: [slerp, linear]}
            let: {n: a.layers, m: "${n - k}", name: "'x'"}
            graph:
              mixed:
                blend: {method: "${which}", inputs: [a, b], params: {t: "${shape}"}}
              out:
                stack:
                  - a[:k]
                  - mixed[k:n - k:1, 0, -2:-1]
                  - a[n - 4]
                  - "a[-1, 3, 4]"
                  - "a[3, 4]"
                  - {from: c, reverse: "${on}", repeat: "${k}", scale: *quiet, set: {"layers[0:2].mlp.*": 0}}
                  - foreach: {i: "0:m:2", j: [1, "${k}"]}
                    do: ["a[i:i + j]", {window: {of: b, size: "${k}", step: 1}}]
                  - {interleave: [a, b], run: 2}
                  - from: a
                    scale:
                      - {where: [attn.*, {not: attn.o}, {name: "*.bias"}], value: "${f}"}
                      - {value: {curve: [1, "${f}"]}}
            output:
              ends: {embed: a, norm: "b[-1]"}
              tokenizer: {source: a}
              drop: "*.inv_freq"
              shard_size: 500MB
              seed: 7
            expect: {parameters: 7B, architecture: LlamaForCausalLM, identity_of: mixed}
            """
        )
        #expect(reading.drawn == "")
        #expect(reading.graph != nil)
    }
}

extension String {
    fileprivate func replacing(_ old: String, _ new: String) -> String {
        guard let start = indices.first(where: { self[$0...].hasPrefix(old) }) else { return self }
        return self[..<start] + new + self[start...].dropFirst(old.count)
    }
}
