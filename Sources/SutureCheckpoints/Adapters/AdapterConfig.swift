import SutureDiagnostics
import SystemPackage

/// What `adapter_config.json` says of a LoRA (arXiv 2106.09685), in PEFT's layout.
package struct AdapterConfig: Sendable {
    /// The model it was made for, as its maker named it.
    package let base: String?

    /// Whether the product is scaled by `alpha / sqrt(r)` (rsLoRA, arXiv 2312.03732) and not by `alpha / r`.
    package let isRankStabilized: Bool

    /// Whether weights are decomposed into magnitude and direction (DoRA, arXiv 2402.09353).
    package let isDecomposed: Bool

    /// Whether the weights of the adapted modules lie as `[in, out]`.
    package let isTransposed: Bool

    /// The modules it says it adapts, where it lists them by name.
    package let targets: [String]

    private let rank: Int
    private let alpha: Double
    private let ranks: [(pattern: ModulePattern, value: Int)]
    private let alphas: [(pattern: ModulePattern, value: Double)]

    /// The rank that the config gives a module.
    package func rank(of module: String) -> Int { ranks.first { $0.pattern.matches(module) }?.value ?? rank }

    /// What the product of a module's factors is multiplied by.
    package func scale(of module: String, rank: Int) -> Double {
        let alpha = alphas.first { $0.pattern.matches(module) }?.value ?? alpha
        return alpha / (isRankStabilized ? Double(rank).squareRoot() : Double(rank))
    }

    /// Reads a config.
    ///
    /// - Parameters:
    ///   - object: The JSON.
    ///   - path: Where it came from.
    /// - Returns: The config, and what to tell the user about it.
    /// - Throws: `Diagnostics` with everything in it that cannot be followed.
    static func parse(
        _ object: JSONObject,
        path: String
    ) throws(Diagnostics) -> (config: AdapterConfig, notices: [Diagnostic]) {
        var reader = Reader(object: object, path: path)
        let config = reader.config()
        try reader.faults.throwIfErrors()
        return (config, reader.faults.all)
    }

    private struct Reader {
        let object: JSONObject
        let path: String
        var faults = Diagnostics()

        mutating func config() -> AdapterConfig {
            let kind = object["peft_type"]?.string ?? "LORA"
            if kind != "LORA" { faults.append(.notLoRA(path, kind)) }
            refuseUnsupported()
            warnOfChangedBase()
            return AdapterConfig(
                base: object["base_model_name_or_path"]?.string,
                isRankStabilized: flag("use_rslora"),
                isDecomposed: flag("use_dora"),
                isTransposed: flag("fan_in_fan_out"),
                targets: object["target_modules"]?.array?.compactMap(\.string) ?? [],
                rank: rank(object["r"] ?? .int(8), "r"),
                alpha: number(object["lora_alpha"] ?? .int(8), "lora_alpha"),
                ranks: patterns("rank_pattern").map { ($0.pattern, rank($0.value, "rank_pattern")) },
                alphas: patterns("alpha_pattern").map { ($0.pattern, number($0.value, "alpha_pattern")) }
            )
        }

        private mutating func flag(_ key: String) -> Bool {
            switch object[key] {
            case nil, .null: return false
            case .bool(let value): return value
            default:
                faults.append(.badAdapterValue(path, key, "true or false"))
                return false
            }
        }

        private mutating func rank(_ value: JSONValue, _ key: String) -> Int {
            if let rank = value.int, rank > 0, rank < 1 << 30 { return rank }
            faults.append(.badAdapterValue(path, key, "a rank of 1 or more"))
            return 1
        }

        private mutating func number(_ value: JSONValue, _ key: String) -> Double {
            if let number = value.double, number.isFinite { return number }
            faults.append(.badAdapterValue(path, key, "a number"))
            return 0
        }

        private mutating func patterns(_ key: String) -> [(pattern: ModulePattern, value: JSONValue)] {
            guard let members = object[key]?.object?.members else { return [] }
            return members.compactMap { member in
                if let pattern = ModulePattern(member.key) { return (pattern, member.value) }
                faults.append(.badModulePattern(path, key, member.key))
                return nil
            }
        }

        /// What changes the result in ways that are not built is refused by its name.
        private mutating func refuseUnsupported() {
            let reasons = [
                ("layer_replication", "it was trained on a stack of repeated layers"),
                ("target_parameters", "it adapts parameters of fused experts"),
                ("trainable_token_indices", "it replaces single rows of the embedding"),
                ("use_qalora", "it adapts groups of inputs"),
                ("alora_invocation_tokens", "it acts after certain tokens only, and no weights say that"),
                ("megatron_config", "it was made for Megatron's parallel layers"),
                ("arrow_config", "it routes between adapters at run time"),
            ]
            for (key, reason) in reasons where isSet(object[key]) {
                faults.append(.unsupportedAdapter(path, key, reason))
            }
        }

        private func isSet(_ value: JSONValue?) -> Bool {
            switch value {
            case nil, .null, .bool(false): false
            case .array(let list): !list.isEmpty
            case .object(let object): !object.isEmpty
            default: true
            }
        }

        /// Some ways to begin training take a part out of the base model, which is then another model.
        private mutating func warnOfChangedBase() {
            guard let start = object["init_lora_weights"]?.string?.lowercased() else { return }
            let changing = ["pissa", "olora", "corda", "loftq", "lora_ga"]
            guard let name = changing.first(where: { start.hasPrefix($0) }) else { return }
            faults.append(.baseWasChanged(path, name))
        }
    }
}

extension Diagnostic {
    fileprivate static func notLoRA(_ path: String, _ kind: String) -> Diagnostic {
        Diagnostic(
            code: "adapter-not-lora",
            "the adapter is of type '\(excerpt(kind))', and only LORA can be added to weights",
            at: .file(path, tensor: nil),
            fix: FixIt("merge it into the model with peft, and name the merged folder")
        )
    }

    fileprivate static func badAdapterValue(_ path: String, _ key: String, _ expected: String) -> Diagnostic {
        Diagnostic(code: "bad-adapter-config", "'\(key)' should be \(expected)", at: .file(path, tensor: nil))
    }

    fileprivate static func badModulePattern(_ path: String, _ key: String, _ pattern: String) -> Diagnostic {
        Diagnostic(
            code: "bad-adapter-config",
            "'\(key)' has the pattern '\(excerpt(pattern))', which cannot be read",
            at: .file(path, tensor: nil),
            fix: FixIt("write the names of the modules out")
        )
    }

    fileprivate static func unsupportedAdapter(_ path: String, _ key: String, _ reason: String) -> Diagnostic {
        Diagnostic(
            code: "adapter-unsupported",
            "the adapter uses '\(key)': \(reason), which cannot be added to weights here",
            at: .file(path, tensor: nil),
            fix: FixIt("merge it into the model with peft, and name the merged folder")
        )
    }

    fileprivate static func baseWasChanged(_ path: String, _ name: String) -> Diagnostic {
        Diagnostic(
            .warning,
            code: "adapter-changed-its-base",
            "init_lora_weights '\(name)' changes the base model before training: the adapter fits that changed model only",
            at: .file(path, tensor: nil),
            fix: FixIt(
                "name the changed base, or convert the adapter with peft's path_initial_model_for_weight_conversion"
            )
        )
    }
}
