import SutureJSON
import SutureDiagnostics
import SystemPackage

/// Opens one checkpoint and gathers all that is wrong with it.
struct CheckpointOpener {
    private let reference: CheckpointReference
    private let environment: [String: String]
    private let baseFolder: FilePath
    private var faults = Diagnostics()

    init(_ reference: CheckpointReference, environment: [String: String], relativeTo baseFolder: FilePath) {
        self.baseFolder = baseFolder
        self.reference = reference
        self.environment = environment
    }

    consuming func open() throws(Diagnostics) -> Checkpoint {
        try open(ModelLocation.find(reference, environment: environment, relativeTo: baseFolder))
    }

    consuming func open(_ location: ModelLocation) throws(Diagnostics) -> Checkpoint {
        faults.append(contentsOf: location.notices)
        let configPath = location.folder.appending("config.json")
        let config = readConfig(configPath, location)
        var weights = CheckpointWeights(location.files, snapshot: location.snapshot)
        weights.read()
        faults.append(contentsOf: weights.faults.all)
        var companions: [CompanionFile] = []
        do throws(FileError) { companions = try CompanionFile.list(in: location.folder) } catch {
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

extension Diagnostic {
    fileprivate static func configMissing(_ path: FilePath, _ snapshot: HubCache.Snapshot?) -> Diagnostic {
        Diagnostic(
            code: "config-missing",
            "there is no config.json, which says what the tensors are",
            at: .file(path.string, tensor: nil),
            fix: snapshot.map { .download($0.id, $0.commit) } ?? FixIt("put the model's config.json beside its weights")
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
