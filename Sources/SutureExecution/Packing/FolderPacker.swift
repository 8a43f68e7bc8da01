import SutureCheckpoints
import SutureDiagnostics
package import SystemPackage

/// Packs the weight files of a folder into another, or restores them; all other files are copied.
package struct FolderPacker: Sendable {
    /// Which way.
    package enum Direction: Hashable, Sendable {
        case pack, unpack
    }

    /// What became of a folder.
    package struct Outcome: Hashable, Sendable {
        /// The weight files.
        package var fileCount = 0

        /// Their bytes as they are.
        package var contentBytes = 0

        /// Their bytes when packed.
        package var packedBytes = 0

        /// The time it took.
        package var duration = Duration.zero
    }

    private let direction: Direction
    private let packer: FilePacker
    private let splitsPlanes: Bool

    /// Creates a packer of folders.
    package init(
        _ direction: Direction,
        _ options: FilePacker.Options = FilePacker.Options(),
        isCancelled: @escaping @Sendable () -> Bool = { false }
    ) {
        self.direction = direction
        packer = FilePacker(options, isCancelled: isCancelled)
        splitsPlanes = options.splitsPlanes
    }

    /// Makes the other folder, which is there whole when this returns and not at all when it throws.
    ///
    /// - Parameters:
    ///   - source: The folder.
    ///   - target: The folder to make; nothing may be there.
    ///   - onFile: Told the name of each weight file that is done.
    /// - Returns: What became of it.
    /// - Throws: ``ExecutionError``.
    package func run(
        _ source: FilePath,
        into target: FilePath,
        onFile: (String, FilePacker.Outcome) -> Void = { _, _ in }
    ) throws(ExecutionError) -> Outcome {
        let start = ContinuousClock.now
        var partial = target
        let name = target.lastComponent?.string ?? "out"
        partial.removeLastComponent()
        partial.append(".\(name).\(FileSystem.uniqueSuffix()).partial")
        guard
            try ExecutionError.system({ () throws(FileError) in try FileSystem.kind(of: target, followsLinks: false) })
                == nil
        else { throw ExecutionError(.model, .targetExists(target)) }
        var outcome = Outcome()
        do throws(ExecutionError) {
            try move(source, to: partial, depth: 0, &outcome, onFile)
            guard outcome.fileCount > 0 else { throw ExecutionError(.model, .nothingToDo(source, direction)) }
            try ExecutionError.system { () throws(FileError) in
                try FileSystem.syncFolder(partial)
                try FileSystem.rename(partial, to: target)
            }
        } catch {
            try? FileSystem.removeTree(partial)
            throw error
        }
        outcome.duration = .now - start
        return outcome
    }

    private func move(
        _ source: FilePath,
        to target: FilePath,
        depth: Int,
        _ outcome: inout Outcome,
        _ onFile: (String, FilePacker.Outcome) -> Void
    ) throws(ExecutionError) {
        let names = try ExecutionError.system { () throws(FileError) in
            try FileSystem.createFolders(target)
            return try FileSystem.list(source)
        }
        for name in names {
            let path = source.appending(name)
            let kind = try ExecutionError.system { () throws(FileError) in try FileSystem.kind(of: path) }
            switch kind {
            case .folder where depth < 4 && !name.hasPrefix("."):
                try move(path, to: target.appending(name), depth: depth + 1, &outcome, onFile)
            case .file:
                guard let done = try transform(path, name, in: target) else { continue }
                outcome.fileCount += 1
                outcome.contentBytes += done.contentBytes
                outcome.packedBytes += done.packedBytes
                onFile(name, done)
            default: continue
            }
        }
    }

    /// Packs or restores a weight file, or copies another.
    private func transform(
        _ path: FilePath,
        _ name: String,
        in target: FilePath
    ) throws(ExecutionError) -> FilePacker.Outcome? {
        switch direction {
        case .pack where name.hasSuffix(".safetensors"):
            return try packer.pack(path, to: target.appending(PackedName.make(name, splitsPlanes: splitsPlanes)))
        case .unpack:
            if let content = PackedName.content(of: name) {
                return try packer.unpack(path, to: target.appending(content))
            }
        case .pack: break
        }
        _ = try ExecutionError.system { () throws(FileError) in
            try FileSystem.copy(path, to: target.appending(name))
        }
        return nil
    }
}

extension Diagnostic {
    fileprivate static func targetExists(_ path: FilePath) -> Diagnostic {
        Diagnostic(
            code: "output-exists",
            "something is there already",
            at: .file(path.string, tensor: nil),
            fix: FixIt("choose another name, or remove it")
        )
    }

    fileprivate static func nothingToDo(_ path: FilePath, _ direction: FolderPacker.Direction) -> Diagnostic {
        Diagnostic(
            code: "no-weights",
            direction == .pack
                ? "there are no safetensors files to pack" : "there are no packed files (.safetensors.zst) to restore",
            at: .file(path.string, tensor: nil)
        )
    }
}
