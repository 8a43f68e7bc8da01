import SutureDiagnostics
import SutureJSON
import SuturePlanning
import SutureTensors
import SutureTestSupport
import Testing

@Suite("Tensors that a family needs")
struct LostTensorsTests {
    private static func without(_ name: String, in model: TinyCheckpoint = .llama(layers: 4)) -> TinyCheckpoint {
        var model = model
        model.tensors.removeAll { matches($0.name, name) }
        return model
    }

    /// Whether a name is another, in which `N` stands for any number.
    private static func matches(_ name: String, _ pattern: String) -> Bool {
        name.split(separator: ".").map { Int($0) == nil || !pattern.contains(".N.") ? String($0) : "N" }
            .joined(separator: ".") == pattern
    }

    private static func plan(_ model: TinyCheckpoint, output: String = "{}", stack: String = "m") throws -> Planning {
        try planning(
            "slicegraph: 1\ninputs: {m: @m}\ngraph: {out: {slice: \"\(stack)\"}}\noutput: \(output)",
            models: ["m": model]
        )
    }

    @Test(
        "are named where a checkpoint lost them, and accepted by name",
        arguments: [
            ("model.layers.2.mlp.up_proj.weight", "'model.layers.2.mlp.up_proj.weight'"),
            (
                "model.layers.N.post_attention_layernorm.weight",
                "'model.layers.{0 to 3}.post_attention_layernorm.weight'"
            ),
            ("model.norm.weight", "'model.norm.weight'"),
            ("lm_head.weight", "'lm_head.weight'"),
        ]
    )
    func lost(name: String, told: String) throws {
        var model = Self.without(name)
        model.config["tie_word_embeddings"] = false
        let planned = try Self.plan(model)
        let found = try #require(planned.diagnostics.first { $0.code == "missing-tensors" }, "\(planned.drawn)")
        #expect(found.severity == .error && found.message.contains(told), "\(planned.drawn)")
        #expect(found.fix?.hint.contains("accept: [missing-tensors]") ?? false, "\(planned.drawn)")
        let accepted = try Self.plan(model, output: "{accept: [missing-tensors]}")
        #expect(accepted.plan != nil, "\(accepted.drawn)")
    }

    @Test("are missed in the output alone: layers that are not taken may lack what they like")
    func elsewhere() throws {
        let planned = try Self.plan(Self.without("model.layers.3.mlp.up_proj.weight"), stack: "m[0:3]")
        #expect(planned.plan != nil && !planned.codes.contains("missing-tensors"), "\(planned.drawn)")
    }

    @Test("are named where the recipe drops them", arguments: ["*.up_proj.weight", "model.norm.weight", "lm_head.*"])
    func dropped(glob: String) throws {
        var model = TinyCheckpoint.llama(layers: 4)
        model.config["tie_word_embeddings"] = false
        let planned = try Self.plan(model, output: "{drop: [\"\(glob)\"]}")
        let found = try #require(planned.diagnostics.first { $0.code == "missing-tensors" }, "\(planned.drawn)")
        #expect(found.severity == .error)
        if case .source(let range)? = found.place { #expect(range.start.line == 4) } else { Issue.record("no place") }
    }

    @Test("are needed where the config says so", arguments: [false, true])
    func conditional(isBiased: Bool) throws {
        var model = TinyCheckpoint.llama(layers: 4)
        model.config["attention_bias"] = .bool(isBiased)
        let planned = try Self.plan(model)
        #expect(planned.codes.contains("missing-tensors") == isBiased, "\(planned.drawn)")
        #expect(!isBiased || planned.drawn.contains("model.layers.{0 to 3}.self_attn.q_proj.bias"))
    }

    @Test("are not missed where the checkpoint stores a module in its own way")
    func fused() throws {
        var model = TinyCheckpoint.llama(layers: 4)
        model.tensors.removeAll {
            ["q_proj", "k_proj", "v_proj"].contains($0.name.split(separator: ".").dropLast().last ?? "")
        }
        for layer in 0..<4 {
            model.tensors.append(("model.layers.\(layer).self_attn.qkv_proj.weight", .bfloat16, [16, 8]))
        }
        let planned = try Self.plan(model)
        #expect(!planned.codes.contains("missing-tensors"), "\(planned.drawn)")
    }

    @Test("are not looked for in a family that nobody looked at")
    func unknown() throws {
        var model = Self.without("model.layers.N.post_attention_layernorm.weight")
        model.config["model_type"] = "unheard_of"
        let planned = try Self.plan(model)
        #expect(!planned.codes.contains("missing-tensors"), "\(planned.drawn)")
    }

    @Test("of a layer are those of its like: a list in the config parts the kinds")
    func kinds() throws {
        var model = Self.without("model.layers.2.mlp.up_proj.weight")
        model.config["model_type"] = "unheard_of"
        #expect(try Self.plan(model).codes.contains("missing-tensors"))
        model.config["block_configs"] = [["ffn": true], ["ffn": true], ["ffn": false], ["ffn": true]]
        let planned = try Self.plan(model)
        #expect(!planned.codes.contains("missing-tensors"), "\(planned.drawn)")
    }

    @Test("of a layer are those of its like where no list tells kinds apart, and several layers lost some")
    func kindsUntold() throws {
        var model = TinyCheckpoint.llama(layers: 8)
        model.config["model_type"] = "unheard_of"
        for layer in stride(from: 1, to: 8, by: 2) {
            model.tensors.append(("model.layers.\(layer).gate.weight", .bfloat16, [8]))
        }
        let whole = try Self.plan(model)
        #expect(!whole.codes.contains("missing-tensors"), "\(whole.drawn)")
        let lost = [
            "model.layers.3.gate.bias", "model.layers.4.mlp.up_proj.weight", "model.layers.5.input_layernorm.weight",
        ]
        for layer in stride(from: 1, to: 8, by: 2) {
            model.tensors.append(("model.layers.\(layer).gate.bias", .bfloat16, [8]))
        }
        model.tensors.removeAll { lost.contains($0.name) }
        let planned = try Self.plan(model)
        let found = try #require(planned.diagnostics.first { $0.code == "missing-tensors" }, "\(planned.drawn)")
        for name in lost { #expect(found.message.contains("'\(name)'"), "\(planned.drawn)") }
    }

    @Test("are those of the family of a language model inside another, under its own name or the whole's")
    func nested() throws {
        var model = TinyCheckpoint.llama(layers: 4)
        model.config["model_type"] = "qwen2_vl_text"
        let planned = try Self.plan(model)
        #expect(planned.drawn.contains("model.layers.{0 to 3}.self_attn.q_proj.bias"), "\(planned.drawn)")
    }

    @Test(
        "at the ends have no stand-in that the family reads as something else",
        arguments: ["ln_f.weight", "wte.weight"]
    )
    func ends(name: String) throws {
        var model = TinyCheckpoint.llama(layers: 4)
        model.config["model_type"] = "gpt2"
        model.tensors = (0..<4).flatMap { layer -> [(name: String, dtype: DType, shape: Shape)] in
            let matrices = [("attn.c_attn", 24), ("attn.c_proj", 8), ("mlp.c_fc", 16), ("mlp.c_proj", 8)]
            return matrices.flatMap { module, width in
                [
                    ("transformer.h.\(layer).\(module).weight", DType.bfloat16, Shape([8, width])),
                    ("transformer.h.\(layer).\(module).bias", DType.bfloat16, Shape([width])),
                ]
            }
                + ["ln_1", "ln_2"].flatMap { norm in
                    ["weight", "bias"].map { ("transformer.h.\(layer).\(norm).\($0)", DType.bfloat16, Shape([8])) }
                }
        }
        model.tensors += [
            ("transformer.wte.weight", .bfloat16, [16, 8]), ("transformer.wpe.weight", .bfloat16, [16, 8]),
            ("transformer.ln_f.weight", .bfloat16, [8]), ("transformer.ln_f.bias", .bfloat16, [8]),
        ]
        model.config["vocab_size"] = 16
        model.config["tie_word_embeddings"] = true
        let whole = try Self.plan(model)
        #expect(!whole.codes.contains("missing-tensors"), "\(whole.drawn)")
        model.tensors.removeAll { $0.name == "transformer.\(name)" }
        let planned = try Self.plan(model)
        #expect(planned.drawn.contains("'transformer.\(name)' [missing-tensors]"), "\(planned.drawn)")
    }

    @Test("are named where several layers of experts lost each something else")
    func experts() throws {
        var model = Self.without("model.layers.N.mlp.up_proj.weight")
        model.config["model_type"] = "mixtral"
        model.config["num_local_experts"] = 2
        model.tensors.removeAll { $0.name.contains(".mlp.") }
        for layer in 0..<4 {
            let block = "model.layers.\(layer).block_sparse_moe"
            model.tensors.append(("\(block).gate.weight", .bfloat16, [2, 8]))
            for (expert, name) in [0, 1].flatMap({ expert in ["w1", "w2", "w3"].map { (expert, $0) } }) {
                model.tensors.append(
                    ("\(block).experts.\(expert).\(name).weight", .bfloat16, name == "w2" ? [8, 4] : [4, 8])
                )
            }
        }
        let whole = try Self.plan(model)
        #expect(!whole.codes.contains("missing-tensors"), "\(whole.drawn)")
        let lost = [
            "model.layers.0.block_sparse_moe.gate.weight", "model.layers.2.block_sparse_moe.experts.1.w2.weight",
        ]
        model.tensors.removeAll { lost.contains($0.name) }
        let planned = try Self.plan(model)
        let found = try #require(planned.diagnostics.first { $0.code == "missing-tensors" }, "\(planned.drawn)")
        for name in lost { #expect(found.message.contains("'\(name)'"), "\(planned.drawn)") }
        #expect(!planned.codes.contains("experts-in-two-forms"), "\(planned.drawn)")
    }

    @Test("are the head of a language model inside another, whose own config says that it is not tied")
    func innerHead() throws {
        var model = TinyCheckpoint.llama(layers: 4)
        model.config["tie_word_embeddings"] = nil
        var whole: JSONObject = ["model_type": "qwen2_audio", "architectures": ["Qwen2AudioForConditionalGeneration"]]
        var inner = model.config
        inner["model_type"] = "llama"
        inner["architectures"] = nil
        inner["tie_word_embeddings"] = false
        whole["text_config"] = .object(inner)
        model.config = whole
        model.tensors = model.tensors.map { ("language_model." + $0.name, $0.dtype, $0.shape) }
        let complete = try Self.plan(model)
        #expect(!complete.codes.contains("missing-tensors"), "\(complete.drawn)")
        model.tensors.removeAll { $0.name.contains("lm_head") }
        let planned = try Self.plan(model)
        let found = try #require(planned.diagnostics.first { $0.code == "missing-tensors" }, "\(planned.drawn)")
        #expect(found.severity == .error && found.message.contains("'language_model.lm_head.weight'"))
    }
}
