import SutureArchitectures
import SutureCheckpoints
import SutureDiagnostics
import SutureJSON
import SutureTokenizers
import SystemPackage

/// The numbers of the tokens at which a text ends, begins and is padded: config, `generation_config.json` and tokenizer
/// each say them, and programs go by different ones.
struct SpecialTokens {
    private let composition: Composition

    init(_ composition: Composition) {
        self.composition = composition
    }

    /// What the output's config says under a key.
    private func stated(_ key: String) -> JSONValue? {
        var config = composition.donor.config
        _ = follow(in: &config)
        return config.setting(key) ?? config[composition.donor.anatomy.scopePath]?.object?.setting(key)
    }

    /// Gives tokens the numbers that they have in the output, wherever a file of the config's donor names them.
    ///
    /// - Returns: Tokens that the output lacks.
    func follow(in settings: inout JSONObject) -> [Diagnostic] {
        guard let numbers = composition.tokenNumbers,
            composition.alignment != nil || composition.specialDonor != nil
        else { return [] }
        var findings: [Diagnostic] = []
        follow(in: &settings, composition.donor, numbers, &findings)
        return findings
    }

    private func follow(
        in settings: inout JSONObject,
        _ donor: ResolvedSource,
        _ numbers: [TokenText: Int],
        _ findings: inout [Diagnostic]
    ) {
        for member in settings.members {
            if var inner = member.value.object {
                follow(in: &inner, donor, numbers, &findings)
                settings[member.key] = .object(inner)
                continue
            }
            guard Self.endings.contains(where: { member.key.hasSuffix($0) }) else { continue }
            let giver = Self.offices.contains(member.key) ? composition.specialDonor : nil
            let own = giver.flatMap { office(member.key, of: $0) } ?? member.value
            guard let tokens = (giver ?? donor).vocabulary?.tokens else { continue }
            func number(_ value: JSONValue) -> JSONValue {
                guard let old = value.int, tokens.indices.contains(old), let token = tokens[old] else { return value }
                guard let new = numbers[TokenText(token)] else {
                    findings.append(.tokenIsLost(token, member.key, of: donor.name))
                    return value
                }
                return .int(new)
            }
            settings[member.key] = own.array.map { .array($0.map(number)) } ?? number(own)
        }
    }

    /// What a model says under a key: its `generation_config.json` before its tokenizer, and its config after both.
    private func office(_ key: String, of source: ResolvedSource) -> JSONValue? {
        let file = source.checkpoint.companions.first { $0.name == "generation_config.json" }
        if let said = file.flatMap({ SmallFile.object($0.path) })?.setting(key) { return said }
        let facts = TokenizerFacts(source)
        if let token = facts.special[String(key.dropLast(3))], let number = facts.vocabulary?.numbers[TokenText(token)]
        {
            return .int(number)
        }
        return source.config.setting(key) ?? source.config[source.anatomy.scopePath]?.object?.setting(key)
    }

    private static let endings = ["_token_id", "_token_ids", "_token_index"]
    private static let offices = ["bos_token_id", "eos_token_id", "pad_token_id"]

    /// Writes the end token into `generation_config.json` where only the config has it.
    ///
    /// With that file beside it transformers asks the config no more, and never stops.
    ///
    /// - Returns: The file, and what was found.
    func complete(_ generation: JSONObject, at place: Diagnostic.Place) -> (JSONObject, [Diagnostic]) {
        guard let end = stated("eos_token_id") else { return (generation, []) }
        switch generation["eos_token_id"] {
        case nil:
            var completed = generation
            completed["eos_token_id"] = end
            return (completed, [.endWritten(end, of: composition.donor.name, at: place)])
        case .null: return (generation, [.endSwitchedOff(end, of: composition.donor.name, at: place)])
        case .some(let own):
            let isKnown = Set(Self.numbers(own)).isDisjoint(with: Self.numbers(end))
            return (generation, isKnown ? [.endsDiffer(own, end, of: composition.donor.name, at: place)] : [])
        }
    }

    /// Where the tokenizer that is written means another token than the config does.
    func findings(generation: JSONObject?) -> [Diagnostic] {
        let donor = composition.sources[composition.tokenizerDonor]
        let facts = TokenizerFacts(composition.specialDonor ?? donor)
        guard let numbers = composition.tokenNumbers else { return [] }
        return ["eos", "bos", "pad"].compactMap { office in
            let key = "\(office)_token_id"
            guard let token = facts.special["\(office)_token"], let number = numbers[TokenText(token)],
                let said = generation?.setting(key) ?? stated(key), case let known = Self.numbers(said),
                !known.isEmpty, !known.contains(number)
            else { return nil }
            return .officeDiffers(
                office == "eos" && donor.index != composition.configDonor ? .warning : .note,
                key,
                said,
                of: composition.donor.name,
                token,
                number,
                tokenizer: donor.name
            )
        }
    }

    private static func numbers(_ value: JSONValue) -> [Int] {
        value.int.map { [$0] } ?? value.array?.compactMap(\.int) ?? []
    }
}

extension Diagnostic {
    /// A token that a file names by a number, and that the output has not.
    fileprivate static func tokenIsLost(_ token: String, _ key: String, of name: String) -> Diagnostic {
        Diagnostic(
            .warning,
            code: "special-token-lost",
            "\(key) of '\(name)' is \(TokenizerFault.shown(token)), which the tokenizer that is written has not",
            at: nil as SourceRange?,
            fix: FixIt("take the special tokens of a model that has them: output: {tokenizer: {special: …}}")
        )
    }

    /// The end token is written where it lacked.
    fileprivate static func endWritten(_ end: JSONValue, of name: String, at place: Place) -> Diagnostic {
        Diagnostic(
            .note,
            code: "eos-written",
            "generation_config.json of '\(name)' has no eos_token_id, without which transformers never stops: that of "
                + "config.json is written into it, \(JSONPrinter.print(end))",
            at: place
        )
    }

    /// A file that says that no text ends.
    fileprivate static func endSwitchedOff(_ end: JSONValue, of name: String, at place: Place) -> Diagnostic {
        Diagnostic(
            .warning,
            code: "eos-switched-off",
            "generation_config.json of '\(name)' has eos_token_id null, so that transformers never stops; config.json has "
                + JSONPrinter.print(end),
            at: place,
            fix: FixIt("write it there, or leave the key out")
        )
    }

    /// Two files that end a text at different tokens.
    fileprivate static func endsDiffer(
        _ generation: JSONValue,
        _ config: JSONValue,
        of name: String,
        at place: Place
    ) -> Diagnostic {
        Diagnostic(
            .note,
            code: "eos-differs",
            "'\(name)' ends at \(JSONPrinter.print(generation)) by generation_config.json and at "
                + "\(JSONPrinter.print(config)) by config.json: transformers goes by the first",
            at: place
        )
    }

    /// A tokenizer and a config that mean different tokens by one word.
    fileprivate static func officeDiffers(
        _ severity: Severity,
        _ key: String,
        _ said: JSONValue,
        of config: String,
        _ token: String,
        _ number: Int,
        tokenizer: String
    ) -> Diagnostic {
        Diagnostic(
            severity,
            code: "special-token-differs",
            "\(key) is \(JSONPrinter.print(said)) in the files of '\(config)', the tokenizer of '\(tokenizer)' says "
                + "\(TokenizerFault.shown(token)), which is \(number)",
            at: nil as SourceRange?,
            fix: severity == .note
                ? nil : FixIt("take config and tokenizer from one model, or set \(key) in the output")
        )
    }
}

extension JSONObject {
    /// The value of a key, unless it is missing or `null`.
    fileprivate func setting(_ key: String) -> JSONValue? {
        guard let value = self[key], value != .null else { return nil }
        return value
    }
}
