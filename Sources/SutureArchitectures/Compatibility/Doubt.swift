import SutureDiagnostics

/// A difference or a doubt that is no setting of two configs, and that `output.accept` takes by name all the same.
struct Doubt: Sendable {
    /// The name under `accept`.
    let name: String

    /// How bad it is.
    let severity: Diagnostic.Severity

    /// What it is, for people.
    let summary: String

    init(_ name: String, _ severity: Diagnostic.Severity, _ summary: String) {
        self.name = name
        self.severity = severity
        self.summary = summary
    }

    /// All of them.
    static let all: [Doubt] = [
        Doubt("model_type", .error, "models of two families; a warning where the two run the same layers"),
        Doubt("vocab_size", .warning, "embeddings of different lengths"),
        Doubt("vocabulary", .error, "other tokens: an error where rows are brought together, else a warning"),
        Doubt("tokenizer", .error, "a tokenizer that does not load, gives a number twice, or has tokens without rows"),
        Doubt("layer-kind", .error, "a layer with tensors that no layer of the config donor has"),
        Doubt("layer-number", .warning, "a layer whose arithmetic knows its own number"),
        Doubt("first-layer", .warning, "a tensor of the first layer that serves all"),
        Doubt("layer-count", .error, "a key that counts the layers, where it is not known or counts others too"),
        Doubt("outside-layers", .error, "what is numbered like the layers and lies outside them, in an unknown family"),
        Doubt("shared-block", .error, "a block that layers share, of models that trained it apart"),
        Doubt("depth-scale", .error, "layers that their family scales by the number of layers"),
        Doubt("scale_depth", .error, "models whose depths scale their layers differently"),
        Doubt("drafts", .warning, "draft (MTP) layers that are left behind"),
        Doubt("last-layers", .warning, "an output that ends on another layer than the last of its model"),
        Doubt("deepstack", .warning, "a layer moved away from where vision features are added"),
        Doubt("alignment_heads", .warning, "attention heads that time words, and whose layers move"),
        Doubt("unblended", .error, "weights outside the layers of a blend that its models do not store alike"),
        Doubt(
            "missing-tensors",
            .error,
            "a tensor that the family needs, or all else like its layer has, and the output has not"
        ),
        Doubt("unaccounted", .error, "a tensor that no rule speaks of"),
    ]
}
