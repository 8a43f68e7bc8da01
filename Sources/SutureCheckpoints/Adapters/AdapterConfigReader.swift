import SutureDiagnostics
import SutureJSON
import SystemPackage

extension AdapterConfig {
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
        var reader = AdapterConfigReader(object: object, path: path)
        let config = reader.config()
        try reader.faults.throwIfErrors()
        return (config, reader.faults.all)
    }
}

/// Reads `adapter_config.json` key by key, and refuses by name what no weights can say.
struct AdapterConfigReader {
    let object: JSONObject
    let path: String
    var faults = Diagnostics()

    mutating func config() -> AdapterConfig {
        let kind = object["peft_type"]?.string ?? "LORA"
        if kind != "LORA" { faults.append(.notLoRA(path, kind)) }
        refuseUnsupported()
        refuseChangedBase()
        warnOfUnknown()
        return AdapterConfig(
            base: object["base_model_name_or_path"]?.string,
            isRankStabilized: flag("use_rslora"),
            isDecomposed: flag("use_dora"),
            isTransposed: flag("fan_in_fan_out"),
            ensuresTie: flag("ensure_weight_tying"),
            replication: ranges("layer_replication"),
            targets: object["target_modules"]?.array?.compactMap(\.string) ?? [],
            targetPattern: object["target_modules"]?.string,
            savedModules: object["modules_to_save"]?.array?.compactMap(\.string) ?? [],
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

    /// Half-open ranges of layers, as pairs of numbers.
    private mutating func ranges(_ key: String) -> [Range<Int>] {
        guard let value = object[key], value != .null else { return [] }
        let ranges = value.array?.compactMap { pair -> Range<Int>? in
            guard let ends = pair.array?.compactMap(\.int), ends.count == 2, pair.array?.count == 2, ends[0] >= 0,
                ends[0] < ends[1], ends[1] < 1 << 20
            else { return nil }
            return ends[0]..<ends[1]
        }
        if let ranges, ranges.count == value.array?.count { return ranges }
        faults.append(.badAdapterValue(path, key, "a list of [first, end] pairs of layers"))
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
        for (key, reason, canMerge) in Self.unsupported where isSet(object[key]) {
            faults.append(.unsupportedAdapter(path, key, reason, canMerge: canMerge))
        }
    }

    /// Settings that no weights can say here, and whether PEFT itself can merge such an adapter.
    private static let unsupported: [(key: String, reason: String, canMerge: Bool)] = [
        ("use_qalora", "it adapts groups of inputs of a GPTQ model", false),
        ("alora_invocation_tokens", "it acts after certain tokens only, and no weights say that", false),
        ("megatron_config", "it was made for Megatron's parallel layers", false),
        ("arrow_config", "it routes between adapters at run time", false),
        ("use_bdlora", "its factors are stored as blocks of a larger matrix", true),
        ("kasa_config", "it takes a part out of the base model", true),
        ("monteclora_config", "its factors are drawn at random", true),
    ]

    private func isSet(_ value: JSONValue?) -> Bool {
        switch value {
        case nil, .null, .bool(false): false
        case .array(let list): !list.isEmpty
        case .object(let object): !object.isEmpty
        default: true
        }
    }

    /// Some ways to begin training take a part out of the base model, which is then another model.
    ///
    /// PEFT repeats the beginning where it can when it puts such an adapter on the plain model (PiSSA, OLoRA); it cannot
    /// where the beginning was drawn at random or made from data (`pissa_niter_N`, CorDA, LoRA-GA).
    private mutating func refuseChangedBase() {
        guard let start = object["init_lora_weights"]?.string?.lowercased() else { return }
        if Self.changingStarts.contains(where: start.hasPrefix) {
            faults.append(.baseWasChanged(path, start))
        } else if !Self.plainStarts.contains(start) {
            faults.append(.unknownStart(path, start))
        }
    }

    private static let changingStarts = ["pissa", "olora", "corda", "loftq", "lora_ga"]
    private static let plainStarts: Set<String> = ["gaussian", "eva", "orthogonal", "mica", "true", "false"]

    /// What a later PEFT may write, and may mean by it.
    private mutating func warnOfUnknown() {
        let unknown = object.members.filter { isSet($0.value) && !Self.known.contains($0.key) }.map(\.key)
        if !unknown.isEmpty { faults.append(.unknownSettings(path, unknown)) }
    }

    private static let known: Set<String> = Set(
        unsupported.map(\.key) + [
            "alpha_pattern", "auto_mapping", "base_model_name_or_path", "bias", "corda_config", "enable_lora",
            "ensure_weight_tying", "eva_config", "exclude_modules", "fan_in_fan_out", "inference_mode",
            "init_lora_weights", "layer_replication", "layers_pattern", "layers_to_transform", "loftq_config",
            "lora_alpha", "lora_bias", "lora_dropout", "lora_ga_config", "megatron_core", "merge_weights",
            "modules_to_save", "modules_to_tie", "peft_type", "peft_version", "qalora_group_size", "r",
            "rank_pattern", "revision", "runtime_config", "target_modules", "target_modules_to_tie",
            "target_parameters", "task_type", "trainable_token_indices", "use_dora", "use_rslora", "velora_config",
        ]
    )
}

extension Diagnostic {
    fileprivate static func notLoRA(_ path: String, _ kind: String) -> Diagnostic {
        let isOfInputs = ["PROMPT", "P_TUNING", "PREFIX", "CPT", "CARTRIDGE", "XLORA", "POLY"].contains {
            kind.uppercased().contains($0)
        }
        return Diagnostic(
            code: "adapter-not-lora",
            "the adapter is of type '\(excerpt(kind))', and only LORA can be added to weights",
            at: .file(path, tensor: nil),
            fix: isOfInputs
                ? FixIt("it changes no weights, so that no model can be made of it: use it beside the model with peft")
                : FixIt("merge it into the model with peft, and name the merged folder")
        )
    }

    fileprivate static func badAdapterValue(_ path: String, _ key: String, _ expected: String) -> Diagnostic {
        badAdapterConfig(path, "'\(key)' should be \(expected)")
    }

    fileprivate static func badModulePattern(_ path: String, _ key: String, _ pattern: String) -> Diagnostic {
        let fact = "'\(key)' has the pattern '\(excerpt(pattern))', which cannot be read"
        return badAdapterConfig(path, fact, fix: FixIt("write the names of the modules out"))
    }

    /// A config of an adapter with something in it that cannot be read.
    static func badAdapterConfig(_ path: String, _ fact: String, fix: FixIt? = nil) -> Diagnostic {
        Diagnostic(code: "bad-adapter-config", fact, at: .file(path, tensor: nil), fix: fix)
    }

    fileprivate static func unsupportedAdapter(
        _ path: String,
        _ key: String,
        _ reason: String,
        canMerge: Bool
    ) -> Diagnostic {
        adapterUnsupported(
            "the adapter uses '\(key)': \(reason), which cannot be added to weights here",
            at: path,
            fix: canMerge
                ? mergeFirst
                : FixIt("peft cannot merge it either: use it beside the model, or train one without '\(key)'")
        )
    }

    fileprivate static func baseWasChanged(_ path: String, _ start: String) -> Diagnostic {
        Diagnostic(
            code: "adapter-changed-its-base",
            "init_lora_weights is '\(excerpt(start))', which takes a part out of the base model before training: "
                + "the adapter fits the model that is left, and not the plain one",
            at: .file(path, tensor: nil),
            fix: FixIt(
                "save it again with peft's save_pretrained(…, path_initial_model_for_weight_conversion=…), which makes it "
                    + "fit the plain model; or, where the model that was left has been saved and is the one named here, "
                    + "set \"init_lora_weights\": true"
            )
        )
    }

    fileprivate static func unknownStart(_ path: String, _ start: String) -> Diagnostic {
        Diagnostic(
            code: "adapter-unknown-start",
            "init_lora_weights is '\(excerpt(start))', which is not known here: it may have changed the base model",
            at: .file(path, tensor: nil),
            fix: FixIt("if it leaves the base model as it is, set \"init_lora_weights\": true")
        )
    }

    fileprivate static func unknownSettings(_ path: String, _ keys: [String]) -> Diagnostic {
        let list = keys.prefix(4).map { "'\(excerpt($0))'" }.joined(separator: ", ") + (keys.count > 4 ? ", …" : "")
        return Diagnostic(
            .warning,
            code: "adapter-unknown-setting",
            "\(list) is not known here, and is not followed",
            at: .file(path, tensor: nil),
            fix: FixIt("if it changes what the adapter computes, merge it with peft, and name the merged folder")
        )
    }
}
