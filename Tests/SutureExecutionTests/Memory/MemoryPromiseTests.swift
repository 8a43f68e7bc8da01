import Glibc
import SutureCheckpoints
import SutureJSON
import SutureTestSupport
import SystemPackage
import Testing

@Suite(
    "The memory that a build was given",
    .tags(.slow),
    .unlessQuick,
    .enabled(if: SpawnedProgram.suture != nil, "the program was not built")
)
struct MemoryPromiseTests {
    /// A stack of some hundred megabytes: layers moved, and layers that are computed.
    private func build(
        in folder: FilePath,
        memory: Int,
        after prologue: String = ""
    ) throws -> (code: Int32?, peakMemory: Int?) {
        let program = try #require(SpawnedProgram.suture)
        let recipe = folder.appending("recipe.yml")
        try FileSystem.write(
            """
            slicegraph: 1
            inputs: {base: "synthetic:llama?layers=8&hidden=1024&mlp=5632&vocab=16000&seed=3&data=none"}
            graph: {out: {stack: ["base[0:8]", {from: "base[2:8]", scale: {attn.k: 0.5}}]}}

            """,
            to: recipe
        )
        let output = folder.appending("out-\(memory)").string
        let report = folder.appending("report-\(memory).json")
        let command = "\(program) build \(recipe) -o \(output) --threads 8 --memory \(memory)MB --json > \(report)"
        let environment = ["SUTURE_CACHE": folder.appending("cache").string, "PATH": "/usr/bin:/bin"]
        let shell = try SpawnedProgram("/bin/sh", ["-c", "\(prologue) exec \(command)"], environment: environment)
        // The kernel's own account of a child's memory also counts its parent's, from before it became a program.
        let code = shell.wait()
        guard code == 0 else { return (code, nil) }
        return (code, try JSONParser.parse(FileSystem.read(report)).object?["peak_memory"]?.int)
    }

    @Test("is not exceeded", arguments: [56, 64, 300])
    func stayWithin(memory: Int) throws {
        try TemporaryDirectory.with { folder in
            let outcome = try build(in: folder, memory: memory)

            #expect(outcome.code == 0)
            #expect(try #require(outcome.peakMemory) < memory * 1_000_000)
        }
    }

    @Test("is refused where it is too little, and the least that is named works")
    func nameLeast() throws {
        try TemporaryDirectory.with { folder in
            let words = folder.appending("words")
            let refused = try build(in: folder, memory: 10, after: "exec 2> \(words);")
            #expect(refused.code == 2)
            let text = String(decoding: try FileSystem.read(words), as: UTF8.self)
            let named = try #require(text.firstMatch(of: /the build needs (\d+)\.0 MB of memory and may take 10\.0 MB/))
            let least = try #require(Int(named.1))

            let outcome = try build(in: folder, memory: least)

            #expect(outcome.code == 0)
            #expect(try #require(outcome.peakMemory) <= least * 1_000_000)
        }
    }

    @Test(
        "is enough even where the kernel kills whoever takes more",
        .enabled(if: ControlGroup.isPermitted, "control groups cannot be made here")
    )
    func surviveHardLimit() throws {
        try TemporaryDirectory.with { folder in
            // A control group also counts the page cache, which must give way.
            let group = try ControlGroup(byteCount: 72_000_000)
            defer { group.remove() }

            let outcome = try build(in: folder, memory: 56, after: "echo $$ > \(group.membersPath) &&")

            #expect(outcome.code == 0)
        }
    }
}

/// A control group with a limit of memory.
private struct ControlGroup {
    private let folder: FilePath

    /// Both generations of control groups, and how each calls its limit.
    private static let kinds: [(root: FilePath, limit: String)] = [
        ("/sys/fs/cgroup/memory", "memory.limit_in_bytes"), ("/sys/fs/cgroup", "memory.max"),
    ]

    static var isPermitted: Bool {
        guard let group = try? ControlGroup(byteCount: 1 << 30) else { return false }
        group.remove()
        return true
    }

    init(byteCount: Int) throws {
        var failure: any Error = Errno.notSupported
        for kind in Self.kinds {
            let folder = kind.root.appending("suture-\(FileSystem.uniqueSuffix())")
            do {
                try FileSystem.createFolder(folder)
                let file = try FileDescriptor.open(folder.appending(kind.limit), .writeOnly)
                defer { try? file.close() }
                try file.writeAll("\(byteCount)".utf8)
                self.folder = folder
                return
            } catch {
                rmdir(folder.string)
                failure = error
            }
        }
        throw failure
    }

    /// Whoever writes his number here becomes a member.
    var membersPath: FilePath { folder.appending("cgroup.procs") }

    func remove() {
        rmdir(folder.string)
    }
}
