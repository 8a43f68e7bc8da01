import SutureJSON
import SutureDiagnostics
import SutureTestSupport
import Testing

@testable import SutureArchitectures

/// What a family's own class makes of a per-layer list that its config leaves out, at several depths.
struct ClassDefault: Sendable, CustomTestStringConvertible {
    let families: [String]
    let field: String
    let config: JSONObject
    let lists: [Int: [JSONValue]]

    var testDescription: String {
        "\(field) of \(families.joined(separator: ", ")) \(JSONPrinter.print(.object(config)))"
    }

    static let all: [ClassDefault] = {
        let value = try? JSONParser.parse(readFixture("architectures/defaults.json"))
        return value?.array?.compactMap { $0.object.map(ClassDefault.init) } ?? []
    }()

    init(_ object: JSONObject) {
        families = object["families"]?.array?.compactMap(\.string) ?? []
        field = object["field"]?.string ?? ""
        config = object["config"]?.object ?? [:]
        let values = object["values"]?.array ?? []
        var lists: [Int: [JSONValue]] = [:]
        for member in object["layers"]?.object?.members ?? [] {
            lists[Int(member.key) ?? 0] = (member.value.string ?? "").compactMap { $0.wholeNumberValue }.map {
                values[$0]
            }
        }
        self.lists = lists
    }

    /// The settings, with lists cut to a depth.
    func settings(_ depth: Int) -> JSONObject {
        JSONObject(
            config.members.map { member in
                guard let list = member.value.array, list.count > depth else { return member }
                return JSONObject.Member(member.key, .array(Array(list.prefix(depth))))
            }
        )
    }

    /// The settings of a second model of the family that has the list written out, backwards.
    func explicit(_ depth: Int) -> JSONObject {
        var settings = settings(depth)
        settings[field] = .array((lists[depth] ?? []).reversed())
        return settings
    }
}

@Suite("A list of one value a layer")
struct PerLayerListTests {
    @Test("is made as the family's class makes it", arguments: ClassDefault.all)
    func fallback(_ fallback: ClassDefault) throws {
        for family in fallback.families {
            let field = try #require(FieldTable.fields(for: [family]).first { $0.key == fallback.field }, "\(family)")
            guard let rule = field.rule as? PerLayerList else { continue }
            for (depth, list) in fallback.lists {
                let made = (0..<depth).map { layer in
                    rule.fallback?(LayerView(config: fallback.settings(depth), i: layer, n: depth))
                }
                #expect(made.map(Self.plain) == list.map(Self.plain), "\(family) at \(depth)")
            }
        }
    }

    /// A value without its spelling: `0` and `0.0` are the same number.
    private static func plain(_ value: JSONValue?) -> String {
        guard let value else { return "missing" }
        return value.double.map { "\($0)" } ?? value.string ?? value.kind
    }

    /// Whatever moves, each layer of the output has the value of the layer it comes from.
    @Test("follows its layers", .tags(.slow), .unlessQuick, arguments: ClassDefault.all, Operation.allCases)
    func follows(_ fallback: ClassDefault, _ operation: Operation) throws {
        let depth = 12
        let own = try #require(fallback.lists[depth])
        for family in fallback.families where family != "zamba2" {
            let base = try ToyModel(family, layers: depth, fallback.settings(depth))
            let other = try ToyModel(family, layers: depth, fallback.explicit(depth), name: "other")
            let layers = operation.layers(depth: depth)
            let outcome = ConfigSurgery.rewrite(sources: [base.source, other.source], donor: 0, layers: layers)

            let isMLP = ["mlp_layer_types", "activation_sparsity_pattern"].contains(fallback.field)
            let wanted = layers.map { layer -> JSONValue in
                let origin = isMLP ? layer.mlp : layer.attention
                return origin.source == 0 ? own[origin.layer] : own.reversed()[origin.layer]
            }
            #expect(outcome.config["num_hidden_layers"]?.int == layers.count)
            if let written = outcome.config[fallback.field] {
                #expect(written.array == wanted, "\(family)")
            } else {
                // Left to the class, which the test above holds to what the real one makes.
                let rule = FieldTable.fields(for: [family]).first { $0.key == fallback.field }?.rule as? PerLayerList
                let made = layers.indices.map { layer in
                    rule?.fallback?(LayerView(config: outcome.config, i: layer, n: layers.count))
                }
                #expect(made.map(Self.plain) == wanted.map(Self.plain), "\(family)")
            }
        }
    }

    @Test("stays away where it was and would be made the same")
    func smallestChange() throws {
        let model = try ToyModel("gemma2", layers: 12)
        let outcome = ConfigSurgery.rewrite(
            sources: [model.source],
            donor: 0,
            layers: stack(Array(0..<8) + Array(2..<12))
        )
        #expect(outcome.config["layer_types"] == nil)
        #expect(outcome.config["num_hidden_layers"] == 18)
        #expect(outcome.findings.isEmpty)
    }

    @Test("is written out where a period breaks, and says who would misread it")
    func brokenPeriod() throws {
        let model = try ToyModel("gemma3_text", layers: 12, ["sliding_window_pattern": 6])
        let outcome = ConfigSurgery.rewrite(
            sources: [model.source],
            donor: 0,
            layers: stack(Array(0..<8) + Array(7..<12))
        )
        let full = outcome.config["layer_types"]?.array?.indices.filter {
            outcome.config["layer_types"]?.array?[$0] == "full_attention"
        }
        #expect(full == [5, 12])
        #expect(outcome.config["sliding_window_pattern"] == nil)
        let finding = try #require(outcome.findings.first)
        #expect(finding.code == "explicit-list-needed")
        #expect(finding.layer == 11)
        #expect(finding.fix == "move whole runs of 6 layers")
    }

    @Test("keeps the donor's spelling of kinds that were renamed")
    func spelling() throws {
        let old = try ToyModel(
            "granitemoehybrid",
            layers: 4,
            ["layer_types": ["mamba", "mamba", "attention", "mamba"]]
        )
        let new = try ToyModel(
            "granitemoehybrid",
            layers: 4,
            ["layer_types": ["linear_attention", "full_attention", "linear_attention", "linear_attention"]],
            name: "new"
        )
        let outcome = ConfigSurgery.rewrite(
            sources: [old.source, new.source],
            donor: 0,
            layers: stack([0, 2]) + stack([1, 2], of: 1)
        )
        #expect(outcome.config["layer_types"] == ["mamba", "attention", "attention", "mamba"])
    }

    @Test("keeps an older key in step where the family still reads it")
    func mirrors() throws {
        let lfm = try ToyModel("lfm2", layers: 6, ["full_attn_idxs": [2, 5]])
        let outcome = ConfigSurgery.rewrite(sources: [lfm.source], donor: 0, layers: stack([0, 1, 2, 2, 3, 4, 5]))
        #expect(outcome.config["full_attn_idxs"] == [2, 3, 6])

        let nemotron = try ToyModel("nemotron_h", layers: 4, ["hybrid_override_pattern": "ME*-"])
        let letters = ConfigSurgery.rewrite(sources: [nemotron.source], donor: 0, layers: stack([0, 1, 0, 1, 2, 3]))
        #expect(letters.config["hybrid_override_pattern"] == "MEME*-")

        let kimi = try ToyModel(
            "kimi_linear",
            layers: 4,
            ["linear_attn_config": ["full_attn_layers": [4], "kda_layers": [1, 2, 3]]]
        )
        let counted = ConfigSurgery.rewrite(sources: [kimi.source], donor: 0, layers: stack([0, 3, 1, 2, 3]))
        #expect(counted.config["linear_attn_config"] == ["full_attn_layers": [2, 5], "kda_layers": [1, 3, 4]])
    }

    @Test("must end as the class makes it end")
    func lastLayer() throws {
        let model = try ToyModel("gemma4_text", layers: 6)
        let outcome = ConfigSurgery.rewrite(sources: [model.source], donor: 0, layers: stack([0, 1, 2, 3]))
        #expect(outcome.findings.contains { $0.code == "last-layer-kind" && $0.severity == .error && $0.layer == 3 })
    }
}
