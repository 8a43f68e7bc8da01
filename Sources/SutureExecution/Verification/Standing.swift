package import SutureCheckpoints
import SuturePlanning
import SutureTensors
package import SystemPackage

/// Where tensors lie that a plan's are compared with.
package enum Standing: Sendable {
    /// In a folder that was written by the plan.
    case folder(FilePath)

    /// In a model, under the same names, however it came to be.
    case model(Checkpoint, store: any ByteStore)

    /// Opens the files.
    func tensors(of plan: Plan) throws(ExecutionError) -> StandingTensors {
        switch self {
        case .folder(let folder):
            let contents = try plan.shards.map { (shard) throws(ExecutionError) in
                try ShardContent.open(shard.name, in: folder)?.content
            }
            return .shards(contents, folder)
        case .model(let checkpoint, let store):
            let files = checkpoint.files.map(Plan.Source.File.init)
            let opened = SourceFiles(files, used: Array(files.indices), in: store)
            try opened.verify()
            let tensors = Dictionary(checkpoint.tensors.map { ($0.spec.name, $0) }) { first, _ in first }
            return .tensors(tensors, opened, checkpoint.folder)
        }
    }
}

/// Opened files with tensors that a plan's are compared with.
enum StandingTensors: Sendable {
    case shards([(any ByteSource)?], FilePath)
    case tensors([String: StoredTensor], SourceFiles, FilePath)

    /// Whether a tensor of a plan is there, in the same dtype and shape.
    func holds(_ index: Int, of plan: Plan) -> Bool {
        let tensor = plan.tensors[index]
        switch self {
        case .shards(let contents, _):
            guard let content = contents[tensor.shard] else { return false }
            return tensor.offset + tensor.spec.byteCount <= content.byteCount
        case .tensors(let tensors, _, _): return tensors[tensor.spec.name]?.spec == tensor.spec
        }
    }

    /// The file, or the folder, that a tensor of a plan is in.
    func path(of tensor: Plan.Tensor) -> FilePath {
        switch self {
        case .shards(let contents, let folder): contents[tensor.shard]?.path ?? folder
        case .tensors(_, _, let folder): folder
        }
    }

    /// Reads some bytes of a tensor of a plan that is there; whether that could be done.
    func read(
        _ bytes: Range<Int>,
        of index: Int,
        in plan: Plan,
        into buffer: UnsafeMutableRawBufferPointer
    ) throws(ExecutionError) -> Bool {
        let tensor = plan.tensors[index]
        switch self {
        case .shards(let contents, _):
            guard let content = contents[tensor.shard] else { return false }
            do throws(FileError) {
                try unsafe content.read(into: buffer, at: tensor.offset + bytes.lowerBound)
            } catch {
                guard case .corrupt = error.cause else { throw ExecutionError(error) }
                return false
            }
        case .tensors(let tensors, let files, _):
            guard let stored = tensors[tensor.spec.name] else { return false }
            try unsafe files.read(bytes, of: stored, inFile: stored.file, into: buffer)
        }
        return true
    }
}
