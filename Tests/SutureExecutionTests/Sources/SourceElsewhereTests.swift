import SutureCheckpoints
import SutureDiagnostics
@testable import SutureExecution
import SuturePlanning
import SutureTestSupport
import SystemPackage
import Testing

/// Machines that have a plan's sources in other folders than the machine that planned.
@Suite("Sources that are elsewhere")
struct SourceElsewhereTests {
    private func copy(_ bench: Workbench, keepingTimes: Bool) throws -> FilePath {
        let folder = bench.folder.appending("copy")
        try FileSystem.createFolder(folder)
        for name in try FileSystem.list(bench.model.folder) {
            let (old, new) = (bench.model.folder.appending(name), folder.appending(name))
            try FileSystem.copy(old, to: new)
            if keepingTimes { try setTime(of: new, to: #require(try FileSystem.identity(of: old)).modified) }
        }
        return folder
    }

    @Test("are read there, by some parts or all, and the bytes are the same")
    func read() throws {
        try Workbench.with { bench in
            let plan = try bench.stack()
            let whole = try Execution.run(plan, into: bench.folder.appending("whole"))
            let elsewhere = try copy(bench, keepingTimes: true)
            let options = ExecutionOptions.with { $0.sourceFolders = ["source": elsewhere] }

            try Execution.run(#require(Part(1, of: 2)), of: plan, into: bench.output)
            try FileSystem.rename(bench.model.folder, to: bench.folder.appending("gone"))
            let here = #expect(throws: ExecutionError.self) {
                try Execution.run(#require(Part(2, of: 2)), of: plan, into: bench.output)
            }
            #expect(here?.diagnostics.map(\.code) == ["source-vanished"])
            try Execution.run(#require(Part(2, of: 2)), of: plan, into: bench.output, options: options)
            try Execution.finish(plan, into: bench.output, options: options)

            #expect(try Workbench.contents(of: bench.output) == Workbench.contents(of: whole.folder))
        }
    }

    @Test("are refused where they may be others", arguments: ["time", "length", "gone", "name"])
    func refuse(change: String) throws {
        try Workbench.with { bench in
            let plan = try bench.stack()
            let elsewhere = try copy(bench, keepingTimes: change != "time")
            let file = elsewhere.appending("model.safetensors")
            if change == "length" { try truncate(file) }
            if change == "gone" { try FileSystem.remove(file) }
            let name = change == "name" ? "sauce" : "source"
            let options = ExecutionOptions.with { $0.sourceFolders = [name: elsewhere] }

            let error = #expect(throws: ExecutionError.self) {
                try Execution.run(#require(Part(1, of: 2)), of: plan, into: bench.output, options: options)
            }

            let codes = ["time": "source-differs", "length": "source-differs", "gone": "source-vanished"]
            #expect(error?.exitCode == 1)
            #expect(error?.diagnostics.map(\.code) == [codes[change] ?? "unknown-input"])
            #expect(error?.diagnostics.allSatisfy { $0.fix != nil } ?? false)
            #expect(bench.isClean)
        }
    }

    @Test("are watched while they are read, as all sources are")
    func changeMeanwhile() throws {
        try Workbench.with { bench in
            let plan = try bench.stack()
            let elsewhere = try copy(bench, keepingTimes: true)
            let options = ExecutionOptions.with { $0.sourceFolders = ["source": elsewhere] }

            let error = #expect(throws: ExecutionError.self) {
                try Execution.run(#require(Part(1, of: 1)), of: plan, into: bench.output, options: options) {
                    false
                } onEvent: { event in
                    if case .started = event { try? touch(elsewhere.appending("model.safetensors")) }
                }
            }

            #expect(error?.diagnostics.map(\.code) == ["source-changed"])
        }
    }
}
