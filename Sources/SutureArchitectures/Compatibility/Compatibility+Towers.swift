import SutureDiagnostics
import SutureJSON

extension Compatibility {
    /// Compares what two configs say beside the language model: towers that are blended run by one of them.
    ///
    /// What only one config says is what the class has where the other is silent, as far as anybody can tell.
    ///
    /// - Parameters:
    ///   - base: The donor of the config.
    ///   - other: The model whose towers are blended with its.
    /// - Returns: An error for each section in which a setting differs.
    package static func compareTowers(_ base: ConfigSurgery.Source, _ other: ConfigSurgery.Source) -> [Finding] {
        let scope = base.anatomy.scopePath
        return (0...max(0, scope.count - 1)).flatMap { level -> [Finding] in
            let path = Array(scope.prefix(level))
            let mine = path.isEmpty ? base.config : base.config[path]?.object
            let theirs = path.isEmpty ? other.config : other.config[path]?.object
            return (mine?.members ?? []).compactMap { member in
                guard member.key.hasSuffix("_config"), member.key != "quantization_config",
                    !scope.dropFirst(level).starts(with: [member.key]),
                    let a = member.value.object, let b = theirs?[member.key]?.object,
                    let differing = a.members.first(where: { setting in
                        guard !isIdle(setting.key), let value = b[setting.key] else { return false }
                        return !Comparison.areSame(setting.value, value)
                    })
                else { return nil }
                let name = member.key + "." + differing.key
                return Finding(
                    .error,
                    code: Finding.settingsCode,
                    "\(name) is \(JSONPrinter.print(differing.value)) in '\(base.name)' and "
                        + "\(JSONPrinter.print(b[differing.key] ?? .null)) in '\(other.name)', whose towers are blended",
                    fix: "the output's config has that of '\(base.name)'",
                    field: path + [member.key, differing.key],
                    accept: member.key
                )
            }
        }
    }

    /// Whether a setting says nothing of what a tower computes: what is for training, or names a class or a version.
    private static func isIdle(_ key: String) -> Bool {
        let words = [
            "dropout", "drop_path", "dtype", "initializer", "_name", "version", "use_cache", "output_", "return_",
        ]
        let names = [
            "architectures", "attn_implementation", "_attn_implementation", "gradient_checkpointing", "id2label",
            "label2id",
            "model_type", "problem_type", "torchscript",
        ]
        return names.contains(key) || words.contains(where: key.contains)
    }
}
