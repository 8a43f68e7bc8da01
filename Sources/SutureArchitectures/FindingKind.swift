/// What a rule of config surgery finds: a code that is written where it is found, or one of those that several rules find.
struct FindingKind: ExpressibleByStringLiteral {
    /// The stable name.
    let code: String

    init(stringLiteral code: String) {
        self.code = code
    }

    /// A config names a layer that its model does not have.
    static let configLayerOutside: FindingKind = "config-layer-outside"

    /// The number of layers changes, and the family computes with it.
    static let depthMatters: FindingKind = "depth-matters"

    /// Only a list says what the layers are, and not every program reads it.
    static let explicitListNeeded: FindingKind = "explicit-list-needed"

    /// A layer's attention and MLP are of kinds that no layer has both of.
    static let halvesApart: FindingKind = "halves-apart"

    /// A layer moves, and the family computes with its number.
    static let layerNumberMatters: FindingKind = "layer-number-matters"

    /// A config names a layer that is not in the output.
    static let layerReferenceLost: FindingKind = "layer-reference-lost"

    /// The family's config has no words for the order of the layers.
    static let layoutInexpressible: FindingKind = "layout-inexpressible"

    /// A layer uses what another works out, and would find another's.
    static let producerChanged: FindingKind = "producer-changed"

    /// A layer's place among its kind changes, and the family goes by it.
    static let rankChanged: FindingKind = "rank-changed"

    /// The output has more layers than a program loads.
    static let tooManyLayers = FindingKind(stringLiteral: Finding.tooManyLayersCode)
}
