import SutureCheckpoints
import SutureDiagnostics
import SutureExecution
import SutureJSON
import SuturePlanning
import SutureTensors
import SutureTestSupport
import SystemPackage
import Testing

@Suite("Sources")
struct SourceTests {
    @Test("that changed since the plan was made are named, all of them")
    func refuseChanged() throws {
        try Workbench.with(.llama(layers: 4, shards: 3)) { bench in
            let plan = try bench.stack([0, 1, 2, 3])
            let files = bench.model.files.map(\.path)
            try touch(files[0])
            try FileSystem.remove(files[2])

            let error = #expect(throws: ExecutionError.self) { try Execution.run(plan, into: bench.output) }

            #expect(error?.exitCode == 1)
            #expect(error?.diagnostics.map(\.code) == ["source-changed", "source-vanished"])
            #expect(
                error?.diagnostics.map(\.place) == [
                    .file(files[0].string, tensor: nil), .file(files[2].string, tensor: nil),
                ]
            )
            #expect(bench.isClean)
        }
    }

    @Test("that nothing is taken from may be gone")
    func ignoreUnused() throws {
        try Workbench.with(.llama(layers: 4, shards: 2)) { bench in
            var test = TestPlan(bench.model)
            let first = bench.model.tensors.filter { $0.file == 0 }.map(\.spec.name)
            for name in first { try test.move(name, as: name) }
            let plan = try test.build()
            try FileSystem.remove(bench.model.files[1].path)

            try Execution.run(plan, into: bench.output)

            #expect(try Workbench.tensors(of: bench.output).keys.sorted() == first.sorted())
        }
    }

    @Test("that change while they are read fail the build", arguments: [1, 4])
    func noticeChange(threads: Int) throws {
        try Workbench.with { bench in
            let source = bench.model.files[0].path
            let options = ExecutionOptions.with { $0.threads = threads }

            let error = #expect(throws: ExecutionError.self) {
                try Execution.run(bench.stack(), into: bench.output, options: options) {
                    false
                } onEvent: { event in
                    if case .shardFinished = event { try? touch(source) }
                }
            }

            #expect(error?.exitCode == 1)
            #expect(error?.diagnostics.map(\.code) == ["source-changed"])
            #expect(error?.diagnostics.first?.place == .file(source.string, tensor: nil))
            #expect(bench.isClean)
        }
    }

    @Test("that are cut short while they are read are told as changed")
    func noticeTruncation() throws {
        try Workbench.with { bench in
            let source = bench.model.files[0].path
            let options = ExecutionOptions.with {
                $0.threads = 1
                $0.windowByteCount = 4096
            }

            let error = #expect(throws: ExecutionError.self) {
                try Execution.run(bench.stack(), into: bench.output, options: options) {
                    false
                } onEvent: { event in
                    if case .wrote = event { try? truncate(source) }
                }
            }

            #expect(error?.diagnostics.map(\.code) == ["source-changed"])
            #expect(bench.isClean)
        }
    }

    @Test("may bring companions, which must not change either")
    func refuseChangedCompanion() throws {
        var tiny = TinyCheckpoint.llama(layers: 1)
        tiny.companions = [("tokenizer.json", "{}")]
        try Workbench.with(tiny) { bench in
            var test = try TestPlan.stack(bench.model, layers: [0])
            let path = bench.model.folder.appending("tokenizer.json")
            try test.addCompanion("tokenizer.json", path)
            let plan = try test.build()
            try FileSystem.write("{\"longer\": 1}", to: path)

            let error = #expect(throws: ExecutionError.self) { try Execution.run(plan, into: bench.output) }

            #expect(error?.diagnostics.map(\.place) == [.file(path.string, tensor: nil)])
            #expect(bench.isClean)
        }
    }
}
