package import SutureCheckpoints
import SuturePlanning
import SutureTokenizers

/// How the tokens of two models differ.
package struct VocabularyDifference: Hashable, Sendable {
    /// How many tokens each has; `nil` where no file of it could be read.
    package let counts: [Int?]

    /// The numbers that stand for a token in one of them only, or for two different ones.
    package let differing: [Int]

    /// The tokens of the first of ``differing`` in each.
    package let example: [String?]

    /// Compares the tokenizer files of two models; `nil` where neither has any.
    package init?(_ first: Checkpoint, _ second: Checkpoint) {
        let read = [first, second].map { TokenVocabulary.read(in: $0.companions) }
        guard read.contains(where: { $0 != nil }) else { return nil }
        counts = read.map { $0?.count }
        let tokens = read.map { $0?.tokens ?? [] }
        let token = { (model: Int, number: Int) -> String? in
            tokens[model].indices.contains(number) ? tokens[model][number] : nil
        }
        let longest = tokens.map(\.count).max() ?? 0
        differing = (0..<longest).filter { token(0, $0).map(TokenText.init) != token(1, $0).map(TokenText.init) }
        example = differing.first.map { number in [token(0, number), token(1, number)] } ?? []
    }

    /// What differs, in a line.
    package var words: String {
        let sizes = counts.map { $0.map(String.init) ?? "no" }
        let count = sizes[0] == sizes[1] ? "\(sizes[0]) in both" : "\(sizes[0]) and \(sizes[1])"
        guard let first = differing.first else { return "\(count), the same" }
        let shown = example.map(TokenizerFault.shown)
        return "\(count), \(differing.count) differ: the first is \(first), \(shown[0]) and \(shown[1])"
    }
}
