import SutureCheckpoints
import SutureDiagnostics
import SuturePlanning
import SystemPackage

/// A plan that can be run as it stands, with its sources where this machine has them.
struct CheckedPlan {
    /// The plan.
    let plan: Plan

    /// What tells it from others, wherever its sources are.
    let fingerprint: String

    /// Checks a plan, and finds the sources that the options say are elsewhere here.
    ///
    /// - Throws: ``ExecutionError`` with all that is wrong.
    init(_ plan: Plan, _ options: ExecutionOptions) throws(ExecutionError) {
        try PlanGuard.run(plan)
        fingerprint = PlanFingerprint(plan).description
        self.plan = try plan.relocated(options.sourceFolders)
    }
}

extension Plan {
    /// The plan with some of its sources in other folders.
    ///
    /// A file elsewhere is taken for the one that was planned with when it has its length and its time of change, as
    /// copies have that keep times, and the same files seen through another mount; or when the hub cache gives both the
    /// same SHA-256. Its number on the device may be another.
    ///
    /// - Parameter folders: The folders, by the sources' names.
    /// - Returns: The plan as it is run here.
    /// - Throws: ``ExecutionError`` with each file that is not there or may be another.
    fileprivate func relocated(_ folders: [String: FilePath]) throws(ExecutionError) -> Plan {
        guard !folders.isEmpty else { return self }
        var plan = self
        var diagnostics = Diagnostics()
        let names = sources.map(\.name)
        for name in folders.keys.sorted() where !names.contains(name) {
            diagnostics.append(.unknownSource(name, known: names))
        }
        for (index, source) in sources.enumerated() {
            guard let folder = folders[source.name] else { continue }
            plan.sources[index].folder = folder.string
            for (number, file) in source.files.enumerated() {
                guard let path = FilePath(file.path).moved(from: source.folder, to: folder) else { continue }
                do throws(Diagnostic) { plan.sources[index].files[number] = try file.found(at: path) } catch {
                    diagnostics.append(error)
                }
            }
            for (number, companion) in companions.enumerated() {
                guard let path = FilePath(companion.path).moved(from: source.folder, to: folder) else { continue }
                plan.companions[number].path = path.string
            }
        }
        if diagnostics.hasErrors { throw ExecutionError(.model, diagnostics.all) }
        return plan
    }
}

extension FilePath {
    /// Where a path leads when a folder above it is elsewhere; `nil` where it does not lie in that folder.
    fileprivate func moved(from old: String, to new: FilePath) -> FilePath? {
        var rest = self
        guard rest.removePrefix(FilePath(old)) else { return nil }
        return new.appending(rest.components)
    }
}

extension Plan.Source.File {
    /// The file as it is at another path.
    fileprivate func found(at path: FilePath) throws(Diagnostic) -> Plan.Source.File {
        let identity: FileIdentity?
        do throws(FileError) { identity = try FileSystem.identity(of: path) } catch { throw error.diagnostic }
        guard let identity else { throw .sourceNotHere(path, self.path) }
        guard identity.byteCount == byteCount else {
            throw .sourceDiffers(path, "it has \(identity.byteCount) bytes, and \(self.path) had \(byteCount)")
        }
        let digits = sha256
        let isSameBlob = digits != nil && (try? FileSystem.resolve(path))?.lastComponent?.string == digits
        guard isSameBlob || isAged(like: identity) else {
            throw .sourceDiffers(path, "it has the length of \(self.path), but was changed at another time")
        }
        var file = self
        file.path = path.string
        file.version = identity.version
        return file
    }

    /// Whether a file was changed when this one was.
    private func isAged(like identity: FileIdentity) -> Bool {
        guard case .file(_, let modified) = version else { return false }
        return Self.agree(identity.modified, modified)
    }

    /// Whether two times are the same as far as both file systems count.
    private static func agree(_ a: Int, _ b: Int) -> Bool {
        let second = 1_000_000_000
        if a == b { return true }
        return a / second == b / second && (a % second == 0 || b % second == 0)
    }
}

extension Diagnostic {
    fileprivate static func sourceNotHere(_ path: FilePath, _ planned: String) -> Diagnostic {
        sourceVanished(
            path.string,
            "the file is not here; the plan knows it as \(planned)",
            fix: FixIt("name the folder that holds the source's files on this machine")
        )
    }

    fileprivate static func sourceDiffers(_ path: FilePath, _ reason: String) -> Diagnostic {
        Diagnostic(
            code: "source-differs",
            "the file may not be the one that the plan was made with: \(reason)",
            at: .file(path.string, tensor: nil),
            fix: FixIt(
                "copy it with its times (cp -p, rsync -t), or plan on a machine that sees the files as this one does"
            )
        )
    }
}
