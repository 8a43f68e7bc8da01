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
    private let parameters: [String]
    private let tokens: [(module: String?, rows: [Int])]
    private let ranks: [(pattern: ModulePattern, value: Int)]
    private let alphas: [(pattern: ModulePattern, value: Double)]

    /// The parameters of a module itself that it adapts, by their names there; each once, sorted.
    package func parameters(of module: String) -> [String] {
        var found: Set<String> = []
        for target in parameters {
            let parts = target.split(separator: ".").map(String.init)
            let home = parts.dropLast().joined(separator: ".")
            guard let name = parts.last, home.isEmpty || home == module || module.hasSuffix("." + home) else {
                continue
            }
            found.insert(name)
        }
        return found.sorted()
    }

    /// The rows of a module that were trained alone, in the order in which the adapter holds them.
    package func tokens(of module: String) -> [Int] {
        tokens.first { $0.module.map { $0 == module || module.hasSuffix("." + $0) } ?? true }?.rows ?? []
    }

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
                parameters: object["target_parameters"]?.array?.compactMap(\.string) ?? [],
                tokens: tokens("trainable_token_indices"),
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

        /// Rows of the embedding, or of modules by name.
        private mutating func tokens(_ key: String) -> [(module: String?, rows: [Int])] {
            func rows(_ value: JSONValue) -> [Int]? {
                guard let list = value.array else { return nil }
                let rows = list.compactMap(\.int)
                return rows.count == list.count ? rows : nil
            }
            switch object[key] {
            case nil, .null: return []
            case .object(let members):
                let named = members.members.compactMap { member in rows(member.value).map { (member.key, $0) } }
                if named.count == members.members.count { return named }
            case let value?:
                if let rows = rows(value) { return [(nil, rows)] }
            }
            faults.append(.badAdapterValue(path, key, "a list of row numbers, or lists by the names of modules"))
            return []
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
                ("use_qalora", "it adapts groups of inputs"),
                ("alora_invocation_tokens", "it acts after certain tokens only, and no weights say that"),
                ("megatron_config", "it was made for Megatron's parallel layers"),
                ("arrow_config", "it routes between adapters at run time"),
                ("use_bdlora", "its factors are stored as blocks of a larger matrix"),
                ("kasa_config", "it takes a part out of the base model"),
                ("monteclora_config", "its factors are drawn at random"),
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
