package import SutureDiagnostics
import SutureJSON
package import SystemPackage

/// A LoRA on disk, of which only config and header have been read; PEFT's layout.
package final class Adapter: Sendable {
    /// The reference as it was written.
    package let reference: String

    /// The folder that holds it.
    package let folder: FilePath

    /// What `adapter_config.json` says.
    package let config: AdapterConfig

    /// Where `adapter_config.json` is.
    package let configPath: FilePath

    /// The files that hold its tensors.
    package let files: [CheckpointFile]

    /// Its tensors in the order in which they are stored.
    package let tensors: [StoredTensor]

    /// The files beside it that hold no tensors, such as those of the tokenizer that it was trained with.
    package let companions: [CompanionFile]

    /// What the user should know about how it was opened.
    package let notices: [Diagnostic]

    /// The last part of its folder's name, or of its own on the hub.
    package var shortName: String {
        let parts = reference.split { $0 == "/" || $0 == "\\" }
        return String((parts.last ?? "").prefix { $0 != "@" })
    }

    private init(
        reference: String,
        folder: FilePath,
        config: AdapterConfig,
        configPath: FilePath,
        weights: WeightFile,
        companions: [CompanionFile],
        notices: [Diagnostic]
    ) {
        self.reference = reference
        self.companions = companions
        self.folder = folder
        self.config = config
        self.configPath = configPath
        files = [weights.file]
        tensors = weights.tensors(ofFile: 0)
        self.notices = notices
    }

    /// Opens an adapter: reads its config and header, and no weights.
    ///
    /// - Parameters:
    ///   - reference: A folder, or `owner/name[@revision]` in the hub cache.
    ///   - environment: The environment variables; they say where the hub cache is.
    ///   - folder: What a relative path starts from; the current folder where it is empty.
    ///   - hub: Where adapters are that are not on this machine; `nil` where nobody is asked.
    /// - Returns: The adapter.
    /// - Throws: `Diagnostics` with everything that is wrong with it.
    package static func open(
        _ reference: String,
        environment: [String: String],
        relativeTo folder: FilePath = "",
        hub: (any ModelHub)? = nil
    ) throws(Diagnostics) -> Adapter {
        let parts = CheckpointReference(parsing: reference).separated(environment: environment, relativeTo: folder)
        if let second = parts.adapter { throw Diagnostics([.twoAdapters(parts.model.text, second)]) }
        let location = try ModelLocation.find(
            parts.model,
            environment: environment,
            relativeTo: folder,
            hub: hub
        )
        var faults = Diagnostics(location.notices)
        let configPath = location.folder.appending("adapter_config.json")
        var config: AdapterConfig?
        do throws(Diagnostics) {
            let parsed = try AdapterConfig.parse(try readConfig(configPath, location), path: configPath.string)
            faults.append(contentsOf: parsed.notices)
            config = parsed.config
        } catch { faults.append(contentsOf: error.all) }
        var weights: WeightFile?
        do throws(Diagnostics) { weights = try readWeights(location.files) } catch {
            faults.append(contentsOf: error.all)
        }
        guard let config, let weights else { throw faults }
        let companions: [CompanionFile]
        do throws(FileError) { companions = try CompanionFile.list(in: location.folder) } catch {
            throw Diagnostics([error.diagnostic])
        }
        return Adapter(
            reference: reference,
            folder: location.folder,
            config: config,
            configPath: configPath,
            weights: weights,
            companions: companions,
            notices: faults.all
        )
    }

    /// Whether a reference names the folder of an adapter, and not that of a model.
    ///
    /// - Parameters:
    ///   - reference: A folder, or `owner/name[@revision]` in the hub cache.
    ///   - environment: The environment variables; they say where the hub cache is.
    /// - Returns: `false` where nothing is there as well.
    package static func isNamed(by reference: String, environment: [String: String]) -> Bool {
        let location = try? ModelLocation.find(
            CheckpointReference(parsing: reference),
            environment: environment,
            relativeTo: ""
        )
        return location.map { isAdapter($0.folder) } ?? false
    }

    /// Whether a folder holds an adapter, and no model.
    static func isAdapter(_ folder: FilePath) -> Bool {
        func holds(_ name: String) -> Bool { (try? FileSystem.kind(of: folder.appending(name))) ?? nil != nil }
        return holds("adapter_config.json") && !holds("config.json")
    }

    private static func readConfig(_ path: FilePath, _ location: ModelLocation) throws(Diagnostics) -> JSONObject {
        var bytes: [UInt8]?
        do throws(FileError) {
            if try FileSystem.kind(of: path) != nil { bytes = try FileSystem.read(path, limit: 1 << 24) }
        } catch { throw Diagnostics([error.diagnostic]) }
        guard let bytes else { throw Diagnostics([.adapterConfigMissing(path, location.snapshot)]) }
        let value: JSONValue
        do throws(JSONError) { value = try JSONParser.parse(bytes, duplicateKeys: .lastWins) } catch {
            throw Diagnostics([error.diagnostic(path: path.string, bytes: bytes)])
        }
        guard let object = value.object else { throw Diagnostics([.adapterConfigNotObject(path)]) }
        return object
    }

    /// What the file of an adapter's tensors may be called, the preferred name first.
    package static let weightNames = [
        "adapter_model.safetensors", "adapter_model.safetensors.zst", "adapter_model.bin",
    ]

    private static func readWeights(_ files: any ModelFiles) throws(Diagnostics) -> WeightFile {
        let folder = files.folder
        let listing: [String]
        do throws(FileError) { listing = try files.list() } catch { throw Diagnostics([error.diagnostic]) }
        guard let name = weightNames.first(where: { listing.contains($0) }) else {
            if listing.contains("adapters.safetensors") { throw Diagnostics([.adapterOfMLX(folder)]) }
            throw Diagnostics([.adapterWeightsMissing(folder)])
        }
        let file: any ByteSource
        do throws(FileError) { file = try files.open(name) } catch { throw Diagnostics([error.diagnostic]) }
        return try WeightFile.read(file, called: name)
    }
}

extension Diagnostic {
    fileprivate static func adapterConfigMissing(_ path: FilePath, _ snapshot: HubCache.Snapshot?) -> Diagnostic {
        Diagnostic(
            code: "adapter-config-missing",
            "there is no adapter_config.json, which says how the adapter is added",
            at: .file(path.string, tensor: nil),
            fix: snapshot.map { .download($0.id, $0.commit) } ?? FixIt("name the folder that peft saved the adapter to")
        )
    }

    /// More adapters on a model than one.
    package static func twoAdapters(_ fact: String, at range: SourceRange? = nil, fix: FixIt) -> Diagnostic {
        Diagnostic(code: "two-adapters", fact, at: range, fix: fix)
    }

    fileprivate static func twoAdapters(_ first: String, _ second: String) -> Diagnostic {
        twoAdapters(
            "'\(excerpt(first))' and '\(excerpt(second))' are two adapters, and a model takes one at a time",
            fix: FixIt("build the model with the first, and put the second on the result")
        )
    }

    fileprivate static func adapterConfigNotObject(_ path: FilePath) -> Diagnostic {
        badAdapterConfig(path.string, "adapter_config.json should hold an object")
    }

    fileprivate static func adapterOfMLX(_ folder: FilePath) -> Diagnostic {
        adapterUnsupported(
            "the adapter is in mlx-lm's layout ('adapters.safetensors'), and PEFT's is read",
            at: folder.string,
            fix: FixIt("fuse it with mlx_lm.fuse, and name the fused folder")
        )
    }

    fileprivate static func adapterWeightsMissing(_ folder: FilePath) -> Diagnostic {
        Diagnostic(
            code: "adapter-weights-missing",
            "there is neither adapter_model.safetensors nor adapter_model.bin",
            at: .file(folder.string, tensor: nil),
            fix: FixIt("fetch the adapter's weights")
        )
    }
}
