import SutureCheckpoints
import SutureDiagnostics
import SutureExecution
import SutureJSON
import SuturePlanning
import SutureTensors
import SutureTestSupport
import Synchronization
import SystemPackage
import Testing

@Suite("The output folder")
struct OutputFolderTests {
    @Test("is refused where something is already")
    func refuseExisting() throws {
        try Workbench.with { bench in
            try FileSystem.createFolder(bench.output)
            try FileSystem.write("precious", to: bench.output.appending("file"))

            let error = #expect(throws: ExecutionError.self) {
                try Execution.run(bench.stack(), into: bench.output)
            }

            #expect(error?.exitCode == 2)
            #expect(error?.diagnostics.map(\.code) == ["output-exists"])
            #expect(try Workbench.contents(of: bench.output).keys.sorted() == ["file"])
        }
    }

    @Test("may be an empty folder that somebody made for it")
    func fillEmpty() throws {
        try Workbench.with { bench in
            try FileSystem.createFolder(bench.output)

            try Execution.run(bench.stack(), into: bench.output)

            #expect(try FileSystem.list(bench.output) == ["config.json", "manifest.json", "model.safetensors"])
        }
    }

    @Test("may have missing folders above it")
    func createParents() throws {
        try Workbench.with { bench in
            let receipt = try Execution.run(bench.stack(), into: bench.output.appending("a").appending("b"))

            #expect(try FileSystem.list(receipt.folder) == ["config.json", "manifest.json", "model.safetensors"])
        }
    }

    @Test("takes the place of an older model when told to")
    func replace() throws {
        try Workbench.with { bench in
            try Execution.run(bench.stack([0]), into: bench.output)
            try FileSystem.write("old", to: bench.output.appending("stale.txt"))
            let options = ExecutionOptions.with { $0.replacesExisting = true }

            let receipt = try Execution.run(bench.stack([0, 0, 1]), into: bench.output, options: options)

            #expect(try FileSystem.list(bench.folder) == ["model", "out"])
            #expect(try FileSystem.list(receipt.folder) == ["config.json", "manifest.json", "model.safetensors"])
            #expect(try Workbench.tensors(of: receipt.folder).keys.contains("model.layers.2.mlp.up_proj.weight"))
        }
    }

    @Test("never takes the place of a folder that holds no model")
    func refuseToReplace() throws {
        try Workbench.with { bench in
            try FileSystem.createFolder(bench.output)
            try FileSystem.write("precious", to: bench.output.appending("diary.txt"))
            let options = ExecutionOptions.with { $0.replacesExisting = true }

            let error = #expect(throws: ExecutionError.self) {
                try Execution.run(bench.stack(), into: bench.output, options: options)
            }

            #expect(error?.diagnostics.map(\.code) == ["output-not-replaceable"])
            #expect(try Workbench.contents(of: bench.output)["diary.txt"] == Array("precious".utf8))
        }
    }

    @Test("is refused where a file has its name", arguments: [false, true])
    func refuseFile(isLink: Bool) throws {
        try Workbench.with { bench in
            try FileSystem.write("precious", to: bench.folder.appending("file"))
            try FileSystem.link(bench.folder.appending("file"), at: bench.output)
            let options = ExecutionOptions.with { $0.replacesExisting = isLink }

            let error = #expect(throws: ExecutionError.self) {
                try Execution.run(bench.stack(), into: bench.output, options: options)
            }

            #expect(error?.diagnostics.map(\.code) == ["output-exists"])
            #expect(try FileSystem.read(bench.output) == Array("precious".utf8))
        }
    }

    @Test("is refused inside a source, by whatever path", arguments: ["model/out", "model/../model/out", "alias/out"])
    func refuseInsideSource(path: String) throws {
        try Workbench.with { bench in
            try symlink("model", at: bench.folder.appending("alias"))
            let output = try #require(FilePath(bench.folder.string + "/" + path) as FilePath?)

            let error = #expect(throws: ExecutionError.self) {
                try Execution.run(bench.stack(), into: output)
            }

            #expect(error?.diagnostics.map(\.code) == ["output-inside-source"])
            #expect(try FileSystem.list(bench.model.folder) == ["config.json", "model.safetensors"])
        }
    }

    @Test("is refused where a source lies in it")
    func refuseAroundSource() throws {
        try TemporaryDirectory.with { folder in
            let output = folder.appending("out")
            let model = try TinyCheckpoint.llama(layers: 1).open(in: output.appending("model"))
            try FileSystem.write("{}", to: output.appending("config.json"))
            let plan = try TestPlan.stack(model, layers: [0, 0]).build()
            let options = ExecutionOptions.with { $0.replacesExisting = true }

            let error = #expect(throws: ExecutionError.self) {
                try Execution.run(plan, into: output, options: options)
            }

            #expect(Set(error?.diagnostics.map(\.code) ?? []) == ["source-inside-output"])
            #expect(try FileSystem.list(output) == ["config.json", "model"])
        }
    }

    @Test("must have a name", arguments: ["/", ".", "..", "a/.."])
    func refuseNameless(path: String) throws {
        try Workbench.with { bench in
            let error = #expect(throws: ExecutionError.self) {
                try Execution.run(bench.stack(), into: FilePath(path))
            }
            #expect(error?.diagnostics.map(\.code) == ["output-without-name"])
        }
    }

    @Test("is written by one build at a time, and the second is told who it is")
    func refuseSecond() throws {
        try Workbench.with { bench in
            let plan = try bench.stack()
            let output = bench.output
            let second = Mutex<ExecutionError?>(nil)

            try Execution.run(plan, into: output) {
                false
            } onEvent: { event in
                guard case .started = event else { return }
                do throws(ExecutionError) { try Execution.run(plan, into: output) } catch {
                    second.withLock { $0 = error }
                }
            }

            let error = try #require(second.withLock { $0 })
            #expect(error.exitCode == 3)
            #expect(error.diagnostics.map(\.code) == ["output-held"])
            #expect(error.diagnostics[0].message.contains("process "))
            #expect(try FileSystem.list(bench.folder) == ["model", "out"])
        }
    }

    @Test("is not there after a build that was cancelled", arguments: [1, 4])
    func cancel(threads: Int) throws {
        try Workbench.with { bench in
            let asked = Atomic(0)
            let options = ExecutionOptions.with {
                $0.threads = threads
                $0.windowByteCount = 4096
            }

            let error = #expect(throws: ExecutionError.self) {
                try Execution.run(bench.stack(), into: bench.output, options: options) {
                    asked.wrappingAdd(1, ordering: .relaxed).newValue > 20
                }
            }

            #expect(error?.exitCode == 3)
            #expect(error?.diagnostics.map(\.code) == ["cancelled"])
            #expect(bench.isClean)
        }
    }

    @Test("does not take over what a build that died left, unless told to")
    func clearLeftovers() throws {
        try Workbench.with { bench in
            let partial = bench.folder.appending("out.partial")
            try FileSystem.createFolders(partial.appending("deep"))
            try FileSystem.write("stale", to: partial.appending("deep").appending("stale.txt"))

            try Execution.run(bench.stack(), into: bench.output)

            #expect(try FileSystem.list(bench.folder) == ["model", "out"])
            #expect(try FileSystem.list(bench.output) == ["config.json", "manifest.json", "model.safetensors"])
        }
    }

    @Test("is not led elsewhere by a link in its working place", arguments: [false, true])
    func ignoreLinks(resumes: Bool) throws {
        try Workbench.with { bench in
            let trap = bench.folder.appending("trap")
            try FileSystem.createFolders(trap.appending(".suture"))
            try FileSystem.write("{}", to: trap.appending(".suture").appending("parts.json"))
            try symlink("trap", at: bench.folder.appending("out.partial"))
            let options = ExecutionOptions.with { $0.resumes = resumes }

            try Execution.run(bench.stack(), into: bench.output, options: options)

            #expect(try FileSystem.list(trap.appending(".suture")) == ["parts.json"])
            #expect(try FileSystem.list(bench.output) == ["config.json", "manifest.json", "model.safetensors"])
        }
    }

    @Test("is not begun on a disk that is too small for it, and both sizes are told")
    func refuseSmallDisk() throws {
        try Workbench.with { bench in
            var test = TestPlan(bench.model)
            try test.add("huge", .bfloat16, [1 << 30, 1 << 24], .filled(0))

            let error = #expect(throws: ExecutionError.self) {
                try Execution.run(test.build(), into: bench.output)
            }

            #expect(error?.exitCode == 2)
            #expect(error?.diagnostics.map(\.code) == ["not-enough-space"])
            #expect(error?.diagnostics.first?.message.contains("needs 36.4 PB") == true)
            #expect(bench.isClean)
        }
    }
}
