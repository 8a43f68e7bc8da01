import Glibc
import SutureCheckpoints
import SutureTestSupport
import SystemPackage
import Testing

@Suite(
    "A disk that becomes full while a build writes to it",
    .tags(.slow),
    .unlessQuick,
    .enabled(if: FailingDisk.isBuilt, "the program or the failing disk was not built")
)
struct FullDiskTests {
    @Test(
        "ends the build with a word, leaves no output, and has room for it later",
        .enabled(if: MountedDisk.permitted.isSuperset(of: [.tmpfs, .ext2]), "file systems cannot be mounted here"),
        arguments: [MountedDisk.Kind.tmpfs, .ext2]
    )
    func fill(kind: MountedDisk.Kind) throws {
        try FaultBench.with { bench in
            let job = FaultJob.build
            let calm = try bench.run(job.command(bench), isTraced: true)
            try #require(calm.code == 0, "\(calm.words)")
            let contents = try #require(try bench.contents())
            let changes = calm.calls.filter { $0.changes && $0.path.starts(with: bench.place) }

            try bench.clear()
            try MountedDisk.with(kind, at: bench.place) { disk in
                var refusals = 0
                for change in changes where change.number % 3 == 0 {
                    let build = try bench.start(job.command(bench), DiskFault(kind: .stop, call: change.number))
                    guard build.waitUntilStopped() else { continue }
                    let filler = disk.folder.appending("filler")
                    try fillUp(filler)
                    build.goOn()

                    if build.wait() != 0 {
                        refusals += 1
                        let words = try bench.words()
                        let isTold = words.contains("no space left on device") || words.contains("has 0 bytes free")
                        #expect(isTold, "\(words)")
                        #expect(try bench.contents() == nil)
                    }
                    try FileSystem.remove(filler)
                    if try bench.contents() == nil {
                        let again = try bench.run(job.command(bench))
                        #expect(again.code == 0, "\(again.words)")
                    }
                    #expect(try bench.contents() == contents)
                    try FileSystem.removeTree(bench.output)
                }
                #expect(refusals > changes.count / 12)
            }
        }
    }

    /// Takes all the space there is.
    private func fillUp(_ path: FilePath) throws {
        // A child of another test must not hold it: its space would not come free.
        let options: FileDescriptor.OpenOptions = [.create, .closeOnExec]
        let file = try FileDescriptor.open(path, .writeOnly, options: options, permissions: .ownerReadWrite)
        defer { try? file.close() }
        for size in [1 << 16, 1 << 10, 1] {
            let bytes = [UInt8](repeating: 1, count: size)
            while (try? file.writeAll(bytes)) != nil {}
        }
    }
}
