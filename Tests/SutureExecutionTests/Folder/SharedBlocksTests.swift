import SutureCheckpoints
import SutureExecution
import SutureKit
import SuturePlanning
import SutureTensors
import SutureTestSupport
import SystemPackage
import Testing

@Suite(
    "File systems that share blocks",
    .enabled(if: MountedDisk.permitted.isSuperset(of: [.xfs, .btrfs]), "file systems cannot be mounted here")
)
struct SharedBlocksTests {
    @Test("are asked to, wherever in a block the data of a source begin", arguments: [MountedDisk.Kind.xfs, .btrfs])
    func shareOthers(kind: MountedDisk.Kind) throws {
        try MountedDisk.with(kind) { disk in
            // Written as the reference writer does: the header is as long as it happens to be.
            let tiny = TinyCheckpoint.llama(layers: 8, hidden: 256, mlp: 512, vocabulary: 512)
            try tiny.write(to: disk.folder.appending("model"))
            let recipe = disk.folder.appending("recipe.yml")
            let stack = "graph: {out: {stack: [\"m[0:8]\", \"m[0:8]\"]}}\n"
            let input = "inputs: {m: \"\(disk.folder)/model\"}\n"
            try FileSystem.write("slicegraph: 1\n" + input + stack, to: recipe)
            let surgery = try Surgery(reading: recipe.string)
            let plan = try #require(surgery.plan().plan)

            // The manifest has hashes of what was written; with all of them it is the same too.
            let sharing = ExecutionOptions.with { $0.hashes = .all }
            let shared = try Execution.run(plan, into: disk.folder.appending("shared"), options: sharing)

            let windows = ExecutionOptions.with {
                $0.mover = .windows
                $0.hashes = .all
            }
            let written = try Execution.run(plan, into: disk.folder.appending("written"), options: windows)
            #expect(try Workbench.contents(of: shared.folder) == Workbench.contents(of: written.folder))
            #expect(shared.physicalBytes < shared.logicalBytes / 10)
        }
    }

    @Test(
        "are asked to, and the output is the same as if every byte had been written",
        arguments: [MountedDisk.Kind.xfs, .btrfs],
        [0, 2]
    )
    func share(kind: MountedDisk.Kind, odd: Int) throws {
        try MountedDisk.with(kind) { disk in
            try share(in: disk.folder, odd: odd)
        }
    }

    private func share(in place: FilePath, odd: Int) throws {
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

        let sharing = ExecutionOptions.with { $0.hashes = .all }
        let shared = try Execution.run(plan, into: place.appending("shared"), options: sharing)

        let windows = ExecutionOptions.with {
            $0.mover = .windows
            $0.hashes = .all
        }
        try Execution.run(plan, into: place.appending("written"), options: windows)
        let contents = try Workbench.contents(of: shared.folder)
        #expect(try Workbench.contents(of: place.appending("written")) == contents)
        #expect(shared.physicalBytes < (odd == 0 ? shared.logicalBytes / 4 : shared.logicalBytes))
    }
}
