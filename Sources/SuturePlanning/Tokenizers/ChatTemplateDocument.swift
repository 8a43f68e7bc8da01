import SutureCheckpoints
import SutureDiagnostics
import SutureJSON
import SutureRecipes
import SutureTokenizers
import SystemPackage

/// Writes the chat template that the recipe asks for; without a word of the recipe the donor's files are copied.
struct ChatTemplateDocument {
    let composition: Composition

    /// What is to stand in `tokenizer_config.json`, where that has changed already.
    let settings: JSONObject?

    /// What `output.chat_template` comes to.
    struct Outcome {
        /// The files that say it.
        var documents: [Plan.Document] = []
        /// Names of the donor's files that would contradict it.
        var replaced: Set<String> = []
        /// What was found on the way.
        var findings: [Diagnostic] = []
    }

    /// The template's files.
    func write() -> Outcome {
        var outcome = Outcome()
        let donor = composition.sources[composition.tokenizerDonor]
        let chosen = composition.graph.output.chatTemplate.flatMap { template($0, &outcome.findings) }
        if let template = chosen ?? TokenizerFacts.chatTemplate(in: donor.checkpoint.companions) {
            checkTokens(of: template, &outcome)
        }
        let file = donor.checkpoint.companions.first { $0.name == "tokenizer_config.json" }
        var settings = self.settings
        if let template = chosen {
            outcome.documents.append(Plan.Document(name: "chat_template.jinja", text: template))
            outcome.replaced = ["chat_template.json"]
            // Older programs look only into the tokenizer's settings, and must not find another there.
            if var own = settings ?? file.flatMap({ SmallFile.object($0.path) }), own["chat_template"] != nil {
                own["chat_template"] = .string(template)
                settings = own
            }
        }
        if let settings {
            let text = JSONPrinter.print(.object(settings), indent: 2) + "\n"
            outcome.documents.append(Plan.Document(name: "tokenizer_config.json", text: text))
        }
        return outcome
    }

    /// Looks whether the output has the tokens that a template writes.
    private func checkTokens(of template: String, _ outcome: inout Outcome) {
        guard let numbers = composition.tokenNumbers else { return }
        // What looks like a token, and what is one of a model.
        var words = Self.marks(in: template)
        for source in composition.sources where composition.sourcesInUse.contains(source.index) {
            words += (source.vocabulary?.addedTokens ?? []).filter { $0.utf8.count > 2 && template.contains($0) }
        }
        let lacking = words.filter { numbers[TokenText($0)] == nil }
            .reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
        guard !lacking.isEmpty else { return }
        let range = composition.graph.output.chatTemplate?.range ?? composition.graph.output.tokenizer?.range
        outcome.findings.append(.templateTokensLack(lacking, at: range))
    }

    /// The words between `<|` and `|>`.
    private static func marks(in template: String) -> [String] {
        template.split(separator: "<|", omittingEmptySubsequences: false).dropFirst().compactMap { part in
            guard let word = part.split(separator: "|>", maxSplits: 1, omittingEmptySubsequences: false).first,
                word.utf8.count < part.utf8.count, word.utf8.count <= 40, !word.isEmpty,
                word.allSatisfy({ $0.isLetter || $0.isNumber || "_-./".contains($0) })
            else { return nil }
            return "<|\(word)|>"
        }
    }

    /// The text of the template; `nil` where the donor's stays.
    private func template(_ setting: Marked<String>, _ findings: inout [Diagnostic]) -> String? {
        let word = setting.value
        if Self.isTemplate(word) { return word }
        if let input = composition.graph.inputs.first(where: { $0.name.value == word }),
            let source = composition.sources.first(where: { $0.name == word || $0.reference == input.sourceKey })
        {
            let template = TokenizerFacts.chatTemplate(in: source.checkpoint.companions)
            if template == nil { findings.append(.noChatTemplate(setting, of: word)) }
            return template
        }
        if word == "auto" { return commonest(setting, &findings) }
        if word == "chatml" { return Self.chatML }
        if Self.named.contains(word) {
            findings.append(.templateNotBuiltIn(setting, donor: composition.sources[composition.tokenizerDonor].name))
            return nil
        }
        if Self.mayBeFile(word), let text = SmallFile.text(FilePath(word)) { return text }
        findings.append(.unknownChatTemplate(setting, known: ["auto", "chatml"] + Self.named.sorted()))
        return nil
    }

    private static func isTemplate(_ word: String) -> Bool { word.contains("{{") || word.contains("{%") }

    /// Whether a word can only be the path of a template.
    static func mayBeFile(_ word: String) -> Bool {
        !isTemplate(word) && word.utf8.count < 4096 && !named.contains(word) && !["auto", "chatml"].contains(word)
    }

    /// The template that most of the models have; of several the one whose model is mentioned first.
    private func commonest(_ setting: Marked<String>, _ findings: inout [Diagnostic]) -> String? {
        var counts: [(template: String, count: Int)] = []
        for index in composition.strip.sources {
            guard let template = TokenizerFacts.chatTemplate(in: composition.sources[index].checkpoint.companions)
            else { continue }
            if let known = counts.firstIndex(where: { $0.template == template }) {
                counts[known].count += 1
            } else {
                counts.append((template, 1))
            }
        }
        let most = counts.map(\.count).max() ?? 0
        guard let found = counts.first(where: { $0.count == most }) else {
            findings.append(.noChatTemplate(setting))
            return nil
        }
        return found.template
    }

    /// Names that other programs have templates for.
    private static let named: Set<String> = ["alpaca", "llama3", "mistral", "exaone"]

    /// Each message between `<|im_start|>role` and `<|im_end|>`.
    private static let chatML = """
        {%- for message in messages %}
        {{- '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n' }}
        {%- endfor %}
        {%- if add_generation_prompt %}
        {{- '<|im_start|>assistant\\n' }}
        {%- endif %}

        """
}

extension Diagnostic {
    /// A template that is known by name elsewhere and not written here.
    static func templateNotBuiltIn(_ name: Marked<String>, donor: String) -> Diagnostic {
        Diagnostic(
            .warning,
            code: "chat-template-kept",
            "the template '\(name.value)' is not built in, so that of '\(donor)' is kept",
            at: name.range,
            fix: FixIt("write it to a file and name that, or put its text here")
        )
    }

    /// A name that is neither a template nor a file.
    static func unknownChatTemplate(_ name: Marked<String>, known: [String]) -> Diagnostic {
        Diagnostic(
            code: "unknown-chat-template",
            "'\(name.value)' is no template, no file beside the recipe or in the current folder, and no known name",
            at: name.range,
            fix: .didYouMean(name.value, among: known) ?? FixIt("there are: " + known.joined(separator: ", "))
        )
    }

    /// A model that is to give its template and has none.
    static func noChatTemplate(_ name: Marked<String>, of model: String) -> Diagnostic {
        Diagnostic(
            code: "no-chat-template",
            "'\(model)' is to give its chat template, and has none",
            at: name.range,
            fix: FixIt("name another model, 'chatml', or a file")
        )
    }

    /// A template that writes what are no tokens of the output.
    fileprivate static func templateTokensLack(_ tokens: [String], at range: SourceRange?) -> Diagnostic {
        let words = tokens.prefix(4).map(TokenizerFault.shown).joined(separator: ", ")
        return Diagnostic(
            .warning,
            code: "template-tokens",
            "the chat template writes \(words)" + (tokens.count > 4 ? " and \(tokens.count - 4) more" : "")
                + ", which the tokenizer that is written has not: they become several pieces of text",
            at: range,
            fix: FixIt("add them ('output: {tokenizer: union}'), or choose another 'chat_template'")
        )
    }

    /// `auto` where no model has a template.
    static func noChatTemplate(_ name: Marked<String>) -> Diagnostic {
        Diagnostic(
            .warning,
            code: "no-chat-template",
            "none of the models has a chat template, so none is written",
            at: name.range,
            fix: FixIt("'chat_template: chatml', or a file")
        )
    }
}
