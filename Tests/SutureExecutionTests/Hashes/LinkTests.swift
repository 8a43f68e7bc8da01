import SutureCheckpoints
import SutureExecution
import SutureKit
import SuturePlanning
import SutureTestSupport
import Synchronization
import SystemPackage
import Testing

@Suite("Weight files that are linked")
struct LinkTests {
    /// Builds the first layers of a model in several files, kept where they can be.
    private static func build(
        in folder: FilePath,
        links: Bool,
        into output: FilePath,
        resumes: Bool = false,
        isCancelled: @escaping @Sendable () -> Bool = { false }
    ) throws -> Surgery.Outcome {
        let model = folder.appending("model")
        if try FileSystem.kind(of: model) == nil { try TinyCheckpoint.llama(layers: 6, shards: 4).write(to: model) }
        let recipe = folder.appending("recipe.yml")
        try FileSystem.write("slicegraph: 1\ninputs: {m: \(model)}\ngraph: {out: {slice: \"m[0:5]\"}}\n", to: recipe)
        var options = PlanningOptions()
        options.keepsFiles = true
        let result = try Surgery(reading: recipe.string, options: options).plan()
        let plan = try #require(result.plan, "\(result.diagnostics)")
        #expect(plan.shards.filter { $0.original != nil }.count == 3)
        var building = Surgery.BuildOptions()
        building.links = links
        building.resumes = resumes
        building.keepsCancelled = true
        building.threads = 1
        return try Surgery.build(plan, into: output.string, options: building, isCancelled: isCancelled)
    }

    private static func linkCount(_ folder: FilePath) throws -> Int {
        let names = try FileSystem.list(folder.appending("model")).filter { $0.hasSuffix(".safetensors") }
        let sources = try names.compactMap { try FileSystem.identity(of: folder.appending("model").appending($0)) }
        return try FileSystem.list(folder.appending("out")).filter { name in
            let own = try FileSystem.identity(of: folder.appending("out").appending(name))
            return sources.contains { own?.isSameFile(as: $0) ?? false }
        }.count
    }

    @Test("are the source's own, and the model is what it is without")
    func linked() throws {
        try TemporaryDirectory.with { folder in
            let output = folder.appending("out")
            let outcome = try Self.build(in: folder, links: true, into: output)
            _ = try Self.build(in: folder, links: false, into: folder.appending("copied"))

            #expect(try Self.linkCount(folder) == 3)
            #expect(outcome.writtenByteCount < outcome.byteCount)
            let weights = { (folder: FilePath) in
                try Workbench.contents(of: folder).filter { $0.key.hasSuffix(".safetensors") }
            }
            #expect(try weights(output) == weights(folder.appending("copied")))
            let verified = try Surgery.verify(output.string)
            #expect(verified.diagnostics == [])
            #expect(verified.hashed.count + verified.recomputed.count == verified.tensors.count)
        }
    }

    @Test("that a stopped build left are copied when it is resumed without links")
    func resumedWithoutLinks() throws {
        try TemporaryDirectory.with { folder in
            let output = folder.appending("out")
            let asked = Atomic(0)
            #expect(throws: Surgery.BuildError.self) {
                try Self.build(in: folder, links: true, into: output) {
                    asked.wrappingAdd(1, ordering: .relaxed).newValue > 3
                }
            }

            _ = try Self.build(in: folder, links: false, into: output, resumes: true)

            #expect(try Self.linkCount(folder) == 0)
            #expect(try Surgery.verify(output.string).isGood)
        }
    }

    @Test("are found to be damaged like any other")
    func damaged() throws {
        try TemporaryDirectory.with { folder in
            let output = folder.appending("out")
            _ = try Self.build(in: folder, links: false, into: output)
            let name = try #require(try FileSystem.list(output).first { $0.hasSuffix(".safetensors") })
            var bytes = try FileSystem.read(output.appending(name))
            bytes[bytes.count - 1] ^= 1
            try FileSystem.write(bytes, to: output.appending(name))

            #expect(try !Surgery.verify(output.string).isGood)
        }
    }

    @Test(
        "are copied where the output lies on another disk",
        .enabled(if: (try? FileSystem.kind(of: "/dev/shm")) == .folder)
    )
    func otherDisk() throws {
        try TemporaryDirectory.with { folder in
            let output = FilePath("/dev/shm").appending("suture-tests-\(FileSystem.uniqueSuffix())")
            defer { try? FileSystem.removeTree(output) }

            _ = try Self.build(in: folder, links: true, into: output)

            #expect(try Surgery.verify(output.string).isGood)
        }
    }
}
