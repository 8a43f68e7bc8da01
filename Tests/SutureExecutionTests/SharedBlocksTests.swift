import Glibc
import SutureCheckpoints
import SutureExecution
import SuturePlanning
import SutureTensors
import SutureTestSupport
import SystemPackage
import Testing

/// Folders on file systems that share blocks, for those who have one: `SUTURE_REFLINK_FOLDERS=/mnt/xfs:/mnt/btrfs`.
private let folders = (getenv("SUTURE_REFLINK_FOLDERS").map { String(cString: $0) } ?? "").split(separator: ":")
    .map { FilePath(String($0)) }

@Suite("File systems that share blocks", .enabled(if: !folders.isEmpty, "set SUTURE_REFLINK_FOLDERS"))
struct SharedBlocksTests {
    @Test("are asked to, and the output is the same as if every byte had been written", arguments: folders, [0, 2])
    func share(folder: FilePath, odd: Int) throws {
        let place = folder.appending("suture-\(FileSystem.uniqueSuffix())")
        try FileSystem.createFolder(place)
        defer { try? FileSystem.removeTree(place) }
        // Eight layers take whole blocks; an odd tensor among them puts those after it off.
        var tiny = TinyCheckpoint.llama(layers: 8, hidden: 256, mlp: 512, vocabulary: 512)
        if odd > 0 { tiny.tensors.insert(("model.odd", .uint8, [odd]), at: 40) }
        try tiny.write(to: place.appending("tiny"))
        let first = try Checkpoint.open(
            CheckpointReference(parsing: place.appending("tiny").string),
            environment: [:]
        )
        // Our own files begin their data at a whole block.
        let all = Array(0..<8)
        try Execution.run(TestPlan.stack(first, layers: all).build(), into: place.appending("own"))
        let own = try Checkpoint.open(CheckpointReference(parsing: place.appending("own").string), environment: [:])
        let plan = try TestPlan.stack(own, layers: all + all).build()

        let shared = try Execution.run(plan, into: place.appending("shared"))

        let windows = ExecutionOptions.with { $0.mover = .windows }
        try Execution.run(plan, into: place.appending("written"), options: windows)
        let contents = try Workbench.contents(of: shared.folder)
        #expect(try Workbench.contents(of: place.appending("written")) == contents)
        #expect(shared.physicalBytes < (odd == 0 ? shared.logicalBytes / 4 : shared.logicalBytes))
    }
}
