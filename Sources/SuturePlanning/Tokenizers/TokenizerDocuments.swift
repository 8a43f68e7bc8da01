import SutureCheckpoints
import SutureDiagnostics
import SutureJSON
import SutureMerging
import SutureRecipes
import SutureTokenizers
import SystemPackage

/// Writes the files of a tokenizer that gets more tokens, or the special tokens of another; all others are copied.
struct TokenizerDocuments {
    let composition: Composition
    let compatibility: MergeRelease?

    /// What the tokenizer's files come to.
    struct Outcome {
        /// The files that had to change.
        var documents: [Plan.Document] = []
        /// What is to stand in `tokenizer_config.json`, where that changes.
        var settings: JSONObject?
        /// What was found on the way.
        var findings: [Diagnostic] = []
    }

    private var donor: ResolvedSource { composition.sources[composition.tokenizerDonor] }

    private func companion(_ name: String) -> CompanionFile? {
        donor.checkpoint.companions.first { $0.name == name }
    }

    /// The files.
    func write() -> Outcome {
        var outcome = Outcome()
        addTokens(to: &outcome)
        setOffices(in: &outcome)
        return outcome
    }

    private func addTokens(to outcome: inout Outcome) {
        guard let alignment = composition.alignment, !alignment.added.isEmpty, let file = donor.vocabularyFile else {
            return
        }
        let added = alignment.added
        let isFast = file.name == "tokenizer.json"
        if isFast {
            do throws(TokenizerEdit.Refusal) {
                let bytes = try TokenizerEdit(SmallFile.bytes(file.path) ?? [], of: donor.vocabulary).adding(
                    added,
                    rawPieces: compatibility != nil
                )
                outcome.documents.append(Plan.Document(name: file.name, text: String(decoding: bytes, as: UTF8.self)))
            } catch {
                outcome.findings.append(.notEdited(donor.name, file, error.words))
                return
            }
        } else if let piece = added.first(where: { $0.definition == nil }), compatibility == nil {
            let reason = "\(TokenizerFault.shown(piece.text)) is a piece of another vocabulary"
            outcome.findings.append(.notEdited(donor.name, file, reason))
            return
        }
        // What programs without a tokenizer.json go by, and transformers beside one.
        var settings = settings()
        if !isFast || settings["added_tokens_decoder"] != nil {
            var decoder = settings["added_tokens_decoder"]?.object ?? [:]
            for token in added where token.definition != nil || compatibility != nil {
                var definition: JSONObject = ["content": .string(token.text)]
                for key in ["lstrip", "normalized", "rstrip", "single_word", "special"] {
                    definition[key] = .bool(token.definition?[key]?.bool ?? false)
                }
                decoder[String(token.number)] = .object(definition)
            }
            settings["added_tokens_decoder"] = .object(decoder)
            outcome.settings = settings
        }
        let list = companion("added_tokens.json")
        guard !isFast || list != nil else { return }
        var numbers = list.flatMap { SmallFile.object($0.path) } ?? [:]
        for token in added { numbers[token.text] = .int(token.number) }
        let text = JSONPrinter.print(.object(numbers), indent: 2) + "\n"
        outcome.documents.append(Plan.Document(name: "added_tokens.json", text: text))
    }

    private func settings() -> JSONObject {
        companion("tokenizer_config.json").flatMap { SmallFile.object($0.path) } ?? [:]
    }

    /// Gives the tokenizer the tokens that begin, end and pad the texts of another model.
    private func setOffices(in outcome: inout Outcome) {
        guard let giver = composition.specialDonor else { return }
        let facts = TokenizerFacts(giver)
        var settings = outcome.settings ?? settings()
        var map = companion("special_tokens_map.json").flatMap { SmallFile.object($0.path) }
        for office in TokenizerFacts.offices {
            guard let token = facts.special[office] else { continue }
            settings[office] = .string(token)
            map?[office] = .string(token)
        }
        outcome.settings = settings
        if let map {
            let text = JSONPrinter.print(.object(map), indent: 2) + "\n"
            outcome.documents.append(Plan.Document(name: "special_tokens_map.json", text: text))
        }
    }
}

extension Composition {
    /// The model whose tokens begin, end and pad texts, where the recipe names one.
    var specialDonor: ResolvedSource? {
        guard let name = graph.output.tokenizer?.special?.value,
            let key = graph.inputs.first(where: { $0.name.value == name })?.sourceKey
        else { return nil }
        return sources.first { $0.name == name || $0.reference == key }
    }

    /// The numbers of the output's tokens by their texts, where they are known.
    var tokenNumbers: [TokenText: Int]? { alignment?.numbers ?? sources[tokenizerDonor].vocabulary?.numbers }
}

extension Diagnostic {
    fileprivate static func notEdited(_ name: String, _ file: CompanionFile, _ reason: String) -> Diagnostic {
        tokenizerNotEdited(name, file.name, reason, at: .file(file.path.string, tensor: nil))
    }
}
