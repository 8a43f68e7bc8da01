package import SutureDiagnostics

/// Something found out about a model or a pair of models; the planner gives it a place in the recipe.
package struct Finding: Hashable, Sendable {
    /// How bad it is.
    package let severity: Diagnostic.Severity

    /// The stable name of this kind of finding, such as `layer-count-mismatch`.
    package let code: String

    /// The two facts that disagree, lower case and without a full stop.
    package let message: String

    /// The one change most likely to settle it.
    package let fix: String?

    /// The config field it speaks of, as the keys that lead to it.
    package let field: [String]

    /// The layer of the output it speaks of.
    package let layer: Int?

    /// The tensor it speaks of.
    package let tensor: String?

    /// The word that `output.accept` takes to let it pass; `nil` where nothing does.
    package let accept: String?

    /// Creates a finding.
    package init(
        _ severity: Diagnostic.Severity,
        code: String,
        _ message: String,
        fix: String? = nil,
        field: [String] = [],
        layer: Int? = nil,
        tensor: String? = nil,
        accept: String? = nil
    ) {
        self.severity = severity
        self.code = code
        self.message = message
        self.fix = fix
        self.field = field
        self.layer = layer
        self.tensor = tensor
        self.accept = accept
    }
}

/// A finding of config surgery.
package typealias ConfigFinding = Finding

extension Finding {
    /// The code of models that were trained with different settings.
    static let settingsCode = "settings-differ"

    /// The code of embeddings and heads that speak of different numbers of tokens.
    package static let vocabulariesCode = "vocabularies-differ"

    /// The code of more layers than anybody means, or than a program loads.
    package static let tooManyLayersCode = "too-many-layers"
}
