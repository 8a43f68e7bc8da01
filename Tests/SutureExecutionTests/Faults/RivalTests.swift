import SutureCheckpoints
import SutureTestSupport
import SystemPackage
import Testing

@Suite(
    "Two builds into one folder",
    .tags(.slow),
    .unlessQuick,
    .enabled(if: FailingDisk.isBuilt, "the program or the failing disk was not built")
)
struct RivalTests {
    /// Starts a build and stops it when it has done half of its file calls.
    private func startHalf(_ bench: FaultBench) throws -> SpawnedProgram {
        let run = try bench.run(FaultJob.build.command(bench), isTraced: true)
        try #require(run.code == 0, "\(run.words)")
        try bench.clear()
        let writes = run.calls.filter { $0.name == "write" && $0.path.starts(with: bench.place) }
        let middle = DiskFault(kind: .stop, call: writes[writes.count / 2].number)
        let first = try bench.start(FaultJob.build.command(bench), middle)
        try #require(first.waitUntilStopped())
        return first
    }

    @Test("do not meet: the second is told who is at work, and the first goes on")
    func tell() throws {
        try FaultBench.with { bench in
            let first = try startHalf(bench)

            for resumes in [false, true] {
                let second = try bench.run(FaultJob.build.command(bench, resumes: resumes))
                #expect(second.code == 3)
                #expect(second.words.contains("another build writes this folder: process \(first.process) on "))
            }

            first.goOn()
            #expect(first.wait() == 0)
            #expect(try FileSystem.list(bench.place) == ["out"])
        }
    }

    @Test("do not hinder each other when the first is dead: its lock went with it", arguments: [false, true])
    func outlive(resumes: Bool) throws {
        try FaultBench.with { bench in
            let first = try startHalf(bench)
            first.kill()
            #expect(first.wait() == nil)
            #expect(try FileSystem.list(bench.place) == ["out.partial", "out.partial.lock"])

            let second = try bench.run(FaultJob.build.command(bench, resumes: resumes))

            #expect(second.code == 0, "\(second.words)")
            #expect(try FileSystem.list(bench.place) == ["out"])
        }
    }
}
