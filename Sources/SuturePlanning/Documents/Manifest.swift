package import SutureCheckpoints
package import SutureTensors
import SystemPackage

/// `manifest.json`: what everything in an output folder is, where it came from, and its hash.
///
/// It is written last, and the same for the same recipe on the same sources: it holds no times, and of paths only
/// those that the recipe or the command line gives. Tensors whose blocks are shared with a source have no hash,
/// unless hashes of all bytes were asked for: sharing is so fast because nobody reads them.
package struct Manifest: Hashable, Sendable {
    /// Name and version of what wrote it.
    package var tool = ToolVersion.text

    /// The recipe.
    package var recipe: Recipe

    /// The plan; see ``PlanFingerprint/Subject/result``.
    package var plan: ContentHash

    /// How random numbers and odd cases were treated.
    package var settings: Plan.Settings

    /// The checkpoints that were read.
    package var sources: [Source]

    /// Where ends and settings come from.
    package var donors: [Plan.Donor]

    /// The weight files, in order.
    package var shards: [Shard]

    /// All other files but the manifest itself, in the order of their names.
    package var files: [File]

    /// The tensors, in the order in which they lie in the shards.
    package var tensors: [Tensor]

    /// The recipe, and what was given with it.
    package struct Recipe: Hashable, Sendable {
        /// Its name.
        package var name: String
        /// `native` or `mergekit`.
        package var dialect: String
        /// The file in the folder that holds its text.
        package var file: String
        /// The hash of its text.
        package var hash: ContentHash
        /// What the command line gave with it.
        package var given: Plan.RecipeRecord.Given
    }

    /// A checkpoint that was read.
    package struct Source: Hashable, Sendable {
        /// The name by which the recipe calls it.
        package var name: String
        /// The reference as written.
        package var reference: String
        /// Its id on the hub, where it has one.
        package var hubID: String?
        /// The commit it stood at, where it is known.
        package var revision: String?
        /// Its weight files.
        package var files: [SourceFile]
    }

    /// A weight file of a source.
    package struct SourceFile: Hashable, Sendable {
        /// Its name.
        package var name: String
        /// Its length.
        package var byteCount: Int
        /// Its SHA-256, where the hub cache names it so.
        package var sha256: SHA256Hash?
    }

    /// A weight file of the output.
    package struct Shard: Hashable, Sendable {
        /// Its name, without what says that it is packed.
        package var name: String
        /// The length of its content.
        package var byteCount: Int
        /// The bytes before the first tensor.
        package var dataStart: Int
        /// The hash of those bytes.
        package var header: ContentHash
    }

    /// A small file.
    package struct File: Hashable, Sendable {
        /// Its path in the folder.
        package var name: String
        /// Its length.
        package var byteCount: Int
        /// The hash of all of it.
        package var hash: ContentHash
    }

    /// A tensor.
    package struct Tensor: Hashable, Sendable {
        /// Name, dtype and shape.
        package var spec: TensorSpec
        /// Its shard, as an index into ``Manifest/shards``.
        package var shard: Int
        /// Its first byte in the shard's content.
        package var offset: Int
        /// What it is made of, in words.
        package var origin: String
        /// The hash of its bytes; `nil` where its blocks are shared with a source and nobody read them.
        package var hash: ContentHash?
    }

    /// Where each tensor lies in its shard's content, in their order.
    package var ranges: [Range<Int>] { tensors.map { $0.offset..<$0.offset + $0.spec.byteCount } }
}

extension Manifest {
    /// What was found out while a plan was run.
    package struct Hashes: Hashable, Sendable {
        /// The header of each shard.
        package var headers: [ContentHash]
        /// Each tensor, where its bytes passed by.
        package var tensors: [ContentHash?]
        /// Each companion, in the plan's order.
        package var companions: [ContentHash]

        /// Creates hashes.
        package init(headers: [ContentHash], tensors: [ContentHash?], companions: [ContentHash]) {
            self.headers = headers
            self.tensors = tensors
            self.companions = companions
        }
    }

    /// Describes what a plan has become.
    ///
    /// - Precondition: There are as many hashes as the plan has shards, tensors and companions.
    package init(_ plan: Plan, hashes: Hashes) {
        recipe = Recipe(
            name: plan.recipe.name,
            dialect: plan.recipe.dialect,
            file: DocumentNames.recipe(dialect: plan.recipe.dialect),
            hash: ContentHash(of: plan.recipe.standing),
            given: plan.recipe.given
        )
        self.plan = PlanFingerprint(plan, of: .result).hash
        settings = plan.settings
        sources = plan.sources.map(Source.init)
        donors = plan.donors
        shards = zip(plan.shards, hashes.headers).map { shard, header in
            Shard(name: shard.name, byteCount: shard.byteCount, dataStart: shard.dataStart, header: header)
        }
        let documents = plan.documents.map { document in
            File(name: document.name, byteCount: document.text.utf8.count, hash: ContentHash(of: document.text))
        }
        let companions = zip(plan.companions, hashes.companions).map { companion, hash in
            File(name: companion.name, byteCount: companion.byteCount, hash: hash)
        }
        files = (documents + companions).sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
        tensors = zip(plan.tensors, hashes.tensors).map { tensor, hash in
            Tensor(
                spec: tensor.spec,
                shard: tensor.shard,
                offset: tensor.offset,
                origin: tensor.expression.text(in: plan),
                hash: hash
            )
        }
    }
}

extension Manifest.Source {
    fileprivate init(_ source: Plan.Source) {
        name = source.name
        reference = source.reference
        hubID = source.hubID
        revision = source.revision
        files = source.files.map { file in
            Manifest.SourceFile(
                name: FilePath(file.path).lastComponent?.string ?? file.path,
                byteCount: file.byteCount,
                sha256: file.sha256.flatMap { SHA256Hash(digits: $0) }
            )
        }
    }
}
