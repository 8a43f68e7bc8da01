import SutureCheckpoints
import SutureDiagnostics
import SuturePlanning
import Synchronization
import SystemPackage

/// The SHA-256 of source files: by the names that a hub cache gives them where it does, else by reading them.
struct SourceHashes {
    /// How far files are read.
    enum Depth: Hashable, Sendable {
        /// Small files only; weight files count by the name that a hub cache gives them.
        case names

        /// Weight files too, where no hub cache names them.
        case contents

        /// All files, whatever a hub cache says.
        case everything
    }

    let depth: Depth
    let threads: Int?
    let isCancelled: @Sendable () -> Bool
    let onEvent: @Sendable (ExecutionEvent) -> Void

    /// The length of each file and its hash, `nil` where that is not known without reading what should not be read.
    ///
    /// - Throws: ``ExecutionError``, also where a weight file is not the one that was planned with.
    func hashes(
        of entries: [SourceInventory.Entry]
    ) throws(ExecutionError) -> [(byteCount: Int, sha256: SHA256Hash?)] {
        var results: [(byteCount: Int, sha256: SHA256Hash?)] = []
        var toRead: [Int] = []
        for (place, entry) in entries.enumerated() {
            // What is fetched by ranges is named by the hub, and not here to be read.
            if let planned = entry.weights, case .content = planned.version {
                let known = planned.sha256.flatMap { SHA256Hash(digits: $0) }
                if known == nil, depth != .names { throw ExecutionError(.model, .notHere(planned)) }
                results.append((planned.byteCount, known))
                continue
            }
            let file = try ExecutionError.system { () throws(FileError) in try InputFile(entry.path) }
            if let planned = entry.weights, !planned.isUnchanged(file.byteCount, file.version) {
                throw ExecutionError(.model, .sourceChanged(planned.path))
            }
            let known = depth == .everything ? nil : HubCache.sha256(of: entry.path)
            results.append((file.byteCount, known))
            if known == nil, entry.weights == nil || depth != .names { toRead.append(place) }
        }
        let places = toRead
        onEvent(.started(totalBytes: places.reduce(0) { $0 + results[$1].byteCount }, doneBytes: 0))
        let found = Mutex<[Int: SHA256Hash]>([:])
        let crew = Crew(width: max(1, min(threads ?? MemoryBudget.coreCount, 64)))
        let (isCancelled, onEvent) = (isCancelled, onEvent)
        try crew.forEach(places.indices, state: {}) { index, _ throws(ExecutionError) in
            if isCancelled() { throw .cancelled() }
            let path = entries[places[index]].path
            let hash = try ExecutionError.system { () throws(FileError) in
                try InputFile(path).sha256(isCancelled: isCancelled) { onEvent(.wrote(bytes: $0)) }
            }
            if isCancelled() { throw .cancelled() }
            guard let hash else { throw ExecutionError(.system, .noSHA256(path)) }
            found.withLock { $0[places[index]] = hash }
        }
        for (place, hash) in found.withLock({ $0 }) { results[place].sha256 = hash }
        return results
    }
}

extension Diagnostic {
    fileprivate static func notHere(_ file: Plan.Source.File) -> Diagnostic {
        Diagnostic(
            code: "weights-not-here",
            "the hub does not say the SHA-256 of the file, and it is not on this machine to be read",
            at: .file(file.path, tensor: nil),
            fix: FixIt("fetch the whole file: 'suture fetch MODEL'")
        )
    }

    fileprivate static func noSHA256(_ path: FilePath) -> Diagnostic {
        Diagnostic(
            code: "no-sha256",
            "the system's libcrypto does not compute SHA-256",
            at: .file(path.string, tensor: nil),
            fix: FixIt("look at OpenSSL's configuration (openssl.cnf)")
        )
    }
}
