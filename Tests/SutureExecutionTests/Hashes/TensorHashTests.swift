import SutureCheckpoints
@testable import SutureExecution
import SutureJSON
import SuturePlanning
import SutureTensors
import SutureTestSupport
import SystemPackage
import Testing

@Suite("Hashes of tensors")
struct TensorHashTests {
    /// The hash of each tensor that a manifest has, by name.
    static func hashes(of folder: FilePath) throws -> [String: ContentHash] {
        let path = folder.appending("manifest.json")
        let manifest = try Manifest(parsing: FileSystem.read(path), path: path.string)
        return Dictionary(
            uniqueKeysWithValues: manifest.tensors.compactMap { tensor in
                tensor.hash.map { (tensor.spec.name, $0) }
            }
        )
    }

    @Test(
        "are of the bytes that are there",
        arguments: [1, 2, 8],
        [(4096, Mover.windows), (4096, .copyFileRange), (16 << 10, .automatic), (4 << 20, .windows)]
    )
    func ofBytes(threads: Int, windowAndMover: (Int, Mover)) throws {
        let (window, mover) = windowAndMover
        try Workbench.with { bench in
            let options = ExecutionOptions.with {
                $0.threads = threads
                $0.windowByteCount = window
                $0.mover = mover
            }
            let plan = try bench.stack(shardSize: 50_000)

            try Execution.run(plan, into: bench.output, options: options)

            let built = try Workbench.tensors(of: bench.output)
            #expect(try Self.hashes(of: bench.output) == built.mapValues { ContentHash(of: $0) })
        }
    }

    @Test("of computed tensors too, and of empty ones", arguments: [1, 8])
    func ofComputed(threads: Int) throws {
        let tiny = TinyCheckpoint(
            config: [:],
            tensors: [
                ("a", .bfloat16, [70, 301]), ("empty", .float32, [0, 5]), ("b", .float16, [3001]), ("end", .uint8, [0]),
            ]
        )
        try Workbench.with(tiny) { bench in
            var test = TestPlan(bench.model)
            try test.add("scaled", .float32, [70, 301], .scaled(test.stored("a"), by: 0.5))
            try test.move("empty", as: "empty")
            try test.move("b", as: "b")
            try test.move("end", as: "end")
            let options = ExecutionOptions.with {
                $0.threads = threads
                $0.windowByteCount = 4096
            }

            try Execution.run(test.build(), into: bench.output, options: options)

            let built = try Workbench.tensors(of: bench.output)
            #expect(built.count == 4)
            #expect(try Self.hashes(of: bench.output) == built.mapValues { ContentHash(of: $0) })
        }
    }

    @Test("do not depend on shards")
    func acrossShards() throws {
        try Workbench.with { bench in
            var all: [[String: ContentHash]] = []
            for size in [Int.max, 50_000, 9_000] {
                let folder = bench.folder.appending("out\(all.count)")
                try Execution.run(bench.stack(shardSize: size), into: folder)
                all.append(try Self.hashes(of: folder))
            }
            #expect(all[0] == all[1])
            #expect(all[0] == all[2])
        }
    }

    @Test("are the same after a resume in the middle of a tensor", arguments: [1, 4])
    func resumed(threads: Int) throws {
        try Workbench.with { bench in
            let plan = try bench.stack(shardSize: 60_000)
            try Execution.run(plan, into: bench.folder.appending("calm"))
            var options = ExecutionOptions.with {
                $0.threads = threads
                $0.windowByteCount = 4096
                $0.journalStride = 4096
                $0.resumes = true
                $0.calls = Disturbance.brokenDisk.calls(healthy: 25)
            }
            #expect(throws: ExecutionError.self) { try Execution.run(plan, into: bench.output, options: options) }

            options.calls = .system
            let receipt = try Execution.run(plan, into: bench.output, options: options)

            #expect(receipt.resumedBytes > 0 || threads > 1)
            #expect(try Workbench.contents(of: bench.output) == Workbench.contents(of: bench.folder.appending("calm")))
        }
    }

    @Test("leave out what nobody reads, unless they are asked to read it")
    func skipped() throws {
        try Workbench.with { bench in
            let plan = try bench.stack()
            let shard = plan.shards[0]
            let path = bench.folder.appending("model.safetensors")
            try Execution.run(plan, into: bench.output)
            try FileSystem.copy(bench.output.appending(shard.name), to: path)
            let stretch = plan.tensors[2].offset + 1..<plan.tensors[4].offset + 1
            let hashes = ShardHashes(
                shard.tensors,
                of: plan,
                in: 0..<shard.byteCount,
                at: path,
                start: 0,
                skipping: [stretch],
                calls: .system
            )

            for start in stride(from: 0, to: shard.byteCount, by: 4096).reversed() {
                try hashes.add(start..<min(start + 4096, shard.byteCount), bytes: nil)
            }

            let all = try Self.hashes(of: bench.output)
            for (index, hash) in hashes.hashes.enumerated() {
                #expect(hash == ((2...4).contains(index) ? nil : all[plan.tensors[index].spec.name]))
            }
        }
    }
}
