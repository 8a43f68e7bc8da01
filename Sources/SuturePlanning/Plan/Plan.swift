public import SutureCheckpoints
public import SutureMerging
public import SutureTensors

/// Everything that is written, decided before the first byte is.
///
/// A plan is a value: it can be printed, compared, kept as JSON and run, on any number of threads or
/// machines, and the bytes are the same. Names, shards, headers and offsets are final.
public struct Plan: Hashable, Sendable {
    /// The recipe it was made from.
    public var recipe: RecipeRecord

    /// The checkpoints it reads.
    public var sources: [Source]

    /// The format of its weight files, by name.
    public var format = "safetensors"

    /// The output's tensors, in the order in which they lie in its shards.
    public var tensors: [Tensor]

    /// The output's weight files.
    public var shards: [Shard]

    /// Small files whose text the plan knows: `config.json`, the index, the model card, the recipe.
    public var documents: [Document]

    /// Files copied from sources as they are: tokenizer, chat template, remote code.
    public var companions: [Companion]

    /// The stack as people think of it.
    public var stack: Stack

    /// Where its ends and settings come from, in words.
    public var donors: [Donor]

    /// What becomes of every source tensor, by source and class.
    public var accounts: [Account]

    /// How random numbers and odd cases are treated.
    public var settings: Settings

    /// What the names of its merge methods mean.
    package var methods = MergeRegistry.documented

    /// The recipe a plan was made from.
    public struct RecipeRecord: Hashable, Sendable {
        /// The recipe's name, or its file's.
        public var name: String
        /// The path as the user gave it.
        public var path: String
        /// `native` or `mergekit`.
        public var dialect: String
        /// The whole text.
        public var text: String
        /// What it does, in the author's words.
        public var summary: String?
        /// What was given with it.
        public var given = Given()

        /// The text that says the same without what was given or imported; it lies in the output's folder.
        public var standing: String { given.flat ?? text }

        /// What the command line, or a program, gave with a recipe, so that it can be planned again.
        public struct Given: Hashable, Sendable {
            /// Models for inputs, by name.
            public var inputs: [String: String] = [:]
            /// Where relative paths in ``standing`` lead, as absolute paths.
            public var paths: [String: String] = [:]
            /// Values for parameters, by name.
            public var parameters: [String: String] = [:]
            /// The most bytes in a shard, where it was said.
            public var shardSize: Int?
            /// Whether every stage's result was rounded.
            public var roundsStages = false
            /// Whether weight files of sources were kept as they are where that could be.
            public var keepsFiles = false
            /// Differences between models that were accepted beside those of the recipe.
            public var accepted: [String] = []
            /// The flat form of a recipe that imports others or was given something, which its text alone would not bring
            /// back.
            public var flat: String?

            /// Nothing was given.
            public init() {}
        }
    }

    /// A checkpoint the plan reads.
    public struct Source: Hashable, Sendable {
        /// The name by which the recipe calls it.
        public var name: String
        /// The reference as written.
        public var reference: String
        /// The folder it was opened in.
        public var folder: String
        /// Its id on the hub, where it has one.
        public var hubID: String?
        /// The commit it stands at, where it is known.
        public var revision: String?
        /// Its weight files.
        public var files: [File]

        /// A weight file of a source, and what tells it from another that takes its place.
        public struct File: Hashable, Sendable {
            /// The path.
            public var path: String
            /// Its length.
            public var byteCount: Int
            /// What tells its bytes from others in their place.
            public var version: ByteVersion
            /// The bytes that offsets count in, where the file is stored compressed; `nil` where it is as it is.
            public var unpackedByteCount: Int?
            /// The 64 digits of its SHA-256, where the hub cache names it so.
            public var sha256: String?
        }
    }

    /// A tensor of the output.
    public struct Tensor: Hashable, Sendable {
        /// Name, dtype and shape.
        public var spec: TensorSpec
        /// The shard it lies in.
        public var shard: Int
        /// Its first byte, counted from the start of the shard's file.
        public var offset: Int
        /// What it is made of.
        public var expression: TensorExpression
    }

    /// A weight file of the output.
    public struct Shard: Hashable, Sendable {
        /// The file's name.
        public var name: String
        /// The tensors in it, as a range of ``Plan/tensors``.
        public var tensors: Range<Int>
        /// Where the tensors' bytes begin; header and padding lie before.
        public var dataStart: Int
        /// The file's length.
        public var byteCount: Int
        /// The source's file that it is, byte for byte, where it is one.
        public var original: Original?
        /// What it says of the model beside its tensors, in the form of the plan's format; nothing in safetensors.
        public var preamble: [UInt8] = []

        /// A weight file of a source.
        public struct Original: Hashable, Sendable {
            /// The source, as an index into ``Plan/sources``.
            public var source: Int
            /// The file, as an index into the source's files.
            public var file: Int
        }
    }

    /// A small file whose text the plan knows.
    public struct Document: Hashable, Sendable {
        /// The file's name.
        public var name: String
        /// Its text.
        public var text: String
    }

    /// A file copied from a source as it is.
    public struct Companion: Hashable, Sendable {
        /// The path relative to the output folder.
        public var name: String
        /// The file it is copied from.
        public var path: String
        /// Its length.
        public var byteCount: Int
    }

    /// The output's layers, as runs of layers of its sources.
    public struct Stack: Hashable, Sendable {
        /// The number of layers.
        public var layerCount: Int
        /// What stands before a layer's number in its tensors' names; `nil` where nobody needs it.
        public var prefix: String?
        /// Runs of neighbouring layers that come from neighbouring layers of the same sources.
        public var runs: [Run]

        /// One run of the stack.
        public struct Run: Hashable, Sendable {
            /// The output's layers.
            public var layers: Range<Int>
            /// What they are, such as `b[8:24]` or `slerp(a[0:8], b[0:8])`.
            public var label: String
            /// Where the recipe asks for them: `file:line:column`.
            public var place: String?
        }
    }

    /// Where one of the output's ends or settings comes from.
    public struct Donor: Hashable, Sendable {
        /// What is given: `embed`, `norm`, `head`, `config`, `tokenizer`.
        public var part: String
        /// Who gives it.
        public var source: String
        /// Why this one: by rule or by the recipe's word.
        public var reason: String
    }

    /// What becomes of some of a source's tensors.
    public struct Account: Hashable, Sendable {
        /// The source's name.
        public var source: String
        /// What becomes of them, such as `used`, `outside the ranges`, `replaced`, `dropped by the recipe`.
        public var fate: String
        /// How many.
        public var tensorCount: Int
        /// How many bytes they take in the source.
        public var byteCount: Int
    }

    /// How random numbers and odd cases are treated.
    public struct Settings: Hashable, Sendable {
        /// The seed of random methods.
        public var seed: Int
        /// The release of another program whose numbers are reproduced; `nil` for the documented ones.
        public var compatibility: MergeRelease?
        /// The dtype in which that would have computed, where the recipe gives one.
        public var computeDType: DType?
        /// Whether NaN and infinity in a source are let through.
        public var allowsNonFinite: Bool

        /// Creates settings.
        public init(
            seed: Int = 0,
            compatibility: MergeRelease? = nil,
            computeDType: DType? = nil,
            allowsNonFinite: Bool = false
        ) {
            self.seed = seed
            self.compatibility = compatibility
            self.computeDType = computeDType
            self.allowsNonFinite = allowsNonFinite
        }
    }

    /// Bytes of all the output's tensors.
    public var tensorByteCount: Int { tensors.reduce(0) { $0 + $1.spec.byteCount } }

    /// Bytes of all the output's weight files.
    public var outputByteCount: Int { shards.reduce(0) { $0 + $1.byteCount } }

    /// The number of numbers in the output.
    public var parameterCount: Int { tensors.reduce(0) { $0 + $1.spec.elementCount } }
}
