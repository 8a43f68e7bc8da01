import SutureJSON
import SutureTensors
import Testing

@testable import SutureArchitectures

/// A field that follows the layers, what kind of thing it is, and the families of transformers that have it.
struct KnownField: Sendable, CustomTestStringConvertible {
    let kind: String
    let key: String
    let families: [String]

    var testDescription: String { "\(key.isEmpty ? "tensors" : key) (\(kind))" }

    static let all: [KnownField] = {
        let value = try? JSONParser.parse(readFixture("architectures/fields.json"))
        return (value?.array ?? []).compactMap(\.object).map { object in
            KnownField(
                kind: object["kind"]?.string ?? "",
                key: object["key"]?.string ?? "",
                families: object["families"]?.array?.compactMap(\.string) ?? []
            )
        }
    }()

    static let counts = all.filter { $0.kind == "count" }
}

@Suite("The table of fields")
struct FieldTableTests {
    @Test("is held against a list of all that are known")
    func areThere() {
        #expect(KnownField.all.count > 100)
        #expect(KnownField.all.reduce(0) { $0 + $1.families.count } > 370)
    }

    @Test("has a rule for each field of each family", arguments: KnownField.all)
    func hasRule(_ field: KnownField) {
        for family in field.families { #expect(Self.settles(field, of: family), "\(family)") }
    }

    private static func settles(_ field: KnownField, of family: String) -> Bool {
        let fields = FieldTable.fields(for: [family])
        switch field.kind {
        case "count":
            let counts = FamilyTable.countKeys(family) ?? ConfigScope.countKeys
            let derived = FamilyTable.derivedCounts(family)
            return FamilyTable.refusal(family) != nil || (counts + derived).contains(field.key)
        case "extra_layers":
            return ConfigScope.draftKeys.contains(field.key) || field.key == "mtp.*"
        case "side_stack" where FamilyTable.layeredName("a.attentions.3.q.weight", modelType: family)?.prefix == "a":
            return true
        case _ where field.key.isEmpty:
            return fields.contains { $0.key.isEmpty || $0.rule is NumberMatters }
        default:
            return field.key.hasPrefix("mtp_") || fields.contains { $0.keys.contains(field.key) }
        }
    }

    @Test("writes the depth wherever a family counts", arguments: KnownField.counts)
    func counts(_ field: KnownField) throws {
        for family in field.families where FamilyTable.refusal(family) == nil {
            let prefix = ["encoder", "decoder"].first(where: field.key.contains).map { "model.\($0).layers" }
            let isDerived = FamilyTable.derivedCounts(family).contains(field.key)
            var config: JSONObject = ["model_type": .string(family), "vocab_size": 96, field.key: 6]
            if isDerived {
                config[FamilyTable.countKeys(family)?.first ?? "num_layers"] = 6
                config[field.key] = .int(6 * 2)
            }
            let tensors = try ToyModel.tensors(layers: 6, prefix: prefix ?? "model.layers")
            let anatomy = try Anatomy.read(config: config, tensors: tensors)
            let outcome = ConfigSurgery.rewrite(
                sources: [(config, anatomy, "base")],
                donor: 0,
                layers: stack([0, 1, 2, 5])
            )
            #expect(outcome.config[field.key]?.int == (isDerived ? 4 * 2 : 4), "\(family)")
        }
    }

    @Test("knows no field under two rules")
    func isUnambiguous() {
        for family in Set(FieldTable.all.flatMap(\.families)) {
            let keys = FieldTable.fields(for: [family]).map(\.key).filter { !$0.isEmpty }
            #expect(Set(keys).count == keys.count, "\(family): \(keys)")
        }
    }
}
