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
    ///   - target: The folder to make.
    ///   - replacesExisting: Whether a model that is there already is replaced.
    ///   - onFile: Told the name of each weight file that is done.
    /// - Returns: What became of it.
    /// - Throws: ``ExecutionError``.
    package func run(
        _ source: FilePath,
        into target: FilePath,
        replacesExisting: Bool = false,
        onFile: (String, FilePacker.Outcome) -> Void = { _, _ in }
    ) throws(ExecutionError) -> Outcome {
        let start = ContinuousClock.now
        let place = try OutputPlace(target)
        let faults = [
            place.faultOfSource(source.lastComponent?.string ?? source.string, in: source),
            try place.faultOfExisting(replacesExisting: replacesExisting),
        ]
        let found = faults.compactMap(\.self)
        guard found.isEmpty else { throw ExecutionError(.model, found) }
        var outcome = Outcome()
        let staged = try StagedFolder.open(place, resumes: false)
        try move(source, to: place.partial, depth: 0, &outcome, onFile)
        guard outcome.fileCount > 0 else { throw ExecutionError(.model, .nothingToDo(source, direction)) }
        try staged.publish(replacesExisting: replacesExisting)
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
        let names = try ExecutionError.system { () throws(FileError) in try FileSystem.list(source) }
        for name in names {
            let path = source.appending(name)
            let kind = try ExecutionError.system { () throws(FileError) in try FileSystem.kind(of: path) }
            switch kind {
            case .folder where depth < 4 && !name.hasPrefix("."):
                let inner = target.appending(name)
                try ExecutionError.system { () throws(FileError) in try FileSystem.createFolder(inner) }
                try move(path, to: inner, depth: depth + 1, &outcome, onFile)
                try ExecutionError.system { () throws(FileError) in try FileSystem.syncFolder(inner) }
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
            return try packer.pack(path, to: target.appending(ZstdPacking().name(name, splitsPlanes: splitsPlanes)))
        case .unpack:
            if let content = WeightPackings.content(of: name) {
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
    fileprivate static func nothingToDo(_ path: FilePath, _ direction: FolderPacker.Direction) -> Diagnostic {
        noWeights(
            direction == .pack
                ? "the folder has no safetensors files to pack"
                : "the folder has no packed files (.safetensors.zst) to restore",
            at: .file(path.string, tensor: nil),
            fix: FixIt(
                direction == .pack
                    ? "name a folder of plain safetensors; 'suture build' makes one of other formats"
                    : "name a folder that 'suture pack' or 'build --compress' made"
            )
        )
    }
}
