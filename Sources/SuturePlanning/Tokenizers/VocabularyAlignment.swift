import SutureDiagnostics
import SutureJSON
import SutureTokenizers

/// The tokens of an output, and which row of each model is whose: found by the tokens' texts, never by their numbers.
struct VocabularyAlignment: Sendable {
    /// The tokens by their numbers; `nil` where a number has none.
    var tokens: [String?]

    /// The numbers of tokens by their texts.
    var numbers: [TokenText: Int]

    /// The rows of the output's embedding.
    var rowCount = 0

    /// Whether rows behind the tokens that a model has stay its own; else all of them pad.
    var keepsPadding = false

    /// The model whose tokenizer is written, with more tokens in it.
    let start: Int

    /// The tokens that are put into it.
    var added: [TokenizerEdit.Token] = []

    /// The model whose rows stand in for those that another lacks, where the recipe names one.
    let base: Int?

    /// The models that give rows, in the order in which their tokens were taken.
    let members: [Int]

    /// Which row of a model is a token's, by model; −1 where it has none.
    var rows: [Int: [Int]] = [:]

    /// What the recipe says of rows of tokens, by the tokens' numbers.
    var rules: [Int: Rule] = [:]

    /// Where the recipe says whose tokens are written.
    let range: SourceRange?

    /// The row of a token, as the recipe has it.
    struct Rule: Sendable {
        /// Whose row it is; `nil` for that of the base, or the mean.
        let row: Row?
        /// Whether models that have the token get it too.
        let isForced: Bool
    }

    /// A row that stands in for a token's.
    enum Row: Hashable, Sendable {
        /// A row of a model.
        case model(Int, row: Int)
        /// Zeros.
        case zeros
    }

    /// The row of a number that a model has, whether a token is known for it or not; `nil` where it lacks it.
    func row(_ number: Int, of model: Int) -> Int? {
        guard let rows = rows[model], rows.indices.contains(number), rows[number] >= 0 else { return nil }
        return rows[number]
    }

    /// The row that stands in for one that a model lacks.
    ///
    /// - Parameters:
    ///   - number: The token's.
    ///   - models: The models that have a part in the tensor.
    ///   - base: Which of them is the base.
    /// - Returns: One row, or several whose mean it is; none where no model has the token.
    func standIn(for number: Int, among models: [Int], base: Int?) -> [Row] {
        if let row = rules[number]?.row { return [row] }
        if let base, let row = row(number, of: base) { return [.model(base, row: row)] }
        return models.compactMap { model in row(number, of: model).map { .model(model, row: $0) } }
    }
}
