import SutureCheckpoints
import SutureTestSupport
import SystemPackage
import Testing

@Suite(
    "The order in which a build sees things to the disk",
    .tags(.slow),
    .unlessQuick,
    .enabled(if: FailingDisk.isBuilt, "the program or the failing disk was not built")
)
struct SyncOrderTests {
    @Test(
        "is: bytes, the journal that tells of them, the final name, the folder above",
        arguments: [FaultJob.build, .replace, .pack]
    )
    func order(job: FaultJob) throws {
        try FaultBench.with { bench in
            try bench.clear(leaving: job.before)
            let run = try bench.run(job.command(bench), isTraced: true)
            #expect(run.code == 0, "\(run.words)")
            var disk = Unsynced()
            var journals = 0
            var publications = 0
            for call in run.calls where call.succeeded && call.matters(below: bench.place) {
                let target = FilePath(call.detail)
                if call.name == "rename", target.lastComponent?.string.hasSuffix("journal") == true {
                    journals += 1
                    // What it tells of, and the journal itself under the name that it is given next.
                    #expect(disk.bytes.isEmpty, "the journal is told before \(disk.bytes) are synced")
                }
                if target == bench.output, ["rename", "rename-new", "exchange"].contains(call.name) {
                    publications += 1
                    // What the work left goes anyway.
                    let lasting = { (path: FilePath) in path.starts(with: call.path) && !path.string.contains(".suture")
                    }
                    let inside = disk.bytes.union(disk.names).filter(lasting)
                    #expect(inside.isEmpty, "the final name is given before \(inside) are synced")
                }
                disk.add(call, target)
            }
            #expect(journals > 3)
            #expect(publications == 1)
            #expect(disk.bytes.isEmpty)
            #expect(disk.lastPublication.map { disk.syncs[bench.place, default: 0] > $0 } == true)
        }
    }
}

extension DiskCall {
    /// Whether what it does must last; locks need not.
    fileprivate func matters(below place: FilePath) -> Bool {
        path.starts(with: place) && path.extension != "lock"
    }
}

/// What is not on the disk yet while a trace goes on.
private struct Unsynced {
    /// Files with bytes that were written after their last sync.
    private(set) var bytes: Set<FilePath> = []
    /// Folders with names that came, went or changed after their last sync.
    private(set) var names: Set<FilePath> = []
    /// When a folder or file was last synced, by the number of the call.
    private(set) var syncs: [FilePath: Int] = [:]
    /// When the output got its name.
    private(set) var lastPublication: Int?

    mutating func add(_ call: DiskCall, _ target: FilePath) {
        switch call.name {
        case "write", "copy", "clone": bytes.insert(call.path)
        case "sync":
            bytes.remove(call.path)
            names.remove(call.path)
            syncs[call.path] = call.number
        case "open" where call.detail == "create", "mkdir", "link", "symlink":
            names.insert(call.path.removingLastComponent())
        case "remove":
            names.insert(call.path.removingLastComponent())
            (bytes, names) = (bytes.filter { $0 != call.path }, names.filter { $0 != call.path })
        case "rename", "rename-new", "exchange":
            for folder in [call.path, target] { names.insert(folder.removingLastComponent()) }
            if target.lastComponent?.string == "out" { lastPublication = call.number }
            let moved = { (path: FilePath) -> FilePath in
                var rest = path
                return rest.removePrefix(call.path) ? target.appending(rest.components) : path
            }
            (bytes, names) = (Set(bytes.map(moved)), Set(names.map(moved)))
        default: break
        }
    }
}
