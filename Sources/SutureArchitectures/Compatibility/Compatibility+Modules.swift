package import SutureCheckpoints

extension Compatibility {
    /// The first setting in which the configs of two towers differ, and both values for people.
    ///
    /// What only one of them says is what the class has where the other is silent, as far as anybody can tell.
    package static func differingSetting(_ a: JSONObject, _ b: JSONObject) -> (key: String, values: (String, String))? {
        for member in a.members where !Self.isIdle(member.key) {
            guard let other = b[member.key], !Comparison.areSame(member.value, other) else { continue }
            return (member.key, (JSONPrinter.print(member.value), JSONPrinter.print(other)))
        }
        return nil
    }

    /// Settings that say nothing of what is computed, or that count layers, which are counted anew.
    private static func isIdle(_ key: String) -> Bool {
        let words = [
            "dropout", "dtype", "initializer", "transformers_version", "_name_or_path", "use_cache", "drop_path",
        ]
        return words.contains(where: key.contains) || ConfigScope.countKeys.contains(key) || key == "depth"
            || ["architectures", "model_type", "_attn_implementation", "return_dict", "gradient_checkpointing"]
                .contains(key)
    }
}
