import SutureDiagnostics
package import SystemPackage

/// Where a reference leads.
struct ModelLocation {
    /// The checkpoint's files.
    var files: any ModelFiles

    /// The snapshot that the folder is, if it lies in a hub cache.
    var snapshot: HubCache.Snapshot?

    /// What to tell the user about the choice.
    var notices: [Diagnostic] = []

    /// The folder that holds the small ones.
    var folder: FilePath { files.folder }

    /// Finds what a reference names.
    ///
    /// A folder of the whole spelling comes first, so that `@` and `+` may stand in paths.
    ///
    /// - Throws: `Diagnostics` that say where was looked.
    static func find(
        _ reference: CheckpointReference,
        environment: [String: String],
        relativeTo folder: FilePath,
        hub: (any ModelHub)? = nil
    ) throws(Diagnostics) -> ModelLocation {
        if reference.isSynthetic {
            let model = try SyntheticModel(parsing: reference.text)
            let cache = SyntheticCache(environment: environment)
            return ModelLocation(files: LocalModel(try cache.checkpoint(model, text: reference.text)))
        }
        var location: ModelLocation?
        do throws(Diagnostic) { location = try onDisk(reference, environment, folder) } catch {
            // Only a name may be elsewhere: what else is wrong with a reference stays wrong.
            guard hub != nil, ["model-not-found", "revision-not-found"].contains(error.code) else {
                throw Diagnostics([error])
            }
            guard let found = try onHub(reference, environment, hub) else { throw Diagnostics([error]) }
            return found
        }
        guard let location else { preconditionFailure("neither found nor thrown") }
        guard hub != nil, let snapshot = location.snapshot, !snapshot.isWhole, snapshot.id.text == reference.model
        else {
            return location
        }
        return try onHub(reference, environment, hub) ?? location
    }

    private static func onHub(
        _ reference: CheckpointReference,
        _ environment: [String: String],
        _ hub: (any ModelHub)?
    ) throws(Diagnostics) -> ModelLocation? {
        guard let hub, let id = HubID(reference.model) else { return nil }
        let cache = HubCache(environment: environment)
        return try hub.model(id, revision: reference.revision, in: cache).map {
            ModelLocation(files: $0.files, snapshot: $0.snapshot)
        }
    }

    private static func onDisk(
        _ reference: CheckpointReference,
        _ environment: [String: String],
        _ folder: FilePath
    ) throws(Diagnostic) -> ModelLocation {
        let variables = EnvironmentPaths(environment)
        // Appending an absolute path leaves it as it is.
        func path(_ text: String) -> FilePath {
            folder.pushing(FilePath(text.hasPrefix("~") ? variables.expand(text) : text))
        }
        func isFolder(_ text: String) -> Bool { !text.isEmpty && (try? FileSystem.kind(of: path(text))) == .folder }

        let whole = reference.text
        if isFolder(whole) { return at(path(whole), whole, environment) }
        if let adapter = reference.adapter { throw .adapterNotApplied(reference, adapter) }
        if let revision = reference.revision, isFolder(reference.model) {
            var location = at(path(reference.model), reference.model, environment)
            location.notices.append(.folderHasNoRevision(reference.model, revision))
            return location
        }
        switch try? FileSystem.kind(of: path(whole)) {
        case .file where whole.hasSuffix(".gguf"): return try file(path(whole))
        case .file: throw .isAFile(whole)
        case .symbolicLink, .other: throw .notAModel(whole)
        case .folder, nil: break
        }
        guard let id = HubID(reference.model) else { throw .notAModel(reference.model) }
        let snapshot = try HubCache(environment: environment).snapshot(id, revision: reference.revision)
        return ModelLocation(files: LocalModel(snapshot.folder), snapshot: snapshot)
    }

    /// A model that is named by a file of its own.
    private static func file(_ path: FilePath) throws(Diagnostic) -> ModelLocation {
        let folder = path.removingLastComponent().isEmpty ? "." : path.removingLastComponent()
        let name = path.lastComponent?.string ?? ""
        let listing: [String]
        do throws(FileError) { listing = try FileSystem.list(folder) } catch {
            throw error.diagnostic
        }
        let names = try GGUFFiles.parts(of: name, in: listing, folder)
        return ModelLocation(files: LocalModel(folder, weightNames: names))
    }

    private static func at(_ folder: FilePath, _ text: String, _ environment: [String: String]) -> ModelLocation {
        let resolved = (try? FileSystem.resolve(folder)) ?? folder
        var location = ModelLocation(files: LocalModel(folder), snapshot: HubCache.snapshot(at: resolved))
        if let id = HubID(text), id.hasOwner || HubCache(environment: environment).contains(id) {
            location.notices.append(.folderBeforeHub(id))
        }
        return location
    }
}

extension CheckpointReference {
    /// The model and the adapter that a reference names; a `+` in the name of a folder that exists parts nothing.
    ///
    /// - Parameters:
    ///   - environment: The environment variables, for a `~`.
    ///   - folder: What a relative path starts from.
    /// - Returns: The model without its adapter, and the adapter's reference.
    package func separated(
        environment: [String: String],
        relativeTo folder: FilePath = ""
    ) -> (model: CheckpointReference, adapter: String?) {
        guard let adapter else { return (self, nil) }
        func isFolder(_ text: some StringProtocol) -> Bool {
            let variables = EnvironmentPaths(environment)
            let path = folder.pushing(FilePath(text.hasPrefix("~") ? variables.expand(String(text)) : String(text)))
            return !text.isEmpty && (try? FileSystem.kind(of: path)) == .folder
        }
        if isFolder(text) { return (CheckpointReference(folder: text), nil) }
        var place = text.startIndex
        while let plus = text[place...].firstIndex(of: "+") {
            let rest = text[text.index(after: plus)...]
            if isFolder(text[..<plus]), !rest.isEmpty {
                return (CheckpointReference(folder: String(text[..<plus])), String(rest))
            }
            place = text.index(after: plus)
        }
        return (CheckpointReference(model: model, revision: revision), adapter)
    }
}

extension Diagnostic {
    fileprivate static func folderBeforeHub(_ id: HubID) -> Diagnostic {
        Diagnostic(
            .note,
            code: "folder-before-hub",
            "'\(id)' is a folder here, and taken before a model of that name on the hub",
            at: .file(id.text, tensor: nil)
        )
    }

    fileprivate static func folderHasNoRevision(_ folder: String, _ revision: String) -> Diagnostic {
        Diagnostic(
            .warning,
            code: "folder-has-no-revision",
            "'\(excerpt(folder))' is a folder, which has no revision '\(excerpt(revision))': the revision is ignored",
            at: .file(folder, tensor: nil)
        )
    }

    fileprivate static func adapterNotApplied(_ reference: CheckpointReference, _ adapter: String) -> Diagnostic {
        Diagnostic(
            code: "adapter-not-applied",
            "the adapter '\(excerpt(adapter))' is put on '\(excerpt(reference.model))' by recipes, not where a model is opened",
            at: .file(reference.text, tensor: nil),
            fix: FixIt("name the model alone", replacing: reference.model)
        )
    }

    fileprivate static func isAFile(_ path: String) -> Diagnostic {
        Diagnostic(
            code: "model-is-a-file",
            "a model is a folder or a .gguf file, and this is another file",
            at: .file(path, tensor: nil),
            fix: FixIt("name the folder that holds it")
        )
    }

    fileprivate static func notAModel(_ text: String) -> Diagnostic {
        let isWindowsPath = text.contains("\\") || text.dropFirst().hasPrefix(":")
        return modelNotFound(
            "'\(excerpt(text))' is no folder here, and not spelled like a hub id",
            at: text,
            fix: FixIt(
                isWindowsPath
                    ? "this is a path on somebody's Windows machine: bind the input to a folder here"
                    : text.hasPrefix("~")
                        ? "'~' is a shell's word: write the whole path, such as /home/NAME\(text.dropFirst().prefix(1))…"
                        : "give a folder that exists, or owner/name"
            )
        )
    }
}
