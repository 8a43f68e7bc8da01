package import SutureDiagnostics
package import SutureTensors

/// What is written, and how.
package struct OutputSettings: Hashable, Sendable {
    /// The node that is written; `nil` for `out`.
    package var node: Marked<String>?
    /// Whose embedding, final norm and head are written, where the recipe says.
    package var ends = Ends()
    /// Whose `config.json` is the donor.
    package var config: Marked<String>?
    /// Whose tokenizer is written.
    package var tokenizer: TokenizerSetting?
    /// How the result is stored.
    package var dtype: Marked<DType>?
    /// The dtype the recipe asks arithmetic to be done in; kept for `--bug-compatible`.
    package var computeDType: Marked<DType>?
    /// Whether a mergekit file gives no `out_dtype`, so that mergekit stores what it computes in float32 as that.
    package var keepsFloat32 = false
    /// Whether every node's result is rounded to the output's dtype, as stages written to disk are.
    package var roundsStages: Marked<Bool>?
    /// The chat template: a known name, a template, or a file.
    package var chatTemplate: Marked<String>?
    /// The most bytes in a shard.
    package var shardSize: Marked<Int>?
    /// Globs of tensors deliberately left out.
    package var drop: [Marked<String>] = []
    /// Differences between sources that are accepted by name, such as `rope_theta`.
    package var accept: [Marked<String>] = []
    /// The seed of random methods.
    package var seed: Marked<Int>?

    /// Creates settings that say nothing.
    package init() {}

    /// Whose ends are written: each an input or node.
    package struct Ends: Hashable, Sendable {
        /// The embedding's owner.
        package var embed: SliceExpression?
        /// The final norm's owner.
        package var norm: SliceExpression?
        /// The head's owner.
        package var head: SliceExpression?

        /// Creates ends that say nothing.
        package init() {}
    }

    /// Whose tokenizer is written.
    package enum TokenizerSetting: Hashable, Sendable {
        /// An input's files.
        case input(Marked<String>)
        /// mergekit's `base`: the base model's.
        case base(SourceRange?)
        /// mergekit's `union` of all the vocabularies.
        case union(SourceRange?)
        /// Sources by token, and mergekit's other settings of `tokenizer:`.
        case perToken(SourceRange?)
    }
}
