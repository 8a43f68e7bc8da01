import SutureCheckpoints
import SutureDiagnostics
import SuturePlanning
import SystemPackage

extension OutputPlace {
    /// Whether the output is there under its final name, made of a plan, and nobody writes another in its place.
    ///
    /// A scheduler may run a job once more that was done already.
    func holds(_ plan: Plan) throws(ExecutionError) -> Bool {
        guard try !WorkFolder(in: partial).hasMarker() else { return false }
        let path = folder.appending(DocumentNames.manifest)
        guard let text = try? FileSystem.read(path, limit: Manifest.byteLimit),
            let manifest = try? Manifest(parsing: text, path: path.string)
        else { return false }
        guard manifest.plan == PlanFingerprint(plan, of: .result).hash, manifest.lists(plan) else { return false }
        // Its maker may have died before it had cleared up.
        try? FileSystem.removeTree(WorkFolder(in: folder).path)
        return true
    }

    /// Whether the weight files of an output that is there have the form that is asked for, if one is.
    ///
    /// - Throws: ``ExecutionError`` naming the first that has another: what is published is not changed any more.
    func checkForm(of plan: Plan, _ packing: FilePacker.Options?) throws(ExecutionError) {
        guard let packing else { return }
        for shard in plan.shards {
            let wanted = folder.appending(ZstdPacking().name(shard.name, splitsPlanes: packing.splitsPlanes))
            let kind = try ExecutionError.system { () throws(FileError) in try FileSystem.kind(of: wanted) }
            guard kind == .file else { throw ExecutionError(.model, .otherForm(folder, lacking: wanted)) }
        }
    }
}

extension Diagnostic {
    fileprivate static func otherForm(_ folder: FilePath, lacking file: FilePath) -> Diagnostic {
        Diagnostic(
            code: "output-finished",
            "the output is finished already, and has no '\(file.lastComponent?.string ?? "")' as was asked for",
            at: .file(folder.string, tensor: nil),
            fix: FixIt("pack it into another folder: suture pack \(folder.string) -o FOLDER")
        )
    }
}

extension Manifest {
    /// Whether the small files of a plan are the ones that it lists.
    fileprivate func lists(_ plan: Plan) -> Bool {
        var left = Dictionary(files.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        for document in plan.documents {
            guard left.removeValue(forKey: document.name)?.hash == ContentHash(of: document.text) else { return false }
        }
        for companion in plan.companions {
            guard left.removeValue(forKey: companion.name)?.byteCount == companion.byteCount else { return false }
        }
        return left.isEmpty
    }
}

extension Receipt {
    /// The receipt of a run that found everything done.
    static func done(_ place: OutputPlace, _ start: ContinuousClock.Instant, byteCount: Int) -> Receipt {
        Receipt(
            folder: place.folder,
            logicalBytes: byteCount,
            physicalBytes: 0,
            resumedBytes: byteCount,
            wasDone: true,
            duration: .now - start,
            peakMemory: ProcessMemory.peak,
            threads: 0
        )
    }
}
