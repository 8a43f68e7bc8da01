package import SutureDiagnostics
package import SutureTensors

/// What is written, and how.
package struct OutputSettings: Hashable, Sendable {
    /// The node that is written; `nil` for `out`.
    package var node: Marked<String>?
    /// Whose embedding, final norm and head are written, where the recipe says.
    package var ends = Ends()
    /// What modules outside the layers are made of, such as a vision tower: there, inputs stand for their own.
    package var modules: [Module] = []
    /// Whose `config.json` is the donor.
    package var config: Marked<String>?
    /// Whose tokenizer is written, and which rows its tokens get.
    package var tokenizer: TokenizerRules?
    /// How the result is stored.
    package var dtype: Marked<DType>?
    /// The dtype the recipe asks arithmetic to be done in; kept for `--bug-compatible`.
    package var computeDType: Marked<DType>?
    /// Whether a mergekit file gives no `out_dtype`, so that mergekit stores what it computes in float32 as that.
    package var keepsFloat32 = false
    /// Whether every node's result is rounded to the output's dtype, as stages written to disk are.
    package var roundsStages: Marked<Bool>?
    /// The chat template: an input's, a known name, a template, or a file.
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

    /// A module and the strip that it is.
    package struct Module: Hashable, Sendable {
        /// What its tensors' names begin with, or mergekit's word for it.
        package var name: Marked<String>
        /// The strip, in which an input is that model's module.
        package var from: SliceExpression

        /// Creates a module.
        package init(name: Marked<String>, from: SliceExpression) {
            self.name = name
            self.from = from
        }
    }

    /// Whose tokenizer is written.
    package enum TokenizerSetting: Hashable, Sendable {
        /// An input's.
        case input(Marked<String>)
        /// mergekit's `base`: the base model's.
        case base(SourceRange?)
        /// The tokens of all models.
        case union(SourceRange?)
    }
}

/// Whose tokenizer is written, and which rows its tokens get.
package struct TokenizerRules: Hashable, Sendable {
    /// Whose tokens are written.
    package var source: OutputSettings.TokenizerSetting
    /// The input whose tokens begin a union, and whose rows stand in where a model lacks a token.
    package var base: Marked<String>?
    /// The input whose beginning, end and padding of texts are written.
    package var special: Marked<String>?
    /// Where rows of single tokens come from.
    package var tokens: [TokenRule] = []
    /// What the number of rows is to be a multiple of.
    package var multiple: Marked<Int>?
    /// Where it is written.
    package var range: SourceRange?

    /// Creates rules that say no more than whose tokens are written.
    package init(source: OutputSettings.TokenizerSetting, range: SourceRange?) {
        self.source = source
        self.range = range
    }

    /// Whether the tokens are those of all models.
    package var isUnion: Bool {
        if case .union = source { true } else { false }
    }

    /// Whether the tokens are those of whatever model is the base.
    package var isOfBase: Bool {
        if case .base = source { true } else { false }
    }

    /// Whether they say no more than whose tokens are written.
    package var isPlain: Bool {
        tokens.isEmpty && multiple == nil && base == nil && special == nil
    }

    /// Where the row of one token comes from.
    package struct TokenRule: Hashable, Sendable {
        /// The token.
        package var token: Marked<String>
        /// Where from; `nil` where the rule does not say.
        package var row: Row?
        /// Whether models that have the token get that row too.
        package var isForced: Bool
    }

    /// A row of an embedding.
    package enum Row: Hashable, Sendable {
        /// The token's own, in the model that an input names.
        case own(of: Marked<String>)
        /// Another token's.
        case other(of: Marked<String>, token: Marked<String>)
        /// The row of a number.
        case numbered(of: Marked<String>, Marked<Int>)
        /// Zeros.
        case zeros(SourceRange?)

        /// The input whose row it is, where it is one's.
        package var owner: Marked<String>? {
            switch self {
            case .own(let owner), .other(let owner, _), .numbered(let owner, _): owner
            case .zeros: nil
            }
        }
    }
}
