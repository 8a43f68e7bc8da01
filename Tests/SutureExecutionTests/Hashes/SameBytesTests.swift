import SutureCheckpoints
import SutureExecution
import SutureKit
import SuturePlanning
import SutureTestSupport
import SystemPackage
import Testing

@Suite("The same recipe on the same sources")
struct SameBytesTests {
    /// A plan of copied, scaled and blended layers.
    private static func plan(in folder: FilePath, shardSize: Int) throws -> Plan {
        for (seed, name) in ["a", "b", "c"].enumerated() where try FileSystem.kind(of: folder.appending(name)) == nil {
            try TinyCheckpoint.llama(layers: 4, hidden: 32, mlp: 48, vocabulary: 150, seed: seed)
                .write(to: folder.appending(name))
        }
        let recipe = folder.appending("recipe.yml")
        try FileSystem.write(
            """
            slicegraph: 1
            inputs: {a: \(folder)/a, b: \(folder)/b, c: \(folder)/c}
            graph:
              turned: {blend: {method: slerp, inputs: ["a[1:3]", "b[1:3]"], params: {t: 0.3}}}
              voted:
                blend: {method: dare_ties, base: "a[1:3]", inputs: [{from: "b[1:3]", weight: 0.5, density: 0.5}, {from: "c[1:3]", weight: 0.5, density: 0.5}]}
              out: {stack: ["a[0:2]", turned, {from: voted, scale: {mlp.down: 0.5}}, "b[2:4]"]}
            output: {dtype: bfloat16}

            """,
            to: recipe
        )
        var options = PlanningOptions()
        options.shardSize = shardSize
        let result = try Surgery(reading: recipe.string, options: options).plan()
        return try #require(result.plan, "\(result.diagnostics)")
    }

    @Test(
        "gives the same bytes of every file on 1, 2 and 8 threads, in one go or resumed",
        arguments: [1, 2, 8],
        [false, true]
    )
    func sameBytes(threads: Int, resumes: Bool) throws {
        try TemporaryDirectory.with { folder in
            let plan = try Self.plan(in: folder, shardSize: 40_000)
            #expect(plan.shards.count > 2)
            try Execution.run(plan, into: folder.appending("calm"))
            var options = ExecutionOptions.with {
                $0.threads = threads
                $0.windowByteCount = 4096
                $0.journalStride = 8192
                $0.resumes = resumes
            }
            let output = folder.appending("out")
            if resumes {
                options.calls = Disturbance.brokenDisk.calls(healthy: 20)
                #expect(throws: ExecutionError.self) { try Execution.run(plan, into: output, options: options) }
                options.calls = .system
            }

            try Execution.run(plan, into: output, options: options)

            #expect(try Workbench.contents(of: output) == Workbench.contents(of: folder.appending("calm")))
        }
    }

    @Test("gives the same tensors whatever the shards", arguments: [9_000, 40_000])
    func sameTensors(shardSize: Int) throws {
        try TemporaryDirectory.with { folder in
            try Execution.run(Self.plan(in: folder, shardSize: .max), into: folder.appending("one"))
            try Execution.run(Self.plan(in: folder, shardSize: shardSize), into: folder.appending("many"))

            let hashes = try TensorHashTests.hashes(of: folder.appending("one"))
            #expect(hashes.count > 60)
            #expect(try TensorHashTests.hashes(of: folder.appending("many")) == hashes)
        }
    }
}
