import SutureDiagnostics
import SutureJSON

/// Which half of a layer decides a field's value, where the halves come from different layers.
enum Following: Sendable {
    case attention, mlp
}

/// The config of an output on its way from the donor's to the final one, and what was found on that way.
struct ConfigDraft {
    /// One model that layers come from.
    struct Source {
        /// What the recipe calls it.
        let name: String

        /// Its anatomy.
        let anatomy: Anatomy

        /// The whole config.
        let root: JSONObject

        /// Its language model's own config.
        let scope: JSONObject

        /// Whether its file counts attention and MLP as blocks of their own, where the two above count layers.
        let countsBlocks: Bool

        /// The names under which the field table may know its family.
        let families: [String]

        /// Whether the family of the whole model was searched for what follows its layers.
        var isKnown: Bool { FieldTable.isKnown(anatomy.modelType.isEmpty ? families : [anatomy.modelType]) }

        /// The number of its layers.
        var depth: Int { anatomy.layerCount }

        func view(_ layer: Int) -> LayerView { LayerView(config: scope, i: layer, n: depth) }
    }

    /// The models that layers come from.
    let sources: [Source]

    /// The model whose config is the base.
    let donor: Int

    /// For each layer of the output: where its halves come from.
    let layers: [(attention: LayerOrigin, mlp: LayerOrigin)]

    /// The config of the output.
    private(set) var config: JSONObject

    /// What was found.
    var findings: [Finding] = []

    /// What must happen to tensors.
    var consequences: [TensorConsequence] = []

    /// Keys that a rule takes care of, as paths with dots inside the language model's config.
    var handled: Set<String> = []

    /// The values of per-layer fields in the output, by key.
    var values: [String: [JSONValue]] = [:]

    init(sources: [Source], donor: Int, layers: [(attention: LayerOrigin, mlp: LayerOrigin)]) {
        self.sources = sources
        self.donor = donor
        self.layers = layers
        config = sources[donor].root
    }

    /// The number of layers of the output.
    var depth: Int { layers.count }

    /// The sources that layers come from, the donor's among them only if one does.
    var used: [Int] { Set(layers.flatMap { [$0.attention.source, $0.mlp.source] }).sorted() }

    /// Where the value of a field at a layer comes from.
    func origin(_ layer: Int, _ following: Following) -> LayerOrigin {
        following == .attention ? layers[layer].attention : layers[layer].mlp
    }

    /// Whether every layer keeps its number.
    var keepsNumbers: Bool {
        layers.enumerated().allSatisfy { $1.attention.layer == $0 && $1.mlp.layer == $0 }
    }

    // MARK: - The output's config

    /// The config as the donor's program writes it.
    var written: JSONObject {
        sources[donor].countsBlocks ? PairedBlocks.byBlocks(config, at: scopePath) : config
    }

    /// The language model's own config in the output.
    var scope: JSONObject { scopePath.isEmpty ? config : config[scopePath]?.object ?? JSONObject() }

    /// The keys that lead to it.
    var scopePath: [String] { sources[donor].anatomy.scopePath }

    /// A layer of the output, as the config now describes it.
    func view(_ layer: Int) -> LayerView { LayerView(config: scope, i: layer, n: depth) }

    /// The path of a key of the language model, from the file's own object.
    func path(_ key: String) -> [String] { scopePath + key.split(separator: ".").map(String.init) }

    /// Reads a key of the language model; missing and `null` are alike.
    func setting(_ key: String) -> JSONValue? {
        guard let value = config[path(key)], value != .null else { return nil }
        return value
    }

    /// Writes a key of the language model, or removes it.
    mutating func set(_ key: String, _ value: JSONValue?) { config[path(key)] = value }

    /// Writes a key by its path from the file's own object.
    mutating func set(path: [String], _ value: JSONValue?) { config[path] = value }

    // MARK: - Findings

    /// Adds a finding about a key of the language model.
    mutating func report(
        _ severity: Diagnostic.Severity,
        _ kind: FindingKind,
        _ message: String,
        key: String? = nil,
        layer: Int? = nil,
        fix: String? = nil,
        accept: String? = nil
    ) {
        let field = key.map(path) ?? []
        findings.append(
            Finding(severity, code: kind.code, message, fix: fix, field: field, layer: layer, accept: accept)
        )
    }

    /// `layer 3 of 'base'`, for messages.
    func words(_ origin: LayerOrigin) -> String { "layer \(origin.layer) of '\(sources[origin.source].name)'" }
}
