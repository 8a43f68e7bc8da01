import SutureCheckpoints
import SutureDiagnostics
import SutureJSON
import SuturePlanning
import SystemPackage

/// Where an output goes, with symbolic links resolved.
struct OutputPlace: Hashable, Sendable {
    /// Its final name.
    let folder: FilePath

    /// The folder it lies in.
    let parent: FilePath

    /// Where it is until it is complete.
    let partial: FilePath

    /// The file that tells others that somebody is at work.
    let lock: FilePath

    /// Finds the place that a path means; folders above it may be missing yet.
    ///
    /// - Throws: ``ExecutionError`` where the path has no last name or what lies above it cannot be looked at.
    init(_ path: FilePath) throws(ExecutionError) {
        guard let name = path.lastComponent, name.kind == .regular else {
            throw ExecutionError(.system, .outputHasNoName(path))
        }
        parent = try ExecutionError.system { () throws(FileError) in
            var existing = path.removingLastComponent()
            var missing: [FilePath.Component] = []
            while let last = existing.lastComponent, try FileSystem.kind(of: existing) == nil {
                missing.insert(last, at: 0)
                existing.removeLastComponent()
            }
            let resolved = try FileSystem.resolve(existing.isEmpty ? "." : existing)
            return resolved.appending(missing).lexicallyNormalized()
        }
        folder = parent.appending(name)
        partial = parent.appending(name.string + ".partial")
        lock = parent.appending(name.string + ".partial.lock")
    }

    /// Checks that an output may come to stand here.
    ///
    /// - Parameters:
    ///   - plan: What will be written.
    ///   - replacesExisting: Whether a checkpoint that is there already may be replaced.
    /// - Throws: ``ExecutionError`` with all that is in the way.
    func check(_ plan: Plan, replacesExisting: Bool) throws(ExecutionError) {
        var diagnostics = Diagnostics()
        if let fault = try faultOfExisting(replacesExisting: replacesExisting) { diagnostics.append(fault) }
        var told: Set<FilePath> = []
        // A model that is one file claims nothing beside it.
        let ownFolders = OutputFormats.named(plan.format)?.ownsFolder ?? true
        for source in plan.sources where ownFolders {
            guard let fault = faultOfSource(source.name, in: FilePath(source.folder)) else { continue }
            diagnostics.append(fault)
            if let resolved = try? FileSystem.resolve(FilePath(source.folder)) { told.insert(resolved) }
        }
        // A file that lies in a folder that was told of is told of with it.
        let files = plan.sources.flatMap { $0.files.map(\.path) } + plan.companions.map(\.path)
        for file in files {
            guard let resolved = try? FileSystem.resolve(FilePath(file)),
                resolved.starts(with: folder) || resolved.starts(with: partial),
                !told.contains(where: { resolved.starts(with: $0) }), told.insert(resolved).inserted
            else { continue }
            diagnostics.append(.sourceInsideOutput(folder, path: resolved))
        }
        if diagnostics.hasErrors { throw ExecutionError(.system, diagnostics.all) }
    }

    /// What speaks against reading a folder for this output: neither may lie in the other.
    ///
    /// - Parameters:
    ///   - name: What the folder is called.
    ///   - path: The folder.
    /// - Returns: The fault; `nil` where there is none.
    func faultOfSource(_ name: String, in path: FilePath) -> Diagnostic? {
        // A source that is gone is told of when it is opened.
        guard let resolved = try? FileSystem.resolve(path) else { return nil }
        if folder == resolved { return .outputIsSource(folder, source: name) }
        if folder.starts(with: resolved) { return .outputInsideSource(folder, source: name, at: resolved) }
        let isInside = resolved.starts(with: folder) || resolved.starts(with: partial)
        return isInside ? .sourceInsideOutput(folder, path: resolved) : nil
    }

    /// What speaks against putting the output in place of what bears its name already.
    func faultOfExisting(replacesExisting: Bool) throws(ExecutionError) -> Diagnostic? {
        try ExecutionError.system { () throws(FileError) in
            guard let kind = try FileSystem.kind(of: folder, followsLinks: false) else { return nil }
            guard kind == .folder else { return .outputIsNoFolder(folder) }
            let names = try FileSystem.list(folder)
            // Somebody made room for it.
            if names.isEmpty { return nil }
            guard replacesExisting else { return .outputExists(folder) }
            // Whoever mistypes a path should not lose his home folder.
            let isModel = names.contains("config.json") || names.contains(DocumentNames.manifest)
            return isModel ? nil : .outputIsNoModel(folder)
        }
    }
}

extension Diagnostic {
    fileprivate static func outputHasNoName(_ path: FilePath) -> Diagnostic {
        Diagnostic(
            code: "output-without-name",
            "the output needs a folder of its own, and '\(path)' names none",
            at: Diagnostic.Place?.none,
            fix: FixIt("give the name of a folder that does not exist yet")
        )
    }

    static func outputExists(_ folder: FilePath) -> Diagnostic {
        Diagnostic(
            code: "output-exists",
            "the output folder exists and is not empty",
            at: .file(folder.string, tensor: nil),
            fix: FixIt("choose another folder, or replace it with --force")
        )
    }

    fileprivate static func outputIsNoFolder(_ path: FilePath) -> Diagnostic {
        Diagnostic(
            code: "output-exists",
            "the output is to be a folder, and something else has that name",
            at: .file(path.string, tensor: nil),
            fix: FixIt("choose another folder")
        )
    }

    fileprivate static func outputIsNoModel(_ folder: FilePath) -> Diagnostic {
        Diagnostic(
            code: "output-not-replaceable",
            "only a folder that holds a model is replaced, and this one has no config.json",
            at: .file(folder.string, tensor: nil),
            fix: FixIt("choose another folder")
        )
    }

    fileprivate static func outputIsSource(_ folder: FilePath, source: String) -> Diagnostic {
        Diagnostic(
            code: "output-is-source",
            "the output would take the place of the source '\(source)', which it is made of",
            at: .file(folder.string, tensor: nil),
            fix: FixIt("choose another folder")
        )
    }

    fileprivate static func outputInsideSource(
        _ folder: FilePath,
        source: String,
        at path: FilePath
    ) -> Diagnostic {
        Diagnostic(
            code: "output-inside-source",
            "the output would lie inside the source '\(source)', which is at \(path)",
            at: .file(folder.string, tensor: nil),
            fix: FixIt("choose a folder outside of it")
        )
    }

    fileprivate static func sourceInsideOutput(_ folder: FilePath, path: FilePath) -> Diagnostic {
        Diagnostic(
            code: "source-inside-output",
            "the output would take the place of a folder that a source lies in, at \(path)",
            at: .file(folder.string, tensor: nil),
            fix: FixIt("choose another folder")
        )
    }
}
