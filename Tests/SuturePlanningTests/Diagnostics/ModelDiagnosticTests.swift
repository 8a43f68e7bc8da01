import SutureCheckpoints
import SutureDiagnostics
import SutureJSON
import SuturePlanning
import SutureTensors
import SutureTestSupport
import Testing

/// What is said of models that do not go together, or of which something is left out.
@Suite("Messages about models")
struct ModelDiagnosticTests {
    static func llama(seed: Int = 9, _ change: (inout TinyCheckpoint) -> Void) -> TinyCheckpoint {
        var model = TinyCheckpoint.llama(layers: 4, seed: seed)
        change(&model)
        return model
    }

    /// A recipe that stacks two models, with settings below it.
    static func stack(_ a: String, _ b: String, output: String = "{}") -> String {
        """
        slicegraph: 1
        inputs: {a: @a, b: @b}
        graph:
          out:
            stack:
              - \(a)
              - \(b)
        output: \(output)
        """
    }

    @Test(
        "of stacks that end too early",
        arguments: [
            MarkedPlan(
                "last-layers-unused",
                stack("a[0:2]", "«b[0:3]»"),
                .warning,
                message: "layer 3 of 'b' never reach",
                fix: "end at 4 to include layer 3"
            ),
            MarkedPlan(
                "last-layers-unused",
                stack("a[0:2]", "«b[0:2]»"),
                .warning,
                message: "layers 2 to 3 of 'b' never reach the output, which ends on its layer 1",
                fix: "end the stack with layer 3"
            ),
            MarkedPlan(
                "ends-on-middle-layer",
                stack("a[2:4]", "«a[0:2]»"),
                .warning,
                message: "the output ends on layer 1 of the 4 of 'a'",
                fix: "end the stack with layer 3"
            ),
        ]
    )
    func endings(example: MarkedPlan) throws { try example.check() }

    @Test(
        "but not of those that end so on purpose",
        arguments: [
            "graph: {mixed: {blend: {method: linear, inputs: [\"a[0:3]\", \"b[1:4]\"], params: {weight: 1}}}, out: {slice: mixed}}",
            "graph: {out: {splice: {onto: \"a[0:3]\", take: [{where: attn.*, from: \"b[1:4]\"}]}}}",
            "graph: {out: {slice: \"a[0:3]\"}}\noutput: {accept: [last-layers]}",
        ]
    )
    func meantEndings(graph: String) throws {
        let planning = try planning("slicegraph: 1\ninputs: {a: @a, b: @b}\n" + graph)
        #expect(planning.plan != nil)
        let codes = planning.diagnostics.map(\.code)
        #expect(!codes.contains("last-layers-unused") && !codes.contains("ends-on-middle-layer"), "\(planning.drawn)")
    }

    @Test(
        "of shapes that differ",
        arguments: [
            MarkedPlan(
                "layer-shapes-differ",
                stack("a[0:2]", "«b[2:4]»"),
                message: "'self_attn.q_proj.bias' is [8] in 'a' and [9] in 'b'",
                fix: "choose a model of the same size",
                models: [
                    "a": llama { model in
                        for layer in 0..<4 {
                            model.tensors.append(("model.layers.\(layer).self_attn.q_proj.bias", .bfloat16, [8]))
                        }
                    },
                    "b": llama { model in
                        for layer in 0..<4 {
                            model.tensors.append(("model.layers.\(layer).self_attn.q_proj.bias", .bfloat16, [9]))
                        }
                    },
                ]
            ),
            MarkedPlan(
                "hidden-size-differs",
                "slicegraph: 1\ninputs: {a: @a, b: @b}\ngraph: {out: {slice: a}}\noutput: {ends: {norm: «b»}}",
                message: "the final norm of 'b' is 16 wide, the layers of 'a' are 8",
                fix: "hidden size 8",
                models: ["b": .llama(layers: 2, hidden: 16)]
            ),
            MarkedPlan(
                "vocabularies-differ",
                "slicegraph: 1\ninputs: {a: @a, b: @b}\ngraph: {out: {slice: a}}\n"
                    + "output: {ends: {head: «b»}, accept: [vocab_size]}",
                message: "the embedding of 'a' has 32 rows, the head of 'b' has 40",
                fix: "output: {ends: {embed: a, head: a}}",
                models: ["b": .llama(layers: 4, vocabulary: 40)]
            ),
            MarkedPlan(
                "missing-tensors",
                "slicegraph: 1\ninputs: {a: «@a»}\ngraph: {out: {slice: a}}",
                message: "'a' lacks a tensor that other layers of the same kind have: "
                    + "'model.layers.2.mlp.up_proj.weight'",
                fix: "check that the checkpoint is whole",
                models: [
                    "a": llama {
                        $0.config["model_type"] = "unheard_of"
                        $0.tensors.removeAll { $0.name == "model.layers.2.mlp.up_proj.weight" }
                    }
                ]
            ),
        ]
    )
    func shapes(example: MarkedPlan) throws { try example.check() }

    @Test(
        "of how numbers are stored",
        arguments: [
            MarkedPlan(
                "mixed-dtypes",
                stack("a[0:2]", "b[2:4]"),
                .warning,
                message: "BF16 ('a') and F16 ('b')",
                fix: "output: {dtype: bfloat16}",
                models: ["b": .llama(layers: 4, dtype: .float16)]
            ),
            MarkedPlan(
                "cannot-cast-quantized",
                "slicegraph: 1\ninputs: {a: @a}\ngraph: {out: {slice: a}}\noutput: {dtype: «float16»}",
                message: "'a' is quantized, and its packed numbers cannot be written as float16",
                fix: "leave 'dtype' out",
                models: [
                    "a": llama { model in
                        model.config["quantization_config"] = ["quant_method": "gptq", "bits": 4]
                        model.tensors.append(("model.layers.0.mlp.up_proj.qzeros", .int32, [1, 2]))
                    }
                ]
            ),
            MarkedPlan(
                "number-too-large",
                "slicegraph: 1\ninputs: {a: @a}\ngraph: {out: {edit: {from: a, scale: «{mlp.up: 1.0e39}»}}}",
                message: "float32, which numbers are computed in, ends at 3.4028235e+38",
                fix: "give a smaller number"
            ),
            MarkedPlan(
                "cannot-scale",
                "slicegraph: 1\ninputs: {a: @a}\ngraph: {out: {edit: {from: a, scale: «{mlp.up: 0.5}»}}}",
                message: "is stored as I32, which is not scaled or filled",
                fix: "start from an unquantized checkpoint",
                models: [
                    "a": llama { model in
                        for index in model.tensors.indices where model.tensors[index].name.hasSuffix("up_proj.weight") {
                            model.tensors[index].name += "_packed"
                            model.tensors[index].dtype = .int32
                        }
                    }
                ]
            ),
        ]
    )
    func dtypes(example: MarkedPlan) throws { try example.check() }

    @Test(
        "of parts that were trained together",
        arguments: [
            ("attn.k", "attn.q", "[attn.k, attn.v]"), ("norm.attn", "attn.q", "norm.attn"),
            ("norm.mlp", "mlp.up", "norm.mlp"), ("mlp.gate", "mlp.up", "mlp.gate"), ("mlp.down", "mlp.up", "mlp.down"),
            ("attn.o", "attn.v", "attn.o"),
        ]
    )
    func parts(part: String, whole: String, taken: String) throws {
        try MarkedPlan(
            "parts-apart",
            """
            slicegraph: 1
            inputs: {a: @a, b: @b}
            graph:
              out:
                splice: {onto: «b», take: [{where: \(taken), from: a}]}
            """,
            .warning,
            message: "'\(part)' is from 'a' but '\(whole)', which was trained with it, is from 'b'",
            fix: "where: [\(whole), \(part)]"
        ).check()
    }

    @Test("say nothing of parts where a splice takes a sublayer with its norm")
    func together() throws {
        let planning = try planning(
            """
            slicegraph: 1
            inputs: {a: @a, b: @b}
            graph:
              out:
                splice:
                  onto: b
                  take: [{where: [mlp.*, norm.mlp], from: a}]
            """
        )
        #expect(planning.plan != nil)
        #expect(!planning.codes.contains("parts-apart"), "\(planning.drawn)")
    }

    @Test(
        "of promises that are not kept",
        arguments: [
            ("layers", "«5»", "expects layers 5, and the result has 4"),
            ("hidden", "«16»", "expects hidden 16, and the result has 8"),
            ("vocab", "«33»", "expects vocab 33, and the result has 32"),
            ("parameters", "«7B»", "expects parameters 7"),
            ("architecture", "«MistralForCausalLM»", "and the result has LlamaForCausalLM"),
        ]
    )
    func promises(subject: String, value: String, message: String) throws {
        try MarkedPlan(
            "expectation-unmet",
            "slicegraph: 1\ninputs: {m: @m}\ngraph: {out: {slice: m}}\nexpect: {\(subject): \(value)}",
            message: message,
            fix: "correct the graph, or the expectation"
        ).check()
    }

    @Test("of a result that is no identity, at the promise")
    func identity() throws {
        try MarkedPlan(
            "not-an-identity",
            "slicegraph: 1\ninputs: {m: @m}\ngraph: {out: {slice: \"m[0:3]\"}}\nexpect: {identity_of: «m»}",
            message: "layer 3 of 'm' is missing",
            fix: "keep all layers of 'm', in order"
        ).check()
    }

    static func withSetting(_ setting: String) -> String {
        stack("a[0:2]", "b[2:4]", output: "{tokenizer: \(setting)}")
    }

    static func withTokenizer(_ text: String, seed: Int) -> TinyCheckpoint {
        llama(seed: seed) { $0.companions = [("tokenizer.json", text)] }
    }

    @Test(
        "of tokenizers",
        arguments: [
            MarkedPlan(
                "tokenizer-of-another",
                withSetting("«b»"),
                .warning,
                message: "the tokenizer is that of 'b', the embedding that of 'a'",
                fix: "take both from one model",
                models: ["a": withTokenizer("{\"a\": 0}", seed: 1), "b": withTokenizer("{\"b\": 0}", seed: 2)]
            ),
            MarkedPlan(
                "tokenizer-unsupported",
                withSetting("«union»"),
                message: "which row of 'a' is whose is not known",
                fix: "tokenizer.json",
                models: ["a": withTokenizer("{\"a\": 0}", seed: 1), "b": withTokenizer("{\"b\": 0}", seed: 2)]
            ),
            MarkedPlan(
                "union-is-any",
                withSetting("«union»"),
                .note,
                message: "their union is its tokenizer",
                models: ["a": withTokenizer("{\"a\": 0}", seed: 1), "b": withTokenizer("{\"a\": 0}", seed: 2)]
            ),
        ]
    )
    func tokenizers(example: MarkedPlan) throws { try example.check() }

    @Test("of files without layers, in the folder's name")
    func noLayers() throws {
        let model = TinyCheckpoint(
            config: ["model_type": "llama"],
            tensors: [("embedding.weight", .bfloat16, [4, 4]), ("head.weight", .bfloat16, [4, 4])]
        )
        let planning = try planning(
            "slicegraph: 1\ninputs: {m: @m}\ngraph: {out: {slice: m}}",
            models: ["m": model]
        )
        #expect(planning.plan == nil)
        let said = try #require(planning.diagnostics.first { $0.code == "no-layers" }, "\(planning.drawn)")
        guard case .file(let path, nil)? = said.place else {
            Issue.record("\(planning.drawn)")
            return
        }
        #expect(path.hasSuffix("/m"))
        #expect(said.notes.contains { $0.message == "asked for as input 'm'" })
    }

    /// A model with a scale in each layer that is a parameter like any other, as Gemma 3n has.
    static let scaled = llama { model in
        model.tensors += (0..<4).map { ("model.layers.\($0).altup.correct_output_scale", .bfloat16, [8]) }
    }

    @Test("are none where a parameter is only called like a quantizer's scale")
    func plainScales() throws {
        var other = Self.scaled
        other.seed = 10
        let blend =
            "slicegraph: 1\ninputs: {a: @a, b: @b}\ngraph: {out: {blend: {method: linear, inputs: [{from: a, weight: 0.5}, {from: b, weight: 0.5}]}}}"
        let blended = try planning(blend, models: ["a": Self.scaled, "b": other])
        let plan = try #require(blended.plan, "\(blended.drawn)")
        let scale = try #require(plan.tensors.first { $0.spec.name.hasSuffix("correct_output_scale") })
        #expect(scale.expression.leaves.count == 2)
        let cast = try planning(
            Self.stack("a[0:2]", "b[2:4]", output: "{dtype: float16}"),
            models: ["a": Self.scaled, "b": other]
        )
        #expect(cast.plan?.tensors.allSatisfy { $0.spec.dtype == .float16 } == true, "\(cast.drawn)")
    }

    /// A model of eight-bit integers with scales, as bitsandbytes writes it.
    static func eightBit(says config: JSONObject? = nil) -> TinyCheckpoint {
        llama { model in
            model.config["quantization_config"] = config.map { .object($0) }
            model.tensors = model.tensors.flatMap { name, dtype, shape in
                guard name.hasSuffix("proj.weight") else { return [(name, dtype, shape)] }
                let module = name.dropLast("weight".count)
                return [
                    (name, DType.int8, shape), (module + "SCB", .float32, [shape.dimensions[0]]),
                    (module + "weight_format", .uint8, []),
                ]
            }
        }
    }

    @Test(
        "of packed weights name the packing, whether config.json has a word of it or not",
        arguments: [nil, ["quant_method": "bitsandbytes", "load_in_8bit": true]] as [JSONObject?]
    )
    func leftovers(config: JSONObject?) throws {
        let blend =
            "slicegraph: 1\ninputs: {a: @a, b: @b}\ngraph: {out: {blend: {method: linear, inputs: [{from: a, weight: 0.5}, {from: b, weight: 0.5}]}}}"
        let planned = try planning(blend, models: ["a": Self.eightBit(says: config)])
        #expect(planned.codes == ["cannot-blend"], "\(planned.drawn)")
        #expect(planned.diagnostics[0].message.contains("bitsandbytes 8-bit"))
    }

    @Test("of packed weights that no config speaks of stop a copy, unless that is accepted")
    func unsaid() throws {
        let models = ["a": Self.eightBit(), "b": Self.eightBit()]
        let refused = try planning(Self.stack("a[0:2]", "b[2:4]"), models: models)
        #expect(refused.codes.contains("quantization-unsaid") && refused.plan == nil, "\(refused.drawn)")
        let accepted = try planning(
            Self.stack("a[0:2]", "b[2:4]", output: "{accept: [quantization_config]}"),
            models: models
        )
        #expect(accepted.plan != nil, "\(accepted.drawn)")
    }

    @Test("of a quantizer that packed nothing are a warning, and its numbers are plain")
    func idle() throws {
        let idle = Self.llama { $0.config["quantization_config"] = ["quant_method": "fp8"] }
        let planned = try planning(
            Self.stack("a[0:2]", "b[2:4]", output: "{dtype: float16}"),
            models: ["a": idle, "b": idle]
        )
        #expect(planned.plan?.tensors.allSatisfy { $0.spec.dtype == .float16 } == true, "\(planned.drawn)")
        #expect(planned.codes.contains("quantization-idle"))
    }
}
