import SutureMergekit
import SutureMerging
import SuturePlanning
import SutureTensors
import SutureTestSupport
import Testing

/// What is written beside the layers: ends, config, tokenizer, dtypes, shards.
@Suite("Output settings")
struct OutputTests {
    @Test("name the donors of ends, config and tokenizer one by one")
    func donors() throws {
        let planning = try planning(
            """
            slicegraph: 1
            inputs: {a: @a, b: @b, c: @c, d: @d, e: @e}
            graph:
              tail: {slice: "d[3:]"}
              out: {stack: ["a[0:2]", "b[2:4]"]}
            output:
              ends: {embed: c, norm: tail, head: a}
              config: e
              tokenizer: c
            """
        )
        planning.expectPage(
            """
            0-1 a[0:2] | 2-3 b[2:4]
            embed c, norm d, head a, config e, tokenizer c
            39 BF16
            model.embed_tokens = c
            0-1  a[0:2]
            2-3  b[2:4]
            model.norm = d
            lm_head = a
            """
        )
        #expect(
            planning.plan?.donors.map(\.reason) == Array(repeating: "the recipe's word", count: 5)
        )
    }

    @Test("say by which rule donors were chosen where the recipe does not name them")
    func rules() throws {
        let planning = try planning(
            """
            slicegraph: 1
            inputs: {a: @a, b: @b}
            graph: {out: {stack: ["a[0:2]", "b[2:4]"]}}
            """
        )
        #expect(
            planning.plan?.donors.map(\.reason) == [
                "owner of the first layer", "owner of the last layer", "owner of the last layer",
                "owner of the first layer", "owner of the embedding",
            ]
        )
    }

    @Test("write a node of another name")
    func node() throws {
        let planning = try planning(
            """
            slicegraph: 1
            inputs: {a: @a}
            graph:
              first: {slice: "a[0:2]"}
              second: {slice: "first[0]"}
            output: {node: second}
            """
        )
        #expect(planning.plan?.stack.runs.map(\.label) == ["a[0]"], "\(planning.drawn)")
    }

    @Test("store every weight in the dtype that is asked for; what has it already is copied")
    func dtype() throws {
        let planning = try planning(
            """
            slicegraph: 1
            inputs: {a: @a, b: @b}
            graph: {out: {stack: ["a[0:2]", "b[2:4]"]}}
            output: {dtype: float16}
            """,
            models: ["b": .llama(layers: 4, dtype: .float16)]
        )
        planning.expectPage(
            """
            0-1 a[0:2] | 2-3 b[2:4]
            embed a, norm b, head b, config a, tokenizer a
            39 F16
            model.embed_tokens = a as F16
            0-1  a[0:2] as F16
            2-3  b[2:4]
            model.norm = b
            lm_head = b
            """
        )
        #expect(planning.config("torch_dtype") == #"torch_dtype "float16""#)
        #expect(!planning.codes.contains("mixed-dtypes"))
    }

    @Test("keep each layer's own dtype, with a warning, where none is asked for")
    func mixed() throws {
        let planning = try planning(
            """
            slicegraph: 1
            inputs: {a: @a, b: @b}
            graph: {out: {stack: ["a[0:2]", "b[2:4]"]}}
            """,
            models: ["b": .llama(layers: 4, dtype: .float32)]
        )
        planning.expectPage(
            """
            0-1 a[0:2] | 2-3 b[2:4]
            embed a, norm b, head b, config a, tokenizer a
            19 BF16, 20 F32
            model.embed_tokens = a
            0-1  a[0:2]
            2-3  b[2:4]
            model.norm = b
            lm_head = b
            """
        )
        #expect(planning.isAllCopied)
        #expect(planning.codes.contains("mixed-dtypes"))
    }

    @Test("store a blend of several dtypes in the widest of them, and of two 16-bit kinds in float32")
    func blendOfDTypes() throws {
        let planning = try planning(
            """
            slicegraph: 1
            inputs: {bf: @a, half: @b, single: @c}
            graph:
              narrow: {blend: {method: slerp, inputs: ["bf[0]", "half[0]"], params: {t: 0.5}}}
              wide: {blend: {method: slerp, inputs: ["bf[1:3]", "single[1:3]"], params: {t: 0.5}}}
              out: {stack: [narrow, wide, "bf[3]"]}
            output: {ends: {embed: bf}}
            """,
            models: ["b": .llama(layers: 4, dtype: .float16), "c": .llama(layers: 4, dtype: .float32)]
        )
        planning.expectPage(
            """
            0 slerp(bf[0], half[0]) | 1-2 slerp(bf[1:3], single[1:3]) | 3 bf[3]
            embed bf, norm bf, head bf, config bf, tokenizer bf
            12 BF16, 27 F32
            model.embed_tokens = bf
            0  slerp(bf[0], half[0], t 0.5)
            1-2  slerp(bf[1:3], single[1:3], t 0.5)
            3  bf[3]
            model.norm = bf
            lm_head = bf
            """
        )
    }

    @Test("leave out what 'drop' names, and say so in the accounts")
    func drop() throws {
        var model = TinyCheckpoint.llama(layers: 2)
        for layer in 0..<2 {
            model.tensors.append(("model.layers.\(layer).self_attn.rotary_emb.inv_freq", .float32, [2]))
        }
        let planning = try planning(
            """
            slicegraph: 1
            inputs: {m: @m}
            graph: {out: {slice: m}}
            output: {drop: ["*.rotary_emb.inv_freq", "lm_head.*"], accept: [missing-tensors]}
            """,
            models: ["m": model]
        )
        #expect(planning.plan?.tensors.contains { $0.spec.name.contains("inv_freq") } == false, "\(planning.drawn)")
        #expect(planning.accounts == ["m: 20 used, 3 dropped by the recipe"])
    }

    @Test("deal tensors to shards of the size that is asked for, in order, none larger unless one tensor is")
    func shards() throws {
        let planning = try planning(
            """
            slicegraph: 1
            inputs: {m: @m}
            graph: {out: {slice: m}}
            output: {shard_size: 1KB}
            """
        )
        let plan = try #require(planning.plan)
        #expect(plan.shards.count > 1)
        #expect(plan.shards.map(\.tensors.lowerBound) == [0] + plan.shards.dropLast().map(\.tensors.upperBound))
        #expect(plan.shards.last?.tensors.upperBound == plan.tensors.count)
        for (number, shard) in plan.shards.enumerated() {
            let tensors = plan.tensors[shard.tensors]
            let bytes = tensors.reduce(0) { $0 + $1.spec.byteCount }
            #expect(bytes <= 1000 || tensors.count == 1)
            #expect(tensors.allSatisfy { $0.shard == number })
            #expect(shard.byteCount == shard.dataStart + bytes)
            var next = shard.dataStart
            for tensor in tensors {
                #expect(tensor.offset == next)
                next += tensor.spec.byteCount
            }
            let count = String(plan.shards.count)
            let total = String(repeating: "0", count: 5 - count.count) + count
            let own = String(number + 1)
            let place = String(repeating: "0", count: 5 - own.count) + own
            #expect(shard.name == "model-\(place)-of-\(total).safetensors")
        }
        #expect(plan.documents.map(\.name).contains("model.safetensors.index.json"))
    }

    @Test("write one file, and no index, where all fits")
    func oneFile() throws {
        let planning = try planning(
            """
            slicegraph: 1
            inputs: {m: @m}
            graph: {out: {slice: m}}
            """,
            models: ["m": .llama(layers: 4, shards: 3)]
        )
        #expect(planning.plan?.shards.map(\.name) == ["model.safetensors"])
        #expect(
            planning.plan?.documents.map(\.name) == ["config.json", "recipe.yml", "README.md"]
        )
    }

    @Test("copy the tokenizer's files from its donor and all others from the config's")
    func companions() throws {
        var a = TinyCheckpoint.llama(layers: 2)
        a.companions = [
            ("tokenizer.json", "{\"a\": 1}"), ("generation_config.json", "{}"), ("chat_template.jinja", "a"),
            ("modeling_x.py", "pass\n"), ("README.md", "# a\n"),
        ]
        var b = TinyCheckpoint.llama(layers: 2, seed: 1)
        b.companions = [
            ("tokenizer.json", "{\"b\": 1}"), ("tokenizer_config.json", "{}"), ("generation_config.json", "{ }"),
        ]
        let planning = try planning(
            """
            slicegraph: 1
            inputs: {a: @a, b: @b}
            graph: {out: {stack: ["a[0]", "b[1]"]}}
            output: {tokenizer: b, ends: {embed: b}}
            """,
            models: ["a": a, "b": b]
        )
        let files = (planning.plan?.companions ?? []).map { companion in
            let parts = companion.path.split(separator: "/")
            return "\(companion.name) of \(parts[parts.count - 2])"
        }
        #expect(
            files == [
                "generation_config.json of a", "modeling_x.py of a", "tokenizer.json of b",
                "tokenizer_config.json of b",
            ],
            "\(planning.drawn)"
        )
    }

    @Test("round every node where stages are rounded, and never otherwise")
    func roundStages() throws {
        let recipe = """
            slicegraph: 1
            inputs: {a: @a, b: @b, c: @c}
            graph:
              ab: {blend: {method: slerp, inputs: ["a[0]", "b[0]"], params: {t: 0.5}}}
              out: {blend: {method: slerp, inputs: [ab, "c[0]"], params: {t: 0.25}}}
            """
        #expect(
            try planning(recipe).page.contains("\n0  slerp(slerp(a[0], b[0], t 0.5), c[0], t 0.25)\n")
        )
        #expect(
            try planning(recipe + "\noutput: {round_stages: true}").page
                .contains("\n0  round(slerp(round(slerp(a[0], b[0], t 0.5), BF16), c[0], t 0.25), BF16)\n")
        )
    }

    @Test("scale in the stored dtype where a release of mergekit is followed and a file gives 'out_dtype' alone")
    func scaledSteps() throws {
        let recipe = """
            merge_method: passthrough
            out_dtype: float32
            slices:
              - sources:
                  - model: @a
                    layer_range: [0, 4]
                    parameters: {scale: [{filter: o_proj, value: 0.7}, {value: 1.0}]}
            """
        for (release, isRounded) in [(nil, false), (Mergekit.newest, true)] as [(MergeRelease?, Bool)] {
            var options = PlanningOptions()
            options.compatibility = release
            let planning = try planning(recipe, options: options)
            let scaled = try #require(planning.plan?.tensors.first { $0.spec.name.hasSuffix("o_proj.weight") })
            #expect(scaled.spec.dtype == .float32)
            if case .rounded(.scaled, to: .bfloat16) = scaled.expression {
                #expect(isRounded)
            } else {
                #expect(!isRounded, "\(scaled.expression)")
            }
        }
    }
}
