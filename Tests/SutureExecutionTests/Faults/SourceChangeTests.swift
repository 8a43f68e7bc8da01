import Glibc
import SutureCheckpoints
import SutureTestSupport
import SystemPackage
import Testing

@Suite(
    "Sources that do not stay as they are while a build reads them",
    .tags(.slow),
    .unlessQuick,
    .enabled(if: FailingDisk.isBuilt, "the program or the failing disk was not built")
)
struct SourceChangeTests {
    /// What may happen to a file.
    enum Change: String, CaseIterable, Sendable {
        case touched, replaced, grown, cutShort, emptied, removed, overwritten

        func happen(to path: FilePath) throws {
            switch self {
            case .touched: try touch(path)
            case .replaced: try FileSystem.write(FileSystem.read(path), to: path)
            case .grown: try resize(path, by: 1)
            case .cutShort: try resize(path, by: -1)
            case .emptied: try truncate(path)
            case .removed: try FileSystem.remove(path)
            case .overwritten:
                let file = try FileDescriptor.open(path, .writeOnly)
                defer { try? file.close() }
                _ = try file.writeAll(toAbsoluteOffset: 100, [1, 2, 3])
            }
        }

        private func resize(_ path: FilePath, by count: Int) throws {
            let length = try FileSystem.read(path).count
            guard Glibc.truncate(path.string, length + count) == 0 else { throw Errno(rawValue: errno) }
        }
    }

    @Test(
        "fail it, and are named",
        arguments: Change.allCases,
        ["a/model-00001-of-00002.safetensors", "b/model-00002-of-00002.safetensors"]
    )
    func fail(change: Change, name: String) throws {
        try FaultBench.with { bench in
            let run = try bench.run(FaultJob.build.command(bench), isTraced: true)
            try #require(run.code == 0, "\(run.words)")
            let writes = run.calls.filter { $0.name == "write" && $0.path.starts(with: bench.place) }
            // Before all of its files are read, and after most have been.
            for call in [writes[0], writes[writes.count / 2]] {
                try bench.clear()
                let path = bench.folder.appending("models").appending(FilePath(name).components)
                let bytes = try FileSystem.read(path)
                let build = try bench.start(
                    FaultJob.build.command(bench, resumes: false),
                    DiskFault(kind: .stop, call: call.number)
                )
                try #require(build.waitUntilStopped())
                try change.happen(to: path)
                build.goOn()

                let context: Comment = "\(change) at \(call)\n\(try bench.words())"
                #expect(build.wait() == 1, context)
                #expect(try bench.words().contains(path.string), context)
                #expect(try FileSystem.list(bench.place).isEmpty, context)
                try FileSystem.write(bytes, to: path)
            }
        }
    }
}
