package import SutureDiagnostics
package import SutureJSON
package import SutureTensors
package import SystemPackage

/// A model on disk seen as one table of tensors, of which only headers have been read.
package final class Checkpoint: Sendable {
    /// The reference as it was written.
    package let reference: CheckpointReference

    /// The folder that holds it.
    package let folder: FilePath

    /// Its name on the hub, if it lies in a hub cache.
    package let hubID: HubID?

    /// Its commit, if it lies in a hub cache.
    package let revision: String?

    /// What `config.json` says.
    package let config: JSONObject

    /// Where `config.json` is.
    package let configPath: FilePath

    /// The files that hold tensors, in the order of their names.
    package let files: [CheckpointFile]

    /// The tensors in the order in which they are stored: by file, then by offset.
    package let tensors: [StoredTensor]

    /// The files that belong to the model and hold no tensors of it, in the order of their names.
    package let companions: [CompanionFile]

    /// What the user should know about how it was opened: notes and warnings.
    package let notices: [Diagnostic]

    /// The keys of its first file, where it is GGUF.
    package let gguf: GGUFMetadata?

    private let places: [String: Int]

    /// What tensors are called in their files that have other names here, by these.
    package let storedNames: [String: String]

    init(
        reference: CheckpointReference,
        location: ModelLocation,
        config: JSONObject,
        configPath: FilePath,
        weights: CheckpointWeights,
        companions: [CompanionFile],
        notices: [Diagnostic]
    ) {
        self.reference = reference
        folder = location.folder
        hubID = location.snapshot?.id
        revision = location.snapshot?.commit
        self.config = config
        self.configPath = configPath
        files = weights.files
        tensors = weights.tensors
        places = weights.places
        gguf = weights.gguf
        self.companions = companions
        self.notices = notices
        storedNames = [:]
    }

    private init(
        _ other: Checkpoint,
        config: JSONObject,
        tensors: [StoredTensor],
        storedNames: [String: String],
        companions: [CompanionFile]
    ) {
        reference = other.reference
        folder = other.folder
        hubID = other.hubID
        revision = other.revision
        configPath = other.configPath
        files = other.files
        gguf = other.gguf
        notices = other.notices
        self.config = config
        self.tensors = tensors
        self.storedNames = storedNames
        self.companions = companions
        places = Dictionary(tensors.enumerated().map { ($1.spec.name, $0) }) { first, _ in first }
    }

    /// The same files seen as another model: what one becomes that an adapter was trained on.
    ///
    /// - Parameters:
    ///   - config: Its config.
    ///   - tensors: Its tensors; each a name of its own.
    ///   - storedNames: What those are called in the files that have other names there.
    ///   - companions: Its small files.
    /// - Returns: The model.
    package func seen(
        as config: JSONObject,
        tensors: [StoredTensor],
        storedNames: [String: String],
        companions: [CompanionFile]
    ) -> Checkpoint {
        Checkpoint(self, config: config, tensors: tensors, storedNames: storedNames, companions: companions)
    }

    /// Opens a checkpoint: reads its config, index and headers, and no weights.
    ///
    /// - Parameters:
    ///   - reference: What to open.
    ///   - environment: The environment variables; they say where the hub cache is.
    ///   - folder: What a relative path starts from; the current folder where it is empty.
    ///   - hub: Where models are that are not on this machine; `nil` where nobody is asked.
    /// - Returns: The checkpoint.
    /// - Throws: `Diagnostics` with everything that is wrong with it.
    package static func open(
        _ reference: CheckpointReference,
        environment: [String: String],
        relativeTo folder: FilePath = "",
        hub: (any ModelHub)? = nil
    ) throws(Diagnostics) -> Checkpoint {
        try CheckpointOpener(reference, environment: environment, relativeTo: folder, hub: hub).open()
    }

    /// Opens a model whose files lie wherever they lie.
    ///
    /// - Parameters:
    ///   - files: The files.
    ///   - reference: What messages call it.
    /// - Returns: The checkpoint.
    /// - Throws: `Diagnostics` with everything that is wrong with it.
    package static func open(
        _ files: any ModelFiles,
        as reference: CheckpointReference
    ) throws(Diagnostics) -> Checkpoint {
        try CheckpointOpener(reference, environment: [:], relativeTo: "").open(ModelLocation(files: files))
    }

    /// The tensor of a name.
    package subscript(name: String) -> StoredTensor? { places[name].map { tensors[$0] } }

    /// The place of a name in ``tensors``.
    package func index(of name: String) -> Int? { places[name] }

    /// The bytes of all tensors.
    package var byteCount: Int { tensors.reduce(0) { $0 &+ $1.spec.byteCount } }
}

/// A file of a checkpoint that holds tensors, in the state in which its header was read.
package struct CheckpointFile: Hashable, Sendable {
    /// Its name, relative to the checkpoint's folder.
    package let name: String

    /// Where it is.
    package let path: FilePath

    /// Its length in bytes.
    package let byteCount: Int

    /// What told its bytes from others.
    package let version: ByteVersion

    /// The bytes that can be read out of it, where it is stored compressed; `nil` where it is as it is.
    package let unpackedByteCount: Int?

    /// Its SHA-256, where a hub cache names it so.
    package let sha256: SHA256Hash?

    /// What the header's `__metadata__` says.
    package let headerMetadata: [String: String]

    /// The name that an index calls it by: its own, without what says that it is packed.
    package var contentName: String { WeightPackings.content(of: name) ?? name }

    /// Whether offsets into it are those of the file itself.
    package var isPlain: Bool { unpackedByteCount == nil }
}

/// A tensor of a checkpoint and where its bytes are.
package struct StoredTensor: Hashable, Sendable {
    /// Name, dtype and shape.
    package let spec: TensorSpec

    /// The place of its file in ``Checkpoint/files``.
    package let file: Int

    /// The first byte of its data in the file's content.
    package let offset: Int

    /// The steps between neighbours along each dimension, in elements; `nil` where they follow each other.
    package let strides: [Int]?

    /// Creates a tensor.
    package init(spec: TensorSpec, file: Int, offset: Int, strides: [Int]? = nil) {
        self.spec = spec
        self.file = file
        self.offset = offset
        self.strides = strides
    }
}
