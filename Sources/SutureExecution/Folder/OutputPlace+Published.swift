import SutureCheckpoints
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
