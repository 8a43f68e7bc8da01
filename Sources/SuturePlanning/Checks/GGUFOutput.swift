import SutureCheckpoints
import SutureDiagnostics
import SutureRecipes
import SutureTensors

/// Stops what a recipe asks of GGUF models and is not done to them, and holds their tokenizer against the embedding.
enum GGUFOutput: CompositionCheck {
    static func findings(in composition: Composition) -> [Diagnostic] {
        guard let keys = composition.donor.checkpoint.gguf else { return [] }
        var findings: [Diagnostic] = []
        let output = composition.graph.output
        if let dtype = output.dtype {
            findings.append(.ggufAsIs("another dtype is given to", dtype.range, fix: "leave 'dtype' out"))
        }
        switch output.tokenizer?.source {
        case .union, .ruled:
            findings.append(.ggufAsIs("tokens are given to", nil, fix: "take the tokenizer of one input"))
        case .input, .base, nil: break
        }
        let tokenizer = composition.sources[composition.tokenizerDonor].checkpoint.gguf ?? keys
        let embedding = composition.strip.ends.embed.slots.first { $0.isVocabularyMatrix }
        if let rows = embedding?.spec.shape.dimensions[0], let list = tokenizer["tokenizer.ggml.tokens"]?.list,
            list.count > rows
        {
            findings.append(.ggufTokens(composition.sources[composition.tokenizerDonor].name, list.count, rows))
        }
        return findings
    }
}

extension Diagnostic {
    fileprivate static func ggufAsIs(_ what: String, _ range: SourceRange?, fix: String) -> Diagnostic {
        Diagnostic(
            code: "gguf-as-it-is",
            "\(what) GGUF models, which are written as they are stored",
            at: range,
            fix: FixIt(fix)
        )
    }

    fileprivate static func ggufTokens(_ name: String, _ tokens: Int, _ rows: Int) -> Diagnostic {
        Diagnostic(
            code: "tokens-without-rows",
            "the tokenizer of '\(name)' has \(tokens) tokens, and the embedding that is written has \(rows) rows",
            at: nil as SourceRange?,
            fix: FixIt("take tokenizer and embedding from one model")
        )
    }
}
