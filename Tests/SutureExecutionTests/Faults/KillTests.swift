import Glibc
import SutureCheckpoints
import SutureTestSupport
import SystemPackage
import Testing

/// How often builds are killed; more with `SUTURE_KILLS=500`.
private let killCount = getenv("SUTURE_KILLS").flatMap { Int(String(cString: $0)) } ?? 12

@Suite(
    "A build that is killed",
    .tags(.slow),
    .unlessQuick,
    .enabled(if: SpawnedProgram.suture != nil, "the program was not built")
)
struct KillTests {
    @Test("leaves nothing under the final name, and is resumed to the same bytes")
    func resume() throws {
        try TemporaryDirectory.with { folder in
            let program = try #require(SpawnedProgram.suture)
            let environment = ["SUTURE_CACHE": folder.appending("cache").string, "PATH": "/usr/bin:/bin"]
            let recipe = folder.appending("recipe.yml")
            try FileSystem.write(
                """
                slicegraph: 1
                inputs: {base: "synthetic:llama?layers=12&hidden=64&seed=3"}
                graph: {out: {stack: ["base[0:9]", "base[3:12]"]}}

                """,
                to: recipe
            )
            func build(_ output: String, _ more: String...) throws -> SpawnedProgram {
                let path = folder.appending(output).string
                let arguments = ["build", recipe.string, "-o", path, "--shard-size", "150kB"] + more
                return try SpawnedProgram(program, arguments, environment: environment)
            }
            #expect(try build("first").wait() == 0)
            let clock = ContinuousClock()
            let start = clock.now
            #expect(try build("calm").wait() == 0)
            let usual = (clock.now - start) / .microseconds(1)
            let calm = try Workbench.contents(of: folder.appending("calm"))
            let output = folder.appending("out")

            var finished = 0
            for _ in 0..<killCount {
                let running = try build("out", "--resume")
                usleep(UInt32(Double.random(in: 0.05...1.1) * usual))
                running.kill()
                _ = running.wait()
                if try FileSystem.kind(of: output) != nil {
                    // The work folder goes last, when the output has its name already.
                    let left = try Workbench.contents(of: output).filter { !$0.key.hasPrefix(".suture/") }
                    #expect(left == calm)
                    try FileSystem.removeTree(output)
                    finished += 1
                }
            }

            #expect(finished < killCount)
            #expect(try build("out", "--resume").wait() == 0)
            #expect(try Workbench.contents(of: output) == calm)
            #expect(try FileSystem.list(folder) == ["cache", "calm", "first", "out", "recipe.yml"])
        }
    }
}
