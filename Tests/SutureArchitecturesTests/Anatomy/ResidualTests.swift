import SutureArchitectures
import SutureJSON
import SutureTensors
import SutureTestSupport
import Testing

/// What blocks do to the residual stream, family by family.
@Suite("The residual stream")
struct ResidualTests {
    /// A block of a family, as its checkpoints name the tensors, and those of them that add to the stream.
    struct Block: Sendable, CustomTestStringConvertible {
        let family: String
        let waysOut: Set<String>
        let others: [String]
        let settings: JSONObject

        init(_ family: String, _ waysOut: String, inside others: String, _ settings: JSONObject = [:]) {
            self.family = family
            self.waysOut = Set(waysOut.split(separator: " ").map(String.init))
            self.others = others.split(separator: " ").map(String.init)
            self.settings = settings
        }

        var testDescription: String { family }

        func anatomy() throws -> Anatomy {
            try ResidualTests.anatomy(family, waysOut.sorted() + others, settings)
        }
    }

    static let attention = "self_attn.q_proj.weight self_attn.k_proj.weight self_attn.v_proj.weight"
    static let mlp = "mlp.gate_proj.weight mlp.up_proj.weight"
    static let norms = "input_layernorm.weight post_attention_layernorm.weight"
    static let sandwich = norms + " pre_feedforward_layernorm.weight post_feedforward_layernorm.weight"

    static let blocks: [Block] = [
        Block("llama", "self_attn.o_proj.weight mlp.down_proj.weight", inside: "\(attention) \(mlp) \(norms)"),
        Block(
            "qwen2_moe",
            """
            self_attn.o_proj.weight mlp.experts.0.down_proj.weight mlp.experts.1.down_proj.weight \
            mlp.shared_expert.down_proj.weight
            """,
            inside: """
                \(attention) \(norms) mlp.gate.weight mlp.experts.0.gate_proj.weight mlp.experts.0.up_proj.weight \
                mlp.experts.1.gate_proj.weight mlp.experts.1.up_proj.weight mlp.shared_expert.gate_proj.weight \
                mlp.shared_expert.up_proj.weight mlp.shared_expert_gate.weight
                """
        ),
        Block("gemma2", "self_attn.o_proj.weight mlp.down_proj.weight", inside: "\(attention) \(mlp) \(sandwich)"),
        Block(
            "gpt2",
            "attn.c_proj.weight attn.c_proj.bias mlp.c_proj.weight mlp.c_proj.bias",
            inside: """
                ln_1.weight ln_1.bias attn.c_attn.weight attn.c_attn.bias ln_2.weight ln_2.bias mlp.c_fc.weight \
                mlp.c_fc.bias
                """
        ),
        Block(
            "m2m_100",
            """
            self_attn.out_proj.weight self_attn.out_proj.bias encoder_attn.out_proj.weight encoder_attn.out_proj.bias \
            fc2.weight fc2.bias
            """,
            inside: """
                self_attn.q_proj.weight self_attn.q_proj.bias self_attn_layer_norm.weight self_attn_layer_norm.bias \
                encoder_attn.k_proj.weight encoder_attn_layer_norm.weight encoder_attn_layer_norm.bias fc1.weight \
                fc1.bias final_layer_norm.weight final_layer_norm.bias
                """
        ),
        Block(
            "t5",
            "layer.0.SelfAttention.o.weight layer.1.EncDecAttention.o.weight layer.2.DenseReluDense.wo.weight",
            inside: """
                layer.0.SelfAttention.q.weight layer.0.SelfAttention.k.weight layer.0.SelfAttention.v.weight \
                layer.0.layer_norm.weight layer.1.EncDecAttention.q.weight layer.1.layer_norm.weight \
                layer.2.DenseReluDense.wi.weight layer.2.layer_norm.weight
                """
        ),
        // What stands behind self-attention is the norm of the next branch, and keeps its bias.
        Block(
            "canary",
            "self_attn.o_proj.weight encoder_attn.o_proj.weight mlp.fc2.weight",
            inside: """
                input_layernorm.weight input_layernorm.bias self_attn.q_proj.weight encoder_attn.q_proj.weight \
                post_attention_layernorm.weight post_attention_layernorm.bias final_layernorm.weight mlp.fc1.weight
                """
        ),
        Block(
            "qwen3_next",
            "linear_attn.out_proj.weight mlp.down_proj.weight",
            inside: """
                \(mlp) \(norms) linear_attn.A_log linear_attn.conv1d.weight linear_attn.dt_bias \
                linear_attn.in_proj_qkvz.weight linear_attn.in_proj_ba.weight linear_attn.norm.weight
                """
        ),
        Block(
            "mamba",
            "mixer.out_proj.weight",
            inside: "norm.weight mixer.A_log mixer.D mixer.conv1d.weight mixer.in_proj.weight mixer.x_proj.weight"
        ),
        // Two mixers beside each other: one left alive is enough to be heard.
        Block(
            "falcon_h1",
            "self_attn.o_proj.weight mamba.out_proj.weight feed_forward.down_proj.weight",
            inside: """
                \(attention) input_layernorm.weight pre_ff_layernorm.weight mamba.in_proj.weight mamba.A_log mamba.D \
                mamba.conv1d.weight feed_forward.gate_proj.weight feed_forward.up_proj.weight
                """
        ),
        Block(
            "lfm2",
            "conv.out_proj.weight feed_forward.w2.weight",
            inside: """
                conv.conv.weight conv.in_proj.weight operator_norm.weight ffn_norm.weight feed_forward.w1.weight \
                feed_forward.w3.weight
                """
        ),
        Block(
            "kimi_linear",
            "self_attn.o_proj.weight mlp.down_proj.weight",
            inside: """
                \(attention) \(mlp) \(norms) self_attn.A_log self_attn.dt_bias self_attn.b_proj.weight \
                self_attn.f_a_proj.weight self_attn.o_norm.weight
                """
        ),
        Block(
            "ctrl",
            "multi_head_attention.dense.weight ffn.2.weight ffn.2.bias",
            inside: "multi_head_attention.Wq.weight layernorm1.weight layernorm2.bias ffn.0.weight ffn.0.bias"
        ),
        Block(
            "jetmoe",
            "self_attention.experts.output_linear.weight self_attention.experts.bias mlp.output_linear.weight mlp.bias",
            inside: """
                \(norms) self_attention.kv_proj.weight self_attention.experts.input_linear.weight \
                self_attention.experts.router.layer.weight mlp.input_linear.weight mlp.router.layer.weight
                """
        ),
        Block(
            "inkling_mm_model",
            "attn.wo_ud.weight mlp.experts.w2_weight mlp.shared_experts.shared_w2_weight",
            inside: """
                attn_norm.weight attn.wq_du.weight attn.wk_dv.weight attn.rel_logits_proj.proj attn_sconv.weight \
                mlp.experts.w13_weight mlp.shared_experts.shared_w13_weight mlp_sconv.weight
                """
        ),
        // The transformer that hybrid layers share feeds the mixer, and is no branch of the layer.
        Block(
            "zamba",
            "mamba_decoder.mamba.out_proj.weight",
            inside: """
                shared_transf.self_attn.o_proj.weight shared_transf.feed_forward.down_proj.weight linear.weight \
                mamba_decoder.input_layernorm.weight mamba_decoder.mamba.in_proj.weight mamba_decoder.mamba.A_log
                """
        ),
        Block(
            "opt",
            "self_attn.out_proj.weight fc2.weight",
            inside: "self_attn.q_proj.weight self_attn_layer_norm.weight fc1.weight final_layer_norm.weight"
        ),
    ]

    @Test("is added to by these tensors of a block, and the others are understood", arguments: blocks)
    func waysOut(block: Block) throws {
        let anatomy = try block.anatomy()
        #expect(anatomy.stream.form == .sum)
        let tensors = Self.layer(of: anatomy)
        let account = BlockAccount(tensors, in: anatomy.stream)
        for (tensor, part) in zip(tensors, account.parts) {
            #expect((part == .wayOut) == block.waysOut.contains(tensor.suffix), "\(tensor.suffix) is \(part)")
            #expect(part != .unknown && part != .factor, "\(tensor.suffix) is \(part)")
            #expect(tensor.role.isWayOut == (part == .wayOut), "\(tensor.suffix)")
        }
    }

    @Test("is meant by 'residual', and by a role's own name", arguments: blocks)
    func selected(block: Block) throws {
        let all = try RoleSelector(parsing: "residual")
        for (suffix, role) in Self.layer(of: try block.anatomy()) {
            #expect(all.matches(role) == block.waysOut.contains(suffix), "\(suffix)")
            guard role.isWayOut else { continue }
            let own = try RoleSelector(parsing: role.description)
            #expect(own.matches(role))
            #expect(!role.description.contains("other:"), "\(suffix) has no role but \(role)")
        }
    }

    @Test(
        "is not understood where a tensor has no place in a branch",
        arguments: [
            ("llama", "mlp.bias"), ("llama", "extra_gate.weight"), ("llama", "mlp.up_embed.weight"),
            ("llama", "self_attn.q_proj.lora_B.weight"), ("llama", "mamba.in_proj.weight"), ("llama", "layer_scalar"),
            ("llama", "mlp.norm.bias"),
        ]
    )
    func unknown(family: String, suffix: String) throws {
        let known = "self_attn.o_proj.weight mlp.down_proj.weight \(Self.attention) \(Self.mlp) \(Self.norms)"
        let anatomy = try Self.anatomy(family, known.split(separator: " ").map(String.init) + [suffix])
        let tensors = Self.layer(of: anatomy)
        let account = BlockAccount(tensors, in: anatomy.stream)
        let odd = zip(tensors, account.parts).filter { $1 == .unknown }.map(\.0.suffix)
        #expect(odd == [suffix])
    }

    /// A family, a setting of it, and whether its blocks then do nothing but add.
    struct Setting: Sendable, CustomTestStringConvertible {
        let family: String
        let settings: JSONObject
        let adds: Bool

        var testDescription: String { "\(family) \(JSONPrinter.print(.object(settings)))" }
    }

    @Test(
        "is met as the config says, where that decides",
        arguments: [
            Setting(family: "opt", settings: [:], adds: true),
            Setting(family: "opt", settings: ["do_layer_norm_before": true], adds: true),
            Setting(family: "opt", settings: ["do_layer_norm_before": false], adds: false),
            Setting(family: "bloom", settings: [:], adds: true),
            Setting(family: "bloom", settings: ["apply_residual_connection_post_layernorm": true], adds: false),
            Setting(family: "flaubert", settings: [:], adds: false),
            Setting(family: "flaubert", settings: ["pre_norm": true], adds: true),
            Setting(family: "hubert", settings: [:], adds: false),
            Setting(family: "hubert", settings: ["do_stable_layer_norm": true], adds: true),
            Setting(family: "rwkv", settings: [:], adds: false),
            Setting(family: "longcat_flash", settings: [:], adds: false),
            Setting(family: "longcat_flash", settings: ["zero_expert_num": 4], adds: false),
            Setting(family: "longcat_flash", settings: ["zero_expert_num": 0], adds: true),
            Setting(family: "rwkv", settings: ["rescale_every": 6], adds: false),
            Setting(family: "rwkv", settings: ["rescale_every": 0], adds: true),
        ]
    )
    func conditions(setting: Setting) throws {
        let form = try Self.anatomy(setting.family, Self.plain, setting.settings).stream.form
        #expect((form == .sum) == setting.adds, "\(form)")
    }

    @Test(
        "is not only added to in these families",
        arguments: [
            "bert", "bart", "marian", "openai-gpt", "xlm", "distilbert", "gte", "nomic_bert", "jina_embeddings_v3",
            "minimax", "zaya", "muse_spark_text", "gemma3n_text", "deepseek_v4", "glm5_next_text", "esmc", "beam",
            "inkling2_text", "dory", "xmod",
        ]
    )
    func others(family: String) throws {
        guard case .other(let words) = try Self.anatomy(family, Self.plain).stream.form else {
            Issue.record("\(family) is said to do nothing but add")
            return
        }
        #expect(!words.isEmpty)
    }

    @Test("is multiplied by a tensor of the block in Gemma 4 and Doge", arguments: ["gemma4_text", "doge"])
    func factors(family: String) throws {
        let name = family == "doge" ? "input_residual" : "layer_scalar"
        let anatomy = try Self.anatomy(family, Self.plain + [name])
        let tensors = Self.layer(of: anatomy)
        let account = BlockAccount(tensors, in: anatomy.stream)
        #expect(zip(tensors, account.parts).filter { $1 == .factor }.map(\.0.suffix) == [name])
    }

    @Test("is what nobody has looked at in a family that is not in the table")
    func unknownFamily() throws {
        #expect(try Self.anatomy("a_family_of_tomorrow", Self.plain).stream.form == .unknown)
    }

    /// Families of which nothing is claimed: their own code skips blocks, swaps them or was not looked at.
    static let unclaimed: Set<String> = [
        "deci / nemotron-nas", "mistral native (consolidated.safetensors)", "nemo_speechlm", "reformer", "solar",
        "phi-msft",
    ]

    @Test("is known of every language model of the field, whole", .tags(.slow), .unlessQuick)
    func table() throws {
        for family in FamilyFixture.all where !FamilyRoleTests.refused.contains(family.modelType) {
            let anatomy = try Anatomy.read(config: family.config, tensors: try family.tensors())
            #expect(
                (anatomy.stream.form == .unknown) == Self.unclaimed.contains(family.modelType),
                "\(family.modelType)"
            )
            guard anatomy.stream.form == .sum else { continue }
            for layer in 0..<anatomy.layerCount {
                let tensors = Self.layer(layer, of: anatomy)
                guard !tensors.isEmpty else { continue }
                let account = BlockAccount(tensors, in: anatomy.stream)
                let odd = zip(tensors, account.parts).filter { $1 == .unknown }.map(\.0.suffix)
                #expect(odd.isEmpty, "\(family.modelType) layer \(layer)")
                #expect(account.parts.contains(.wayOut), "\(family.modelType) layer \(layer)")
            }
        }
    }

    /// What was zero in blocks of each family when transformers 5.24 computed with them what it did without.
    static let measured: [String: [Set<String>]] = {
        let value = try? JSONParser.parse(readFixture("architectures/ways-out.json"))
        let pairs = value?.object?.members.map { member in
            (member.key, member.value.array?.compactMap(\.string).map(Self.words) ?? [])
        }
        return Dictionary(pairs ?? []) { first, _ in first }
    }()

    @Test("is added to by just those tensors without which a class computed the same", .tags(.slow), .unlessQuick)
    func measurements() throws {
        #expect(Self.measured.count > 150)
        var compared = 0
        for (type, fixtures) in Dictionary(grouping: FamilyFixture.all, by: \.modelType) {
            guard let sets = Self.measured[type] else { continue }
            let layers = try fixtures.flatMap { family in
                let anatomy = try Anatomy.read(config: family.config, tensors: try family.tensors())
                return (0..<anatomy.layerCount).map { Self.layer($0, of: anatomy) }
            }
            for set in sets {
                let alike = layers.filter { set.isSubset(of: $0.map { Self.withoutExpert($0.suffix) }) }
                guard !alike.isEmpty else { continue }
                compared += 1
                let found = alike.map { Set($0.filter(\.role.isWayOut).map { Self.withoutExpert($0.suffix) }) }
                #expect(found.contains(set), "\(type): \(set.sorted())")
            }
        }
        #expect(compared > 150)
    }

    private static func words(_ text: String) -> Set<String> { Set(text.split(separator: " ").map(String.init)) }

    /// `mlp.experts.#.down_proj.weight` for any expert.
    private static func withoutExpert(_ suffix: String) -> String {
        let modules = suffix.split(separator: ".").map(String.init)
        return modules.indices.map { place in
            place > 0 && modules[place - 1].hasPrefix("expert") && Int(modules[place]) != nil ? "#" : modules[place]
        }.joined(separator: ".")
    }

    // MARK: - Models

    static let plain = "self_attn.o_proj.weight mlp.down_proj.weight \(attention) \(mlp) \(norms)"
        .split(separator: " ").map(String.init)

    static func anatomy(_ family: String, _ suffixes: [String], _ settings: JSONObject = [:]) throws -> Anatomy {
        var config: JSONObject = ["model_type": .string(family), "num_hidden_layers": 2, "vocab_size": 96]
        for member in settings.members { config[member.key] = member.value }
        var tensors = [try TensorSpec("model.embed_tokens.weight", .bfloat16, [96, 64])]
        for layer in 0..<2 {
            for suffix in suffixes {
                let isVector = suffix.contains("norm") || suffix.hasSuffix("bias")
                tensors.append(
                    try TensorSpec("model.layers.\(layer).\(suffix)", .bfloat16, isVector ? [64] : [64, 64])
                )
            }
        }
        return try Anatomy.read(config: config, tensors: tensors)
    }

    static func layer(_ number: Int = 0, of anatomy: Anatomy) -> [(suffix: String, role: Role)] {
        anatomy.parts.compactMap { part in
            guard case .layer(anatomy.main, number, let suffix, let role) = part else { return nil }
            return (suffix, role)
        }
    }
}
