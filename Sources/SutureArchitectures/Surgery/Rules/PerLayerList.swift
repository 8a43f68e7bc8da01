import SutureDiagnostics
import SutureJSON

/// A list of one value a layer, such as `layer_types`: each layer brings its own.
struct PerLayerList: FieldRule {
    /// An older key that says the same of the layers and is kept in step where the config has it.
    enum Mirror: Sendable {
        /// A list of the layers of a value.
        case indices(String, of: String, base: Int)

        /// A text with a letter for each layer.
        case letters(String, [String: Character])

        /// A text of the layers of a value, parted by commas.
        case commas(String, of: String)
    }

    /// Which half of a layer it describes.
    var follows: Following = .attention

    /// Older keys from which the class makes the list where it is missing.
    var supersedes: [String] = []

    /// Older keys that are kept in step.
    var mirrors: [Mirror] = []

    /// What the class makes the last entry, whatever the list says.
    var lastMustBe: JSONValue?

    /// What the first entry may not be.
    var firstMustNotBe: JSONValue?

    /// Whether an entry leans on the nearest one before it that differs from it.
    var leansOnEarlier: JSONValue?

    /// Whether an empty list counts as none.
    var emptyIsMissing = false

    /// Whether a single value may stand for a list of it.
    var mayBeScalar = false

    /// The value where the config has no list; `nil` where the class has none either.
    var fallback: (@Sendable (LayerView) -> JSONValue?)?

    var alongside: [String] { supersedes + mirrors.map(\.key) }

    func rewrite(_ key: String, in surgery: inout ConfigDraft) {
        guard let values = gathered(key, in: &surgery) else { return }
        surgery.values[key] = values
        check(values, key, in: &surgery)
        writeMirrors(values, in: &surgery)

        let derived = (0..<surgery.depth).map { fallback?(surgery.view($0)) }
        let isDerivable = zip(derived, values).allSatisfy { Self.isSame($0, $1) }
        let isWritten =
            surgery.used.contains { explicit(key, in: surgery.sources[$0]) != nil } || surgery.setting(key) != nil
        if isDerivable, !isWritten { return }
        surgery.set(key, encoded(values, key, in: surgery))
        guard !isDerivable, fallback != nil else { return }
        dropSuperseded(key, derived: derived, values: values, in: &surgery)
    }

    // MARK: - Gathering

    /// The list as the source has it, cut to its depth; `nil` where it has none.
    private func explicit(_ key: String, in source: ConfigDraft.Source) -> JSONValue? {
        guard let value = source.view(0).value(key) else { return nil }
        if emptyIsMissing, value.array?.isEmpty == true { return nil }
        return value
    }

    /// The values of the output's layers; `nil` where no source has any.
    private func gathered(_ key: String, in surgery: inout ConfigDraft) -> [JSONValue]? {
        var lists: [Int: [JSONValue?]] = [:]
        for source in surgery.used { lists[source] = effective(key, source, in: &surgery) }
        let found = (0..<surgery.depth).map { layer -> JSONValue? in
            let origin = surgery.origin(layer, follows)
            guard let list = lists[origin.source], list.indices.contains(origin.layer) else { return nil }
            return list[origin.layer]
        }
        if found.allSatisfy({ $0 == nil }) { return nil }
        let spellings = Spellings(surgery.sources[surgery.donor].view(0).value(key)?.array ?? [])
        var values: [JSONValue] = []
        for (layer, value) in found.enumerated() {
            guard let value = value ?? Self.assumed(key, surgery.sources[surgery.origin(layer, follows).source]) else {
                surgery.reportNoValue(key, layer: layer, from: surgery.origin(layer, follows))
                return nil
            }
            values.append(spellings.spell(value))
        }
        return values
    }

    /// A source's value for each of its layers: its list, or what its class makes of the rest of its config.
    private func effective(_ key: String, _ index: Int, in surgery: inout ConfigDraft) -> [JSONValue?] {
        let source = surgery.sources[index]
        let depth = source.depth
        // A class without the field makes nothing of it.
        let own = FieldTable.rule(key, for: source.families) as? PerLayerList
        let derived = { (0..<depth).map { layer in own?.fallback?(source.view(layer)) } }
        guard let value = explicit(key, in: source) else { return derived() }
        guard let list = value.array else {
            if mayBeScalar { return Array(repeating: value, count: depth) }
            surgery.reportWrongType(key, value, expected: "a list of \(depth) values", in: index)
            return derived()
        }
        let drafts = ConfigScope(path: [], object: source.scope).draftCount
        guard list.count == depth || list.count == depth + drafts else {
            surgery.reportLength(key, list.count, in: index)
            return derived()
        }
        return list.prefix(depth).map { $0 }
    }

    /// What a family that has no such field does in its layers.
    private static func assumed(_ key: String, _ source: ConfigDraft.Source) -> JSONValue? {
        guard key == "layer_types" else { return key == "mlp_layer_types" ? "dense" : nil }
        let slides = ["mistral", "mixtral", "phi3", "starcoder2"].contains { source.families.contains($0) }
        return slides && source.scope.setting("sliding_window") != nil ? "sliding_attention" : "full_attention"
    }

    // MARK: - Writing

    private static func isSame(_ a: JSONValue?, _ b: JSONValue) -> Bool {
        guard let a else { return false }
        if a == b { return true }
        if let a = a.string, let b = b.string { return Spellings.canonical(a) == Spellings.canonical(b) }
        guard let a = a.double ?? a.bool.map({ $0 ? 1 : 0 }), let b = b.double ?? b.bool.map({ $0 ? 1 : 0 }) else {
            return false
        }
        return a == b
    }

    private func encoded(_ values: [JSONValue], _ key: String, in surgery: ConfigDraft) -> JSONValue {
        guard mayBeScalar, let first = values.first, values.allSatisfy({ $0 == first }) else { return .array(values) }
        let hasList = surgery.used.contains { surgery.sources[$0].view(0).value(key)?.array != nil }
        return hasList ? .array(values) : first
    }

    /// Removes the older keys that would make another list of the output, and says who is misled.
    private func dropSuperseded(
        _ key: String,
        derived: [JSONValue?],
        values: [JSONValue],
        in surgery: inout ConfigDraft
    ) {
        let mirrored = mirrors.map(\.key)
        for old in supersedes where !mirrored.contains(old) { surgery.set(old, nil) }
        let first = zip(derived, values).enumerated().first { !Self.isSame($1.0, $1.1) }?.offset ?? 0
        let donor = surgery.sources[surgery.donor]
        // A program that makes nothing of the donor without its list, or something else, needs the list already.
        guard let taken = derived[first], isDerivable(key, in: donor) else { return }
        let period = Self.period(of: donor, fallback).flatMap { $0 > 1 ? $0 : nil }
        surgery.report(
            .note,
            .explicitListNeeded,
            "only \(key) says what the layers are: programs that do not read it take layer \(first) for \(taken.shown), it is \(values[first].shown)",
            key: key,
            layer: first,
            fix: period.map { "move whole runs of \($0) layers" },
            accept: key
        )
    }

    /// Whether a source's own list is the one that its class makes without it.
    private func isDerivable(_ key: String, in source: ConfigDraft.Source) -> Bool {
        guard let list = explicit(key, in: source)?.array else { return true }
        return list.prefix(source.depth).enumerated().allSatisfy { layer, value in
            Self.isSame(fallback?(source.view(layer)), value)
        }
    }

    /// After how many layers the class repeats itself in a model.
    private static func period(
        of source: ConfigDraft.Source,
        _ fallback: (@Sendable (LayerView) -> JSONValue?)?
    ) -> Int? {
        let list = (0..<min(source.depth, 512)).map { fallback?(source.view($0)) }
        guard list.count >= 2 else { return nil }
        return (1...max(1, list.count / 2)).first { period in
            list.indices.dropFirst(period).allSatisfy { list[$0] == list[$0 - period] }
        }
    }

    private func writeMirrors(_ values: [JSONValue], in surgery: inout ConfigDraft) {
        for mirror in mirrors {
            guard surgery.setting(mirror.key) != nil else { continue }
            surgery.set(mirror.key, mirror.encoded(values))
        }
    }

    // MARK: - What the class insists on

    private func check(_ values: [JSONValue], _ key: String, in surgery: inout ConfigDraft) {
        guard let first = values.first, let last = values.last else { return }
        let spell = { (value: JSONValue) in value.string.map(Spellings.canonical) ?? value.shown }
        if let lastMustBe, spell(last) != spell(lastMustBe) {
            let end = surgery.depth - 1
            surgery.report(
                .error,
                "last-layer-kind",
                "\(surgery.words(surgery.origin(end, follows))) is \(last.shown), the family makes its last layer \(lastMustBe.shown)",
                key: key,
                layer: end,
                fix: "end with a layer that is \(lastMustBe.shown)"
            )
        }
        if let firstMustNotBe, spell(first) == spell(firstMustNotBe) {
            surgery.report(
                .error,
                "first-layer-kind",
                "\(surgery.words(surgery.origin(0, follows))) is \(first.shown), there is no layer before it to share with",
                key: key,
                layer: 0,
                fix: "begin with a layer that is not \(first.shown)"
            )
        }
        checkLeaning(values, key, in: &surgery)
    }

    /// A layer that reuses what the nearest full one before it worked out wants the one it was trained behind.
    private func checkLeaning(_ values: [JSONValue], _ key: String, in surgery: inout ConfigDraft) {
        guard let leansOnEarlier else { return }
        var producer: LayerOrigin?
        for (layer, value) in values.enumerated() {
            let origin = surgery.origin(layer, follows)
            guard value == leansOnEarlier else {
                producer = origin
                continue
            }
            let list = surgery.sources[origin.source]
            var before = origin.layer - 1
            while before >= 0, explicitOrDerived(list, key, before) == leansOnEarlier { before -= 1 }
            guard before >= 0, producer != LayerOrigin(source: origin.source, layer: before) else { continue }
            surgery.report(
                .warning,
                .producerChanged,
                "\(surgery.words(origin)) reuses what layer \(before) works out, before it now stands \(producer.map(surgery.words) ?? "none")",
                key: key,
                layer: layer,
                fix: "move a layer together with the one whose work it shares"
            )
            return
        }
    }

    private func explicitOrDerived(_ source: ConfigDraft.Source, _ key: String, _ layer: Int) -> JSONValue? {
        source.view(layer).entry(key) ?? fallback?(source.view(layer))
    }
}

extension PerLayerList.Mirror {
    /// The older key.
    var key: String {
        switch self {
        case .indices(let key, _, _), .letters(let key, _), .commas(let key, _): key
        }
    }

    /// What the older key says of a list.
    func encoded(_ values: [JSONValue]) -> JSONValue? {
        let kinds = values.map { $0.string.map(Spellings.canonical) ?? "" }
        switch self {
        case .indices(_, let kind, let base):
            return .array(kinds.indices.filter { kinds[$0] == kind }.map { .int($0 + base) })
        case .commas(_, let kind):
            return .string(kinds.indices.filter { kinds[$0] == kind }.map(String.init).joined(separator: ","))
        case .letters(_, let letters):
            let text = kinds.compactMap { letters[$0] }
            return text.count == kinds.count ? .string(String(text)) : nil
        }
    }
}

extension ConfigDraft {
    /// A source has something else where a list or a number should be.
    mutating func reportWrongType(_ key: String, _ value: JSONValue, expected: String, in source: Int) {
        report(
            .error,
            "config-wrong-type",
            "\(key) of '\(sources[source].name)' is \(value.kind), not \(expected)",
            key: key,
            fix: "correct config.json of '\(sources[source].name)'"
        )
    }

    /// A source's list does not have one value for each of its layers.
    mutating func reportLength(_ key: String, _ count: Int, in source: Int) {
        report(
            .error,
            "config-list-length",
            "\(key) of '\(sources[source].name)' has \(count) values, the model has \(sources[source].depth) layers",
            key: key,
            fix: "correct config.json of '\(sources[source].name)'"
        )
    }

    /// A layer comes from a model that says nothing of a field which the others have.
    mutating func reportNoValue(_ key: String, layer: Int, from origin: LayerOrigin) {
        report(
            .error,
            "config-no-value",
            "'\(sources[donor].name)' has \(key) for each layer, '\(sources[origin.source].name)' says nothing of it",
            key: key,
            layer: layer,
            fix: "add \(key) to config.json of '\(sources[origin.source].name)'"
        )
    }
}
