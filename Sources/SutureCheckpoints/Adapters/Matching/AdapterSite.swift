/// What an adapter must know of the model that it is put on, beyond the tensors: told by who knows architectures.
package struct AdapterSite: Sendable {
    /// The tensor that embeds tokens.
    package var embedding: String?

    /// The tensor that is the head over tokens.
    ///
    /// Where none is stored because the head is the embedding, its name if it were; `nil` where the model has no head.
    package var head: String?

    /// The tensor that is the head's bias, where it has one; a tied head may share that of the module around it.
    package var headBias: String?

    /// Whether the head is the embedding, by the config.
    package var isTied = false

    /// The other modules that share the embedding, as an encoder and a decoder do; none in most models.
    package var sharers: [String] = []

    /// Tensors whose first dimension is the number of tokens: embedding, head and its bias.
    package var vocabularyTensors: Set<String> = []

    /// Whether the matrices of its layers lie as `[in, out]`; `nil` where that is not known.
    package var liesTransposed: Bool?

    /// What stands before the numbers of its layers, with the dot.
    package var layerPrefix = ""

    /// Whether a module's name is that of a head over tokens.
    package var isHead: @Sendable (String) -> Bool = { _ in false }

    /// Creates what is known of a model of which nothing is known.
    package init() {}
}
