import SutureCheckpoints
import SutureExecution
import SutureJSON
import SuturePlanning
import SutureTensors
import SutureTestSupport
import SystemPackage
import Testing

@Suite("Untouched tensors")
struct PassthroughTests {
    @Test("arrive byte for byte", arguments: [1, 2, 8], [4096, 16 << 10, 4 << 20])
    func arrive(threads: Int, window: Int) throws {
        try Workbench.with { bench in
            let layers = [0, 1, 2, 3, 2, 3, 4, 5]
            let plan = try bench.stack(layers, shardSize: 50_000)
            let options = ExecutionOptions.with {
                $0.threads = threads
                $0.windowByteCount = window
            }

            let receipt = try Execution.run(plan, into: bench.output, options: options)

            #expect(plan.shards.count > 1)
            let built = try Workbench.tensors(of: receipt.folder)
            #expect(built.count == plan.tensors.count)
            for tensor in plan.tensors {
                let source = try #require(tensor.expression.leaves.first)
                #expect(built[tensor.spec.name] == bench.tiny.bytes(of: source.spec), "\(tensor.spec.name)")
            }
        }
    }

    @Test("of any dtype and any length arrive, wherever windows cut them", arguments: [4096, 8192])
    func arriveUnaligned(window: Int) throws {
        let tensors: [(name: String, dtype: DType, shape: Shape)] = DType.inSafetensors.map {
            ("odd.\($0.rawValue)", $0, [$0.bitWidth < 8 ? 4 : 1, 1237])
        }
        try Workbench.with(TinyCheckpoint(config: [:], tensors: tensors, shards: 3)) { bench in
            var test = TestPlan(bench.model)
            for name in tensors.map(\.name).reversed() { try test.move(name, as: name) }
            let options = ExecutionOptions.with { $0.windowByteCount = window }

            let receipt = try Execution.run(test.build(), into: bench.output, options: options)

            let built = try Workbench.tensors(of: receipt.folder)
            for tensor in bench.model.tensors {
                #expect(built[tensor.spec.name] == bench.tiny.bytes(of: tensor.spec), "\(tensor.spec.name)")
            }
        }
    }

    @Test("are the same whoever moves them", arguments: Mover.allCases)
    func sameByAnyMover(mover: Mover) throws {
        try Workbench.with { bench in
            let plan = try bench.stack()
            try Execution.run(plan, into: bench.folder.appending("usual"))
            let options = ExecutionOptions.with { $0.mover = mover }

            let receipt = try Execution.run(plan, into: bench.output, options: options)

            let usual = try Workbench.contents(of: bench.folder.appending("usual"))
            #expect(try Workbench.contents(of: receipt.folder) == usual)
            #expect(receipt.logicalBytes == usual.values.reduce(0) { $0 + $1.count })
            #expect(receipt.physicalBytes <= receipt.logicalBytes)
        }
    }

    @Test("come with documents and companions, and nothing else")
    func bringFiles() throws {
        var tiny = TinyCheckpoint.llama(layers: 2)
        tiny.companions = [("tokenizer.json", "{}"), ("code/deep/model.py", "pass\n")]
        try Workbench.with(tiny) { bench in
            var test = try TestPlan.stack(bench.model, layers: [0, 1, 1])
            test.addDocument("notes/README.md", "# made\n")
            for name in tiny.companions.map(\.name) {
                try test.addCompanion(name, bench.model.folder.appending(name))
            }

            try Execution.run(test.build(), into: bench.output)

            var files = try Workbench.contents(of: bench.output)
            #expect(files.removeValue(forKey: "model.safetensors") != nil)
            #expect(files.removeValue(forKey: "manifest.json") != nil)
            #expect(
                files.mapValues { String(decoding: $0, as: UTF8.self) } == [
                    "config.json": "{}\n", "notes/README.md": "# made\n", "tokenizer.json": "{}",
                    "code/deep/model.py": "pass\n",
                ]
            )
        }
    }

    @Test("tell of each byte once", arguments: [1, 4])
    func reportProgress(threads: Int) throws {
        try Workbench.with { bench in
            let plan = try bench.stack(shardSize: 30_000)
            let options = ExecutionOptions.with {
                $0.threads = threads
                $0.windowByteCount = 4096
            }
            let log = EventLog()

            try Execution.run(plan, into: bench.output, options: options, onEvent: log.note)

            let events = log.events
            let total = plan.shards.reduce(0) { $0 + $1.byteCount }
            #expect(events.first == .started(totalBytes: total, doneBytes: 0))
            #expect(events.last == .publishing)
            #expect(log.movedBytes == total)
            let finished = events.compactMap { event -> String? in
                guard case .shardFinished(let name) = event else { return nil }
                return name
            }
            #expect(finished.sorted() == plan.shards.map(\.name).sorted())
        }
    }
}
