import SutureCheckpoints
package import SutureDiagnostics
package import SuturePlanning
package import SystemPackage

extension RecipeLock {
    /// How files are looked at.
    package struct Reading: Sendable {
        /// Whether weight files are read that no hub cache names by their hash; small files always are.
        package var readsWeights = true
        /// Whether the names in a hub cache are not taken at their word.
        package var readsAll = false
        /// The number of threads; `nil` for one a core.
        package var threads: Int?
        /// Asked now and then, from any thread.
        package var isCancelled: @Sendable () -> Bool = { false }
        /// Told of progress, from any thread.
        package var onEvent: @Sendable (ExecutionEvent) -> Void = { _ in }

        /// Creates the usual way to look.
        package init() {}

        fileprivate var hashes: SourceHashes {
            SourceHashes(
                depth: readsAll ? .everything : readsWeights ? .contents : .names,
                threads: threads,
                isCancelled: isCancelled,
                onEvent: onEvent
            )
        }
    }

    /// Pins the sources of a plan as they are.
    ///
    /// - Throws: ``ExecutionError``.
    package static func make(for plan: Plan, _ reading: Reading = Reading()) throws(ExecutionError) -> RecipeLock {
        var reading = reading
        reading.readsWeights = true
        let entries = try SourceInventory(plan).entries
        let hashes = try reading.hashes.hashes(of: entries)
        var sources = plan.sources.map { source in
            Source(
                name: source.name,
                reference: source.reference,
                hubID: source.hubID,
                revision: source.revision,
                files: []
            )
        }
        for (entry, found) in zip(entries, hashes) {
            guard let hash = found.sha256 else { continue }
            sources[entry.source].files.append(File(name: entry.name, byteCount: found.byteCount, sha256: hash))
        }
        return RecipeLock(sources: sources)
    }

    /// Compares the sources of a plan with what is pinned.
    ///
    /// - Parameters:
    ///   - plan: The plan.
    ///   - path: The lock's file.
    ///   - reading: How files are looked at.
    /// - Returns: A message for each file that differs, and a note where some could only be compared by their length.
    /// - Throws: ``ExecutionError`` where the system refuses to read.
    package func differences(
        from plan: Plan,
        lockedBy path: FilePath,
        _ reading: Reading = Reading()
    ) throws(ExecutionError) -> [Diagnostic] {
        var found = Diagnostics()
        for source in plan.sources where !sources.contains(where: { $0.name == source.name }) {
            found.append(.notLocked(source, path))
        }
        for source in sources where !plan.sources.contains(where: { $0.name == source.name }) {
            found.append(.lockedInVain(source, path))
        }
        let entries = try SourceInventory(plan).entries.filter { entry in
            sources.contains { $0.name == plan.sources[entry.source].name }
        }
        // Lengths first: where one differs nothing need be read.
        let hashes = found.hasErrors ? [] : try reading.hashes.hashes(of: entries)
        var byLength = 0
        for (number, source) in plan.sources.enumerated() {
            guard let locked = sources.first(where: { $0.name == source.name }) else { continue }
            var rest: [String: File] = [:]
            for file in locked.files { rest[file.name] = file }
            for (entry, now) in zip(entries, hashes) where entry.source == number {
                guard let file = rest.removeValue(forKey: entry.name) else {
                    found.append(.notInLock(entry, source, path))
                    continue
                }
                if file.byteCount != now.byteCount {
                    found.append(.otherLength(entry, source, now.byteCount, locked: file.byteCount))
                } else if let hash = now.sha256 {
                    if hash != file.sha256 { found.append(.otherHash(entry, source, hash, locked: file.sha256)) }
                } else {
                    byLength += 1
                }
            }
            if !hashes.isEmpty {
                for file in rest.values.sorted(by: { $0.name < $1.name }) {
                    found.append(.lockedFileMissing(file, source))
                }
            }
        }
        if byLength > 0 { found.append(.comparedByLength(byLength, path)) }
        return found.all
    }
}

extension Diagnostic {
    private static let pinAnew = FixIt("put it back as it was, or pin it anew with 'suture lock'")

    fileprivate static func notLocked(_ source: Plan.Source, _ path: FilePath) -> Diagnostic {
        Diagnostic(
            code: "not-locked",
            "the recipe takes from '\(source.name)' (\(source.reference)), and the lock does not name it",
            at: .file(path.string, tensor: nil),
            fix: FixIt("pin it with 'suture lock'")
        )
    }

    fileprivate static func lockedInVain(_ source: RecipeLock.Source, _ path: FilePath) -> Diagnostic {
        Diagnostic(
            code: "locked-in-vain",
            "the lock pins '\(source.name)' (\(source.reference)), and the recipe takes nothing from it",
            at: .file(path.string, tensor: nil),
            fix: FixIt("pin the recipe's models anew with 'suture lock'")
        )
    }

    fileprivate static func notInLock(
        _ entry: SourceInventory.Entry,
        _ source: Plan.Source,
        _ path: FilePath
    ) -> Diagnostic {
        Diagnostic(
            code: "file-not-locked",
            "'\(entry.name)' of source '\(source.name)' is not in the lock",
            at: .file(entry.path.string, tensor: nil),
            fix: FixIt("remove it, or pin the model anew with 'suture lock'")
        )
    }

    fileprivate static func otherLength(
        _ entry: SourceInventory.Entry,
        _ source: Plan.Source,
        _ byteCount: Int,
        locked: Int
    ) -> Diagnostic {
        Diagnostic(
            code: "locked-file-differs",
            "'\(entry.name)' of source '\(source.name)' has \(byteCount) bytes, and the lock says \(locked)",
            at: .file(entry.path.string, tensor: nil),
            fix: pinAnew
        )
    }

    fileprivate static func otherHash(
        _ entry: SourceInventory.Entry,
        _ source: Plan.Source,
        _ hash: SHA256Hash,
        locked: SHA256Hash
    ) -> Diagnostic {
        Diagnostic(
            code: "locked-file-differs",
            "'\(entry.name)' of source '\(source.name)' is not what the lock pins: its SHA-256 begins with "
                + "\(hash.digits.prefix(12)), the lock's with \(locked.digits.prefix(12))",
            at: .file(entry.path.string, tensor: nil),
            fix: pinAnew
        )
    }

    fileprivate static func lockedFileMissing(_ file: RecipeLock.File, _ source: Plan.Source) -> Diagnostic {
        Diagnostic(
            code: "locked-file-missing",
            "'\(file.name)' of source '\(source.name)' is in the lock and not in the model",
            at: .file(source.folder, tensor: nil),
            fix: pinAnew
        )
    }

    fileprivate static func comparedByLength(_ count: Int, _ path: FilePath) -> Diagnostic {
        Diagnostic(
            .note,
            code: "compared-by-length",
            "\(count == 1 ? "1 weight file is" : "\(count) weight files are") compared with the lock by length only; "
                + "'suture build --locked' reads them",
            at: .file(path.string, tensor: nil)
        )
    }
}
