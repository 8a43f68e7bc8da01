import Glibc
import SutureCheckpoints
import SutureDiagnostics
import SutureExecution
import SutureKit
import SuturePlanning
import SutureTensors
import SutureTestSupport
import SystemPackage
import Testing

@Suite("A packed checkpoint")
struct PackingTests {
    /// Large enough for tensors of several frames, small enough to be quick.
    static let tiny = TinyCheckpoint.llama(
        layers: 2,
        hidden: 64,
        mlp: 200,
        vocabulary: 36_000,
        isTied: true,
        shards: 2
    )

    static func withPacked(
        planes: Bool = false,
        _ body: (FilePath, _ plain: FilePath, _ packed: FilePath) throws -> Void
    ) throws {
        try TemporaryDirectory.with { folder in
            try tiny.write(to: folder.appending("plain"))
            let outcome = try Surgery.pack(
                folder.appending("plain").string,
                into: folder.appending("packed").string,
                compression: Surgery.Compression(level: 1, splitsPlanes: planes),
                threads: 3
            )
            #expect(outcome.fileCount == 2 && outcome.packedByteCount < outcome.contentByteCount)
            try body(folder, folder.appending("plain"), folder.appending("packed"))
        }
    }

    /// Runs a program of the system, and whether it ended well; `nil` where it is not there.
    static func run(_ program: String, _ arguments: [String]) -> Bool? {
        var process = pid_t()
        var words: [UnsafeMutablePointer<CChar>?] = ([program] + arguments).map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        guard posix_spawnp(&process, program, nil, nil, &words, environ) == 0 else { return nil }
        var status: Int32 = 0
        guard waitpid(process, &status, 0) == process, status & 0x7F == 0 else { return nil }
        let code = status >> 8 & 0xFF
        return code == 127 ? nil : code == 0
    }

    @Test("is restored to the same bytes", arguments: [false, true])
    func restored(planes: Bool) throws {
        try Self.withPacked(planes: planes) { folder, plain, packed in
            #expect(
                try FileSystem.list(packed).filter { $0.hasSuffix(".zst") }.count == 2
                    && !FileSystem.list(packed).contains { $0.hasSuffix(".safetensors") }
            )
            _ = try Surgery.unpack(packed.string, into: folder.appending("again").string, threads: 2)
            let again = try Workbench.contents(of: folder.appending("again"))
            #expect(try again == Workbench.contents(of: plain))
        }
    }

    @Test("is restored by zstd itself")
    func zstd() throws {
        try Self.withPacked { folder, plain, packed in
            for name in try FileSystem.list(packed) where name.hasSuffix(".zst") {
                let target = folder.appending("restored")
                let path = packed.appending(name).string
                guard let isGood = Self.run("zstd", ["-d", "-q", "-f", path, "-o", target.string]) else { return }
                #expect(isGood)
                let original = plain.appending(String(name.dropLast(4)))
                #expect(try FileSystem.read(target) == FileSystem.read(original))
            }
        }
    }

    @Test(
        "is a source like any other: stacked and blended to the bytes that the plain one gives",
        arguments: [false, true]
    )
    func source(planes: Bool) throws {
        try Self.withPacked(planes: planes) { folder, plain, packed in
            for node in [
                "{stack: [\"x[0:2]\", \"x[1]\"]}", "{blend: {method: slerp, inputs: [x, y], params: {t: 0.4}}}",
            ] {
                func recipe(_ model: FilePath) -> String {
                    "slicegraph: 1\ninputs: {x: \(model), y: \(folder)/other}\ngraph: {out: \(node)}"
                }
                var other = Self.tiny
                other.seed = 4
                try other.write(to: folder.appending("other"))
                var weights: [[UInt8]] = []
                for (model, name) in [(plain, "a"), (packed, "b")] {
                    let plan = try #require(try AdapterTests.plan(recipe(model), in: folder).plan)
                    let output = folder.appending(name)
                    try FileSystem.removeTree(output)
                    _ = try Surgery.build(plan, into: output.string)
                    weights.append(try FileSystem.read(output.appending("model.safetensors")))
                }
                #expect(weights[0] == weights[1])
            }
        }
    }

    static func part(
        _ range: Range<Int>,
        of name: String,
        _ checkpoint: Checkpoint,
        _ reader: TensorReader
    ) throws -> [UInt8] {
        try reader.bytes(of: #require(checkpoint[name]), range)
    }

    @Test("is read by range: a tensor's part restores only the frames it lies in")
    func ranges() throws {
        try Self.withPacked { _, plain, packed in
            let (a, b) = (
                try Checkpoint.open(CheckpointReference(folder: plain.string), environment: [:]),
                try Checkpoint.open(CheckpointReference(folder: packed.string), environment: [:])
            )
            #expect(a.tensors.map(\.spec) == b.tensors.map(\.spec))
            let first = TensorReader(a)
            let tensor = try #require(b["model.embed_tokens.weight"])
            #expect(!b.files[tensor.file].isPlain)
            // A file of which all frames but the tensor's are broken gives the tensor all the same.
            let broken = packed.appending("model-00001-of-00002.safetensors.zst")
            var bytes = try FileSystem.read(broken)
            let frameCount = Int(bytes[bytes.count - 9])
            let end = bytes.count - frameCount * 8 - 17
            for place in end - 100..<end { bytes[place] ^= 0x55 }
            try FileSystem.write(bytes, to: broken)
            let c = try Checkpoint.open(CheckpointReference(folder: packed.string), environment: [:])
            let third = TensorReader(c)
            for range in [0..<1, 5..<1_000_003, tensor.spec.byteCount - 7..<tensor.spec.byteCount] {
                let x = try Self.part(range, of: tensor.spec.name, a, first)
                let y = try Self.part(range, of: tensor.spec.name, c, third)
                #expect(x == y)
            }
            let last = try #require(c.tensors.last { $0.file == 0 })
            let error = try #require(throws: FileError.self) { try third.bytes(of: last) }
            #expect(error.diagnostic.code == "packed-file-corrupt" && error.path == broken)
        }
    }

    @Test("comes out of a build that packs, and is the plain build once it is restored", arguments: [false, true])
    func built(planes: Bool) throws {
        try TemporaryDirectory.with { folder in
            try Self.tiny.write(to: folder.appending("x"))
            let recipe = """
                slicegraph: 1
                inputs: {x: \(folder)/x}
                graph: {out: {stack: [x, "x[1]"]}}
                output: {shard_size: 1MB}
                """
            let plan = try #require(try AdapterTests.plan(recipe, in: folder).plan)
            _ = try Surgery.build(plan, into: folder.appending("plain").string)
            var options = Surgery.BuildOptions()
            options.compression = Surgery.Compression(splitsPlanes: planes)
            let outcome = try Surgery.build(plan, into: folder.appending("packed").string, options: options)
            #expect(outcome.byteCount < plan.outputByteCount)
            _ = try Surgery.unpack(folder.appending("packed").string, into: folder.appending("again").string)
            let plain = try Workbench.contents(of: folder.appending("plain"))
            #expect(try Workbench.contents(of: folder.appending("again")) == plain)
        }
    }

    @Test("is cut into frames that begin where tensors begin, as large as a frame may be")
    func cutting() throws {
        try TemporaryDirectory.with { folder in
            try Self.tiny.write(to: folder)
            let path = folder.appending("model-00001-of-00002.safetensors")
            let weights = try WeightFile.read(path, called: "x.safetensors")
            let count = weights.file.byteCount
            for planes in [false, true] {
                let frames = FrameCutting(weights, byteCount: count, splitsPlanes: planes).frames
                var end = 0
                for frame in frames {
                    #expect(frame.content.lowerBound == end && frame.content.count <= FrameCutting.frameByteCount)
                    end = frame.content.upperBound
                    for entry in weights.entries {
                        let tensor = entry.offset..<entry.offset + entry.spec.byteCount
                        let isWithin = frame.content.lowerBound <= tensor.lowerBound && end >= tensor.upperBound
                        let isPart = tensor.lowerBound <= frame.content.lowerBound && tensor.upperBound >= end
                        #expect(!frame.content.overlaps(tensor) || isWithin || isPart, "\(entry.spec.name)")
                    }
                }
                #expect(end == count && frames.contains(where: \.isSplit) == planes)
            }
        }
    }

    @Test("does not take the place of what is there, and nothing stays of one that failed")
    func refused() throws {
        try Self.withPacked { folder, plain, packed in
            func code(_ body: () throws -> Void) throws -> String? {
                try #require(throws: Surgery.BuildError.self, performing: body).diagnostics.first?.code
            }
            let missing = folder.appending("new").string
            #expect(try code { _ = try Surgery.pack(plain.string, into: packed.string) } == "output-exists")
            #expect(try code { _ = try Surgery.unpack(plain.string, into: missing) } == "no-weights")
            let inside = plain.appending("packed").string
            #expect(try code { _ = try Surgery.pack(plain.string, into: inside) } == "output-inside-source")
            #expect(try code { _ = try Surgery.pack(plain.string, into: folder.string) } == "source-inside-output")
            let lock = try FolderLock.take(folder.appending("new.partial.lock"), holder: "another")
            #expect(try code { _ = try Surgery.pack(plain.string, into: missing) } == "output-held")
            guard case .taken(let held) = consume lock else { return }
            held.removeFile()
            let file = packed.appending("model-00002-of-00002.safetensors.zst")
            var bytes = try FileSystem.read(file)
            bytes[bytes.count / 2] ^= 1
            try FileSystem.write(bytes, to: file)
            #expect(try code { _ = try Surgery.unpack(packed.string, into: missing) } == "packed-file-corrupt")
            #expect(try FileSystem.list(folder) == ["packed", "plain"])
        }
    }

    @Test("takes the place of another model where that is asked for")
    func replaces() throws {
        try Self.withPacked { folder, plain, packed in
            let before = try Workbench.contents(of: packed)
            try FileSystem.write("old", to: packed.appending("old.txt"))
            _ = try Surgery.pack(plain.string, into: packed.string, replacesExisting: true)
            #expect(try Workbench.contents(of: packed) == before)
            #expect(try FileSystem.list(folder) == ["packed", "plain"])
        }
    }

    /// How the run that goes on packs.
    static let forms: [FilePacker.Options?] =
        [false, true].map { splitsPlanes in
            var options = FilePacker.Options()
            options.splitsPlanes = splitsPlanes
            return options
        } + [nil]

    @Test("whose packing was interrupted keeps what was written, whatever form it is to have then", arguments: forms)
    func resumed(form: FilePacker.Options?) throws {
        try Workbench.with { bench in
            let plan = try bench.stack(shardSize: 20_000)
            var options = ExecutionOptions()
            options.packing = form
            try Execution.run(plan, into: bench.folder.appending("calm"), options: options)
            let calm = try Workbench.contents(of: bench.folder.appending("calm"))

            options.packing = FilePacker.Options()
            options.packing?.threads = 1
            options.keepsCancelled = true
            let partial = bench.folder.appending("out.partial")
            let first = partial.appending(plan.shards[0].name)
            #expect(plan.shards.count > 2)
            let failure = #expect(throws: ExecutionError.self) {
                try Execution.run(
                    plan,
                    into: bench.output,
                    options: options,
                    isCancelled: {
                        // As soon as the first file is there in its packed form alone.
                        let names = (try? FileSystem.list(partial)) ?? []
                        return !names.contains(plan.shards[0].name) && names.contains(plan.shards[0].name + ".zst")
                    }
                )
            }
            #expect(failure?.kind == .retry)
            #expect(try FileSystem.kind(of: first) == nil)

            options.packing = form
            options.resumes = true
            let receipt = try Execution.run(plan, into: bench.output, options: options)
            #expect(receipt.resumedBytes == plan.outputByteCount)
            #expect(try Workbench.contents(of: bench.output) == calm)
        }
    }

    @Test("is what a finish makes once, and a later one does not pretend to have made another form")
    func finished() throws {
        try Workbench.with { bench in
            let plan = try bench.stack()
            var packed = ExecutionOptions()
            packed.packing = FilePacker.Options()
            var planes = packed
            planes.packing?.splitsPlanes = true
            try Execution.run(.whole, of: plan, into: bench.output)

            #expect(try !Execution.finish(plan, into: bench.output, options: packed).wasDone)
            let made = try Workbench.contents(of: bench.output)

            #expect(try Execution.finish(plan, into: bench.output, options: packed).wasDone)
            #expect(try Execution.finish(plan, into: bench.output).wasDone)
            let error = #expect(throws: ExecutionError.self) {
                try Execution.finish(plan, into: bench.output, options: planes)
            }
            #expect(error?.diagnostics.map(\.code) == ["output-finished"])
            #expect(try Workbench.contents(of: bench.output) == made)
        }
    }
}
