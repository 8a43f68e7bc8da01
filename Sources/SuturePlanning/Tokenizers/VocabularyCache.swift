import SutureCheckpoints
import SutureTokenizers
import Synchronization

/// The tokens of a model, read from its files by whoever asks first.
final class VocabularyCache: Sendable {
    private let known = Mutex<TokenVocabulary??>(nil)

    /// The tokens; `nil` where no file says which there are.
    func vocabulary(in companions: [CompanionFile]) -> TokenVocabulary? {
        known.withLock { known in
            if let known { return known }
            let read = TokenVocabulary.read(in: companions)
            known = .some(read)
            return read
        }
    }
}
