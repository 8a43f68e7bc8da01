import SutureCheckpoints
import SutureDiagnostics
import SutureJSON
import SutureRecipes
import SystemPackage

/// Writes the chat template that the recipe asks for; without a word of the recipe the donor's files are copied.
struct ChatTemplateDocument {
    let composition: Composition

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
        guard let setting = composition.graph.output.chatTemplate else { return Outcome() }
        var outcome = Outcome()
        guard let template = template(setting, &outcome.findings) else { return outcome }
        outcome.documents.append(Plan.Document(name: "chat_template.jinja", text: template))
        outcome.replaced = ["chat_template.json"]
        // Older programs look only into the tokenizer's settings, and must not find another there.
        let donor = composition.sources[composition.tokenizerDonor].checkpoint
        if let file = donor.companions.first(where: { $0.name == "tokenizer_config.json" }),
            var settings = SmallFile.object(file.path), settings["chat_template"] != nil
        {
            settings["chat_template"] = .string(template)
            let text = JSONPrinter.print(.object(settings), indent: 2) + "\n"
            outcome.documents.append(Plan.Document(name: file.name, text: text))
        }
        return outcome
    }

    /// The text of the template; `nil` where the donor's stays.
    private func template(_ setting: Marked<String>, _ findings: inout [Diagnostic]) -> String? {
        let word = setting.value
        if Self.isTemplate(word) { return word }
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
            guard let template = TokenizerFacts.chatTemplate(of: composition.sources[index]) else { continue }
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
