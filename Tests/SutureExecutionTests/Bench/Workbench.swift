import SutureCheckpoints
import SutureExecution
import SuturePlanning
import SutureTensors
import SutureTestSupport
import SystemPackage

/// A temporary folder with a small model in it, and a place for what is built.
struct Workbench {
    /// The folder; the model is in `model`, outputs go to `out`.
    let folder: FilePath

    /// The model as it was described.
    let tiny: TinyCheckpoint

    /// The model, opened.
    let model: Checkpoint

    /// Where to build.
    var output: FilePath { folder.appending("out") }

    /// Gives a workbench to `body` and clears it away afterwards.
    static func with(
        _ tiny: TinyCheckpoint = .llama(layers: 6, hidden: 32, mlp: 48, vocabulary: 150),
        _ body: (Workbench) throws -> Void
    ) throws {
        try TemporaryDirectory.with { folder in
            let model = try tiny.open(in: folder.appending("model"))
            try body(Workbench(folder: folder, tiny: tiny, model: model))
        }
    }

    /// A plan that stacks the model's layers anew.
    func stack(_ layers: [Int] = [0, 1, 2, 3, 2, 3, 4, 5], shardSize: Int = .max) throws -> Plan {
        try TestPlan.stack(model, layers: layers, shardSize: shardSize).build()
    }

    /// The names of all files below a folder, and what is in them.
    static func contents(of folder: FilePath) throws -> [String: [UInt8]] {
        var result: [String: [UInt8]] = [:]
        func visit(_ path: FilePath, _ prefix: String) throws {
            for name in try FileSystem.list(path) {
                let child = path.appending(name)
                if try FileSystem.kind(of: child, followsLinks: false) == .folder {
                    try visit(child, prefix + name + "/")
                } else {
                    result[prefix + name] = try FileSystem.read(child)
                }
            }
        }
        try visit(folder, "")
        return result
    }

    /// The bytes of each tensor of a checkpoint, by name.
    static func tensors(of folder: FilePath) throws -> [String: [UInt8]] {
        let checkpoint = try Checkpoint.open(CheckpointReference(parsing: folder.string), environment: [:])
        var result: [String: [UInt8]] = [:]
        for tensor in checkpoint.tensors {
            let file = try InputFile(checkpoint.files[tensor.file].path)
            result[tensor.spec.name] = try file.read(tensor.offset..<tensor.offset + tensor.spec.byteCount)
        }
        return result
    }

    /// Whether nothing of a build is there: no output, nothing staged, no lock.
    var isClean: Bool { (try? FileSystem.list(folder).allSatisfy { !$0.hasPrefix("out") }) ?? false }

    /// Whether something has the output's name.
    var hasOutput: Bool { (try? FileSystem.kind(of: output, followsLinks: false)) != FileSystem.Kind?.none }
}

extension ExecutionOptions {
    /// Options with some values other than the usual.
    static func with(_ change: (inout ExecutionOptions) -> Void) -> ExecutionOptions {
        var options = ExecutionOptions()
        change(&options)
        return options
    }
}
