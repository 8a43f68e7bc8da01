import SutureDiagnostics
import SutureJSON
import SystemPackage

/// Opens one checkpoint and gathers all that is wrong with it.
struct CheckpointOpener {
    private let reference: CheckpointReference
    private let environment: [String: String]
    private let baseFolder: FilePath
    private let hub: (any ModelHub)?
    private var faults = Diagnostics()

    init(
        _ reference: CheckpointReference,
        environment: [String: String],
        relativeTo baseFolder: FilePath,
        hub: (any ModelHub)? = nil
    ) {
        self.hub = hub
        self.baseFolder = baseFolder
        self.reference = reference
        self.environment = environment
    }

    consuming func open() throws(Diagnostics) -> Checkpoint {
        try open(ModelLocation.find(reference, environment: environment, relativeTo: baseFolder, hub: hub))
    }

    consuming func open(_ location: ModelLocation) throws(Diagnostics) -> Checkpoint {
        if location.files.weightNames == nil, let other = notAModel(location.folder) {
            throw Diagnostics(location.notices + [other])
        }
        faults.append(contentsOf: location.notices)
        var configPath = location.folder.appending("config.json")
        var weights = CheckpointWeights(location.files, snapshot: location.snapshot)
        weights.read()
        let config: JSONObject
        if let keys = weights.gguf, let file = weights.files.first {
            // Everything that is known of a GGUF model stands in its first file.
            configPath = file.path
            config = keys.config { weights.places[$0] != nil }
            if keys.architecture == nil { faults.append(.architectureMissing(configPath)) }
            let parts = keys["split.count"]?.int ?? 1
            if parts != weights.files.count { faults.append(.partsDiffer(configPath, parts, weights.files.count)) }
            if let count = keys["split.tensors.count"]?.int, count != weights.tensors.count {
                faults.append(.partTensorsDiffer(configPath, count, weights.tensors.count))
            }
        } else {
            // Where a GGUF model was meant and could not be read, no config is missed.
            let isGGUF = weights.files.isEmpty && location.files.holdsGGUF
            config = isGGUF ? JSONObject() : readConfig(configPath, location)
        }
        faults.append(contentsOf: weights.faults.all)
        var companions: [CompanionFile] = []
        do throws(FileError) {
            if weights.gguf == nil { companions = try CompanionFile.list(in: location.folder) }
        } catch {
            faults.append(error.diagnostic)
        }
        try faults.throwIfErrors()
        return Checkpoint(
            reference: reference,
            location: location,
            config: config,
            configPath: configPath,
            weights: weights,
            companions: companions,
            notices: faults.all
        )
    }

    private mutating func readConfig(_ path: FilePath, _ location: ModelLocation) -> JSONObject {
        let bytes: [UInt8]
        do throws(FileError) {
            guard try FileSystem.kind(of: path) != nil else {
                faults.append(.configMissing(path, location.snapshot))
                return JSONObject()
            }
            bytes = try FileSystem.read(path, limit: 1 << 24)
        } catch {
            faults.append(error.diagnostic)
            return JSONObject()
        }
        do throws(JSONError) {
            return try parseConfig(bytes, path)
        } catch {
            faults.append(error.diagnostic(path: path.string, bytes: bytes))
            return JSONObject()
        }
    }

    /// What a folder is instead of a model, where a file in it says so: then no file of a model is missing.
    private func notAModel(_ folder: FilePath) -> Diagnostic? {
        if Adapter.isAdapter(folder) { return .modelIsAnAdapter(folder, "adapter_config.json") }
        let listing = (try? FileSystem.list(folder)) ?? []
        guard listing.contains("model_index.json"), !listing.contains("config.json") else { return nil }
        return .modelIsAPipeline(folder, listing)
    }

    /// Reads a config as Python does: of two equal keys the later counts, which is worth a warning.
    private mutating func parseConfig(_ bytes: [UInt8], _ path: FilePath) throws(JSONError) -> JSONObject {
        let value: JSONValue
        do throws(JSONError) { value = try JSONParser.parse(bytes) } catch {
            guard case .duplicateKey(let key) = error.reason else { throw error }
            value = try JSONParser.parse(bytes, duplicateKeys: .lastWins)
            faults.append(.duplicateConfigKey(path, key, error))
        }
        guard let object = value.object else {
            faults.append(.configNotObject(path, value.kind))
            return JSONObject()
        }
        return object
    }
}

extension ModelFiles {
    /// Whether it has files that need no config.
    fileprivate var holdsGGUF: Bool {
        let names = weightNames ?? (try? list()) ?? []
        return names.contains { $0.hasSuffix(GGUFFormat.naming.suffix) } && !names.contains("config.json")
    }
}

extension Diagnostic {
    fileprivate static func partsDiffer(_ path: FilePath, _ said: Int, _ found: Int) -> Diagnostic {
        Diagnostic(
            code: "gguf-parts",
            "split.count says that the model has \(said) files, their names make it \(found)",
            at: .file(path.string, tensor: nil),
            fix: FixIt("give the parts back the names that they were split under: …-00001-of-0000N.gguf")
        )
    }

    fileprivate static func partTensorsDiffer(_ path: FilePath, _ said: Int, _ found: Int) -> Diagnostic {
        Diagnostic(
            code: "gguf-parts",
            "split.tensors.count says that the model has \(said) tensors, its files have \(found)",
            at: .file(path.string, tensor: nil),
            fix: FixIt("fetch all parts of one model")
        )
    }

    fileprivate static func architectureMissing(_ path: FilePath) -> Diagnostic {
        Diagnostic(
            code: "gguf-no-architecture",
            "the file has no general.architecture, which says what the tensors are",
            at: .file(path.string, tensor: nil),
            fix: FixIt("name a file that holds a model, and of a split one the first part")
        )
    }

    fileprivate static func configMissing(_ path: FilePath, _ snapshot: HubCache.Snapshot?) -> Diagnostic {
        Diagnostic(
            code: "config-missing",
            "there is no config.json, which says what the tensors are",
            at: .file(path.string, tensor: nil),
            fix: snapshot.map { .download($0.id, $0.commit) } ?? FixIt("put the model's config.json beside its weights")
        )
    }

    fileprivate static func modelIsAPipeline(_ folder: FilePath, _ listing: [String]) -> Diagnostic {
        let part = listing.first { $0.hasPrefix("text_encoder") }
        return Diagnostic(
            code: "model-is-a-pipeline",
            "this is a pipeline of diffusers ('model_index.json'), each of whose models has a folder of its own",
            at: .file(folder.string, tensor: nil),
            fix: FixIt("name the folder of one language model in it" + (part.map { ": \(folder.appending($0))" } ?? ""))
        )
    }

    fileprivate static func configNotObject(_ path: FilePath, _ kind: String) -> Diagnostic {
        let message = "config.json should hold an object, not \(kind)"
        return Diagnostic(code: "config-not-object", message, at: .file(path.string, tensor: nil))
    }

    fileprivate static func duplicateConfigKey(_ path: FilePath, _ key: String, _ error: JSONError) -> Diagnostic {
        Diagnostic(
            .warning,
            code: "duplicate-config-key",
            "the key '\(excerpt(key))' comes twice, again in line \(error.line): the later value counts",
            at: .file(path.string, tensor: nil)
        )
    }
}
