/// What the parts of a model beside its language model's stack are called, in tensors' names and in recipes.
package enum ModuleNames {
    /// A tensor's name without what only some savers put in front: `vision_tower.encoder.layers.0.…`.
    package static func relative(_ name: String) -> String {
        var words = name.split(separator: ".", omittingEmptySubsequences: false)
        if words.count > 1, words[0] == "model" { words.removeFirst() }
        if words.count > 2, words[0] == "vision_tower", words[1] == "vision_model" { words.remove(at: 1) }
        return words.joined(separator: ".")
    }

    /// How closely a recipe's word for a module fits a tensor's relative name; `nil` where it does not.
    ///
    /// - Parameters:
    ///   - word: `vision_tower`, `visual.merger`.
    ///   - name: The relative name.
    ///   - isFigurative: Whether the model has no module that is called so: mergekit says `vision_tower` and
    ///     `multi_modal_projector` of every family.
    /// - Returns: A number that is larger the closer the word fits.
    package static func fit(of word: String, to name: String, isFigurative: Bool) -> Int? {
        if name == word || name.hasPrefix(word + ".") { return 2 + word.utf8.count }
        guard isFigurative else { return nil }
        let head = name.split(separator: ".").prefix(2).joined(separator: ".").lowercased()
        switch word {
        case "multi_modal_projector": return projectors.contains(where: head.contains) ? 2 : nil
        case "vision_tower", "vision_model": return visions.contains(where: head.contains) ? 1 : nil
        case "audio_tower", "audio_model": return sounds.contains(where: head.contains) ? 1 : nil
        default: return nil
        }
    }

    private static let projectors = [
        "projector", "connector", "merger", "aligner", "resampler", "embed_vision", "embed_audio", "projection", "mlp1",
        "adapter",
    ]
    private static let visions = ["vision", "visual", "vit", "image", "sam_model", "pixel"]
    private static let sounds = ["audio", "speech", "sound"]

    /// Whether a config's key speaks of a module.
    static func isConfig(_ key: String, of module: String) -> Bool {
        guard key.hasSuffix("_config") || ["encoder", "decoder"].contains(key) else { return false }
        let word = key.hasSuffix("_config") ? String(key.dropLast("_config".count)) : key
        let name = module.lowercased()
        for kin in [visions, sounds] where kin.contains(where: word.contains) {
            return kin.contains(where: name.contains)
        }
        return name.contains(word)
    }
}
