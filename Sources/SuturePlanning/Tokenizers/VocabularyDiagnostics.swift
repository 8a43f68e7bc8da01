import SutureDiagnostics
import SutureRecipes
import SutureTokenizers

extension Diagnostic {
    /// How a union is numbered.
    static func union(
        _ start: (name: String, count: Int),
        _ parts: [(name: String, count: Int)],
        isMergekit: Bool,
        at range: SourceRange?
    ) -> Diagnostic {
        let words = parts.map { "\($0.count) of '\($0.name)'" }.joined(separator: ", ")
        return Diagnostic(
            .note,
            code: "vocabularies-united",
            "the \(start.count) tokens of '\(start.name)' keep their numbers, and those that it lacks follow by model and "
                + "number: \(words)" + (isMergekit ? "; mergekit numbers them otherwise on each run" : ""),
            at: range
        )
    }

    /// A union of vocabularies that are all in one of them.
    static func unionIsOne(_ name: String, at range: SourceRange?) -> Diagnostic {
        Diagnostic(
            .note,
            code: "union-is-any",
            "'\(name)' has the tokens of all models: their union is its tokenizer",
            at: range
        )
    }

    /// Trained pieces of a vocabulary beside those of another.
    static func piecesOfAnother(_ name: String, _ count: Int, _ start: String, at range: SourceRange?) -> Diagnostic {
        Diagnostic(
            .warning,
            code: "pieces-of-another",
            "\(count) pieces of '\(name)' were trained with other merges than those of '\(start)': they have rows, and text "
                + "is cut as '\(start)' cuts it; mergekit writes them as added tokens, which cut it otherwise",
            at: range,
            fix: FixIt("take the tokens of one model: 'base', or its name; --compat writes them as mergekit does")
        )
    }

    /// A token of which no model knows.
    static func tokenIsNew(_ token: Marked<String>, _ start: String, _ known: [String]) -> Diagnostic {
        Diagnostic(
            .warning,
            code: "token-added",
            "no model has a token '\(token.value)': it is added to those of '\(start)', as mergekit does",
            at: token.range,
            fix: .didYouMean(token.value, among: known) ?? FixIt("leave it out unless it is meant")
        )
    }

    /// A token that no model of a tensor has.
    static func rowsOfZeros(_ name: String, _ tokens: [String], at range: SourceRange?) -> Diagnostic {
        Diagnostic(
            .warning,
            code: "rows-of-zeros",
            "'\(name)' is made of models that lack \(TokenizerFault.shown(tokens.first))"
                + (tokens.count > 1 ? " and \(tokens.count - 1) more tokens" : "") + ": zeros are written for it",
            at: range,
            fix: FixIt(
                "say whose rows they are under 'tokens', or take the tokens of the model that gives the embedding"
            )
        )
    }

    /// `base` where no base is named.
    static func baseIsFirst(_ name: String, at range: SourceRange?) -> Diagnostic {
        Diagnostic(
            .warning,
            code: "base-is-first",
            "no base_model is named: the tokenizer is that of '\(name)', which is mentioned first; mergekit takes any",
            at: range,
            fix: FixIt("name 'base_model', or the model whose tokenizer it is to be")
        )
    }

    /// The owner of a row takes no part in the merge.
    static func rowFromStranger(_ name: Marked<String>, _ token: String, models: [String]) -> Diagnostic {
        let fact = "'\(name.value)' gives '\(token)' its row, and has no part in what is written"
        return unknownInput(name.value, fact, known: models, at: name.range)
    }

    /// A model whose tokens are not known.
    static func noVocabulary(_ name: String, _ token: Marked<String>) -> Diagnostic {
        Diagnostic(
            code: "tokenizer-unsupported",
            "whether '\(name)' has a token '\(token.value)' is not known: no file of it that says so could be read",
            at: token.range,
            fix: FixIt("put its tokenizer.json beside its weights, or leave the rule out")
        )
    }

    /// A model whose rows are to follow tokens that are not known.
    static func noVocabulary(_ name: String, beside other: String, at range: SourceRange?) -> Diagnostic {
        Diagnostic(
            code: "tokenizer-unsupported",
            "rows follow their tokens, and which row of '\(name)' is whose is not known, as it is of '\(other)': no file of "
                + "it that says so could be read",
            at: range,
            fix: FixIt("put its tokenizer.json beside its weights")
        )
    }

    /// A token that a model does not have.
    static func unknownToken(_ token: Marked<String>, in name: String, _ added: [String]) -> Diagnostic {
        Diagnostic(
            code: "unknown-token",
            "'\(name)' has no token '\(token.value)'",
            at: token.range,
            fix: .didYouMean(token.value, among: added)
                ?? FixIt(
                    added.isEmpty
                        ? "leave the rule out" : "tokens added to it: " + added.prefix(8).joined(separator: ", ")
                )
        )
    }

    /// A row that a model does not have.
    static func noSuchRow(_ number: Marked<Int>, in name: String, rows: Int) -> Diagnostic {
        Diagnostic(
            code: "unknown-token",
            "'\(name)' has no row \(number.value)",
            at: number.range,
            fix: FixIt("its rows are 0 to \(max(0, rows - 1))")
        )
    }

    /// A tensor with a row for each token whose rows cannot be moved.
    static func rowsCannotFollow(_ name: String, of source: String, _ reason: String, at range: SourceRange?)
        -> Diagnostic
    {
        Diagnostic(
            code: "rows-cannot-follow",
            "the tokens of '\(source)' get other numbers, and the rows of its '\(name)' cannot follow: \(reason)",
            at: range,
            fix: FixIt("keep the tokenizer of '\(source)': output: {tokenizer: \(source)}")
        )
    }

    /// A tokenizer's files that more tokens cannot be put into.
    static func tokenizerNotEdited(_ name: String, _ file: String, _ reason: String, at place: Place?) -> Diagnostic {
        Diagnostic(
            code: "tokenizer-unsupported",
            "tokens are to be added to \(file) of '\(name)', and cannot be: \(reason)",
            at: place,
            fix: FixIt("take the tokens of one model, or begin with one that has a tokenizer.json")
        )
    }
}
