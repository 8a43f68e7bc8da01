import SutureCheckpoints
import SutureDiagnostics
import SutureJSON
import SuturePlanning
import SutureTensors
import SutureTestSupport
import Testing

/// New blocks that do nothing: what it takes in a family, and where nothing does it.
@Suite("Neutral blocks")
struct NeutralityTests {
    static let attention = ["self_attn.q_proj.weight", "self_attn.o_proj.weight"]
    static let mlp = ["mlp.up_proj.weight", "mlp.down_proj.weight"]
    static let norms = ["input_layernorm.weight", "post_attention_layernorm.weight"]
    static let plain = attention + mlp + norms

    /// A model of four layers with the same tensors.
    static func model(
        _ family: String,
        _ suffixes: [String],
        _ settings: JSONObject = [:],
        others: [String] = []
    ) -> TinyCheckpoint {
        var config: JSONObject = [
            "model_type": .string(family), "num_hidden_layers": 4, "vocab_size": 32, "hidden_size": 8,
            "num_attention_heads": 2,
        ]
        for member in settings.members { config[member.key] = member.value }
        var tensors: [(name: String, dtype: DType, shape: Shape)] = [("model.embed_tokens.weight", .float32, [32, 8])]
        for layer in 0..<4 {
            for suffix in suffixes {
                let isVector = suffix.contains("norm") || suffix.hasSuffix("bias") || !suffix.contains(".")
                tensors.append(("model.layers.\(layer).\(suffix)", .float32, isVector ? [8] : [8, 8]))
            }
        }
        tensors += [("model.norm.weight", .float32, [8]), ("lm_head.weight", .float32, [32, 8])]
        return TinyCheckpoint(config: config, tensors: tensors + others.map { ($0, .float32, [8, 8]) })
    }

    private static func plan(
        _ model: TinyCheckpoint,
        set: String,
        after: String = "[1]",
        copy: String = "previous",
        output: String = "{accept: [missing-tensors]}"
    ) throws -> Planning {
        try planning(
            """
            slicegraph: 1
            inputs: {m: @m}
            graph: {out: {expand: {from: m, after: \(after), insert: {copy: \(copy), set: \(set)}}}}
            output: \(output)
            expect: {identity_of: m}
            """,
            models: ["m": model]
        )
    }

    /// A family whose blocks only add, the tensors of one, and the roles by which they do.
    struct Family: Sendable, CustomTestStringConvertible {
        let name: String
        let suffixes: [String]
        let waysOut: [String]

        var testDescription: String { name }
    }

    static let families: [Family] = [
        Family(name: "llama", suffixes: plain, waysOut: ["attn.o", "mlp.down"]),
        Family(
            name: "qwen2",
            suffixes: plain + ["self_attn.o_proj.bias", "mlp.down_proj.bias"],
            waysOut: ["attn.o", "mlp.down"]
        ),
        Family(
            name: "mixtral",
            suffixes: attention + norms + [
                "block_sparse_moe.gate.weight", "block_sparse_moe.experts.0.w1.weight",
                "block_sparse_moe.experts.0.w2.weight", "block_sparse_moe.experts.0.w3.weight",
                "block_sparse_moe.experts.1.w1.weight", "block_sparse_moe.experts.1.w2.weight",
                "block_sparse_moe.experts.1.w3.weight",
            ],
            waysOut: ["attn.o", "expert[*].down"]
        ),
        Family(
            name: "mamba",
            suffixes: ["norm.weight", "mixer.in_proj.weight", "mixer.out_proj.weight", "mixer.A_log"],
            waysOut: ["ssm.out_proj"]
        ),
        Family(
            name: "bamba",
            suffixes: [
                "mamba.in_proj.weight", "mamba.out_proj.weight", "mamba.A_log", "input_layernorm.weight",
                "pre_ff_layernorm.weight", "feed_forward.up_proj.weight", "feed_forward.down_proj.weight",
            ],
            waysOut: ["ssm.out_proj", "mlp.down"]
        ),
        Family(
            name: "xglm",
            suffixes: [
                "self_attn.q_proj.weight", "self_attn.out_proj.weight", "self_attn.out_proj.bias",
                "self_attn_layer_norm.weight", "encoder_attn.k_proj.weight", "encoder_attn.out_proj.weight",
                "encoder_attn_layer_norm.bias", "fc1.weight", "fc2.weight", "fc2.bias", "final_layer_norm.weight",
            ],
            waysOut: ["attn.o", "cross_attn.o", "mlp.down"]
        ),
    ]

    @Test("are made by one line in any family whose blocks only add", arguments: families)
    func shorthand(family: Family) throws {
        let planning = try Self.plan(Self.model(family.name, family.suffixes), set: "{residual: 0}")
        #expect(planning.plan != nil, "\(planning.drawn)")
        // Called by their names the same tensors are zero.
        let named = family.waysOut.map { "\"\($0)\": 0" }.joined(separator: ", ")
        let other = try Self.plan(Self.model(family.name, family.suffixes), set: "{\(named)}")
        #expect(other.plan?.tensors == planning.plan?.tensors, "\(other.drawn)")
    }

    @Test("need the zero of every branch, and the message says which", arguments: families)
    func everyBranch(family: Family) throws {
        for missing in family.waysOut where family.waysOut.count > 1 {
            let named = family.waysOut.filter { $0 != missing }.map { "\"\($0)\": 0" }.joined(separator: ", ")
            let planning = try Self.plan(Self.model(family.name, family.suffixes), set: "{\(named)}")
            let found = try #require(planning.diagnostics.first { $0.code == "not-an-identity" })
            #expect(found.message.contains("is not zero"), "\(planning.drawn)")
            #expect(found.fix?.hint.contains("{residual: 0}") ?? false, "\(planning.drawn)")
            for role in family.waysOut { #expect(found.fix?.hint.contains(role) ?? false, "\(planning.drawn)") }
        }
    }

    /// Blocks that no zero silences, and a part of the reason.
    struct Refused: Sendable, CustomTestStringConvertible {
        let family: String
        let suffixes: [String]
        let settings: JSONObject
        let reason: String

        init(_ family: String, _ suffixes: [String], _ settings: JSONObject, _ reason: String) {
            self.family = family
            self.suffixes = suffixes
            self.settings = settings
            self.reason = reason
        }

        var testDescription: String { "\(family): \(reason)" }
    }

    @Test(
        "are refused, and promises of them, where blocks do more or are not understood",
        arguments: [
            Refused("bart", plain, [:], "blocks of 'bart' norm the sum"),
            Refused("opt", plain, ["do_layer_norm_before": false], "blocks of 'opt' norm the sum"),
            Refused("minimax", plain, [:], "put the normed stream in the place"),
            Refused("a_family_of_tomorrow", plain, [:], "it is not known what blocks of 'a_family_of_tomorrow' do"),
            Refused("llama", plain + ["wormhole.weight"], [:], "what 'model.layers.1.wormhole.weight' does"),
            Refused("llama", plain + ["mlp.bias"], [:], "what 'model.layers.1.mlp.bias' does"),
            Refused(
                "gemma4_text",
                plain + ["layer_scalar"],
                [:],
                "other:layer_scalar, by which the residual stream is"
            ),
        ]
    )
    func refused(example: Refused) throws {
        let model = Self.model(example.family, example.suffixes, example.settings)
        for (set, code) in [("{residual: 0}", "not-neutral"), ("{attn.o: 0, mlp.down: 0}", "not-an-identity")] {
            let planning = try Self.plan(model, set: set)
            let found = planning.diagnostics.filter { $0.code == code && $0.severity == .error }
            #expect(found.contains { $0.message.contains(example.reason) }, "\(planning.drawn)")
            #expect(found.count == 1 && planning.plan == nil, "\(planning.drawn)")
        }
    }

    @Test("are made in Gemma 4 where the factor of the stream is 1 as well")
    func factor() throws {
        let model = Self.model("gemma4_text", Self.plain + ["layer_scalar"])
        let planning = try Self.plan(model, set: "{residual: 0, \"other:layer_scalar\": 1}")
        #expect(planning.plan != nil, "\(planning.drawn)")
    }

    @Test("may be another model's, scaled by zero, or a sum of zeros")
    func operators() throws {
        for graph in [
            "out: {stack: [\"m[0:2]\", {from: \"n[1:3]\", set: {residual: 0}}, \"m[2:4]\"]}",
            "out: {stack: [\"m[0:2]\", {from: \"n[1]\", scale: {residual: 0}}, \"m[2:4]\"]}",
            """
            a: {edit: {from: "m[1:2]", set: {residual: 0}}}
              b: {edit: {from: "n[1:2]", scale: {residual: 0}}}
              mixed: {blend: {method: linear, inputs: [{from: a, weight: 0.3}, {from: b, weight: 0.7}]}}
              out: {stack: ["m[0:2]", mixed, "m[2:4]"]}
            """,
        ] {
            let planning = try planning(
                """
                slicegraph: 1
                inputs: {m: @m, n: @n}
                graph:
                  \(graph)
                expect: {identity_of: m}
                """
            )
            #expect(planning.plan != nil, "\(planning.drawn)")
        }
    }

    @Test("are 0 and no other number; what blocks add is scaled instead")
    func otherNumbers() throws {
        try MarkedPlan(
            "residual-set",
            "slicegraph: 1\ninputs: {m: @m}\ngraph: {out: {edit: {from: m, set: {residual: «0.5»}}}}",
            message: "'residual' is set to 0.5",
            fix: "scale: {residual: 0.5}"
        ).check()
        let scaled = try planning(
            "slicegraph: 1\ninputs: {m: @m}\ngraph: {out: {edit: {from: m, scale: {residual: 0.5}}}}"
        )
        #expect(scaled.plan != nil, "\(scaled.drawn)")
    }

    @Test("scaled by a factor are refused behind a norm, which takes it back")
    func scaling() throws {
        let sandwich = Self.plain + ["pre_feedforward_layernorm.weight", "post_feedforward_layernorm.weight"]
        try MarkedPlan(
            "not-neutral",
            "slicegraph: 1\ninputs: {m: @m}\ngraph: {out: {edit: {from: m, scale: «{residual: 0.5}»}}}",
            message: "norms what the branch puts out",
            fix: "scale what stands behind it",
            models: ["m": Self.model("gemma2", sandwich)]
        ).check()
    }

    @Test("must not change what others do: a layer that later ones take keys and values from")
    func producers() throws {
        let kinds: JSONValue = ["full", "shared", "full", "shared"]
        let model = Self.model("glm_moe_dsa", Self.plain, ["indexer_types": kinds])
        // A full layer before a shared one would be the one whose choice it reads, although it is silent.
        let torn = try Self.plan(model, set: "{residual: 0}", after: "[0]")
        let found = try #require(torn.diagnostics.first { $0.code == "not-an-identity" }, "\(torn.drawn)")
        #expect(found.message.contains("the new blocks change what others do"), "\(torn.drawn)")
        // A shared one behind it hands on what it was given.
        let whole = try Self.plan(model, set: "{residual: 0}", after: "[1]")
        #expect(whole.plan != nil, "\(whole.drawn)")
    }

    @Test("are no identity without what lies beside the layers")
    func tower() throws {
        let model = Self.model("llama", Self.plain, others: ["vision_tower.blocks.proj.weight"])
        let kept = try Self.plan(model, set: "{residual: 0}")
        #expect(kept.plan != nil, "\(kept.drawn)")
        let lost = try Self.plan(
            model,
            set: "{residual: 0}",
            output: "{drop: [\"vision_tower.*\"], accept: [missing-tensors]}"
        )
        let found = try #require(lost.diagnostics.first { $0.code == "not-an-identity" }, "\(lost.drawn)")
        #expect(found.message.contains("'vision_tower.blocks.proj.weight' is left out"))
    }
}
