import SutureCheckpoints
import SutureDiagnostics
@testable import SutureExecution
import SuturePlanning
import SutureTensors
import SutureTestSupport
import Synchronization
import SystemPackage
import Testing

/// A plan that is run in parts, on one machine or many: the same code writes it all at once.
@Suite("Parts of a plan")
struct PartTests {
    /// A plan of tensors that are moved and of others that are computed, in several files.
    private func plan(_ bench: Workbench, shardSize: Int = 40_000) throws -> Plan {
        var test = try TestPlan.stack(bench.model, layers: [0, 1, 2, 3, 2, 3, 4, 5], shardSize: shardSize)
        for index in test.tensors.indices where test.tensors[index].spec.name.contains("proj") {
            let inner = test.tensors[index].expression
            if index % 3 == 0 { test.tensors[index].expression = .scaled(inner, by: 0.5) }
            if index % 3 == 1 {
                let blend = BlendExpression(
                    method: "slerp",
                    inputs: [inner, .scaled(inner, by: -2)],
                    parameters: ["t": 0.25],
                    node: "out"
                )
                test.tensors[index].expression = .blended(blend)
            }
        }
        return try test.build()
    }

    /// In which order parts are run.
    enum Order: CaseIterable {
        case forwards, backwards, sideBySide
    }

    @Test("make the bytes of one build, in any number and order", arguments: [1, 2, 3, 7, 200], Order.allCases)
    func sameBytes(count: Int, order: Order) throws {
        try Workbench.with { bench in
            let plan = try plan(bench)
            let output = bench.output
            let whole = try Execution.run(plan, into: bench.folder.appending("whole"))
            let options = ExecutionOptions.with { $0.windowByteCount = 4096 }

            switch order {
            case .forwards:
                for part in Part.all(of: count) { try Execution.run(part, of: plan, into: output, options: options) }
            case .backwards:
                for part in Part.all(of: count).reversed() {
                    try Execution.run(part, of: plan, into: output, options: options)
                }
            case .sideBySide:
                try Crew(width: 4).forEach(0..<count, state: {}) { index, _ throws(ExecutionError) in
                    try Execution.run(Part.all(of: count)[index], of: plan, into: output, options: options)
                }
            }
            #expect(!bench.hasOutput)
            let receipt = try Execution.finish(plan, into: output)

            #expect(try Workbench.contents(of: output) == Workbench.contents(of: whole.folder))
            #expect(receipt.logicalBytes == whole.logicalBytes)
            #expect(try FileSystem.list(bench.folder) == ["model", "out", "whole"])
        }
    }

    @Test("share the work, and their bytes are all the bytes there are", arguments: [1, 2, 3, 7, 50, 200])
    func cut(count: Int) throws {
        try Workbench.with { bench in
            let plan = try plan(bench)
            let cut = try PartCut(plan, count: count)

            var ends = plan.shards.map { _ in 0 }
            var tensor = 0
            for part in Part.all(of: count) {
                for stretch in cut.stretches(of: part, in: plan) {
                    #expect(stretch.range.lowerBound == ends[stretch.shard])
                    ends[stretch.shard] = stretch.range.upperBound
                }
                #expect(cut.tensors[part.number - 1].lowerBound == tensor)
                tensor = cut.tensors[part.number - 1].upperBound
            }
            #expect(ends == plan.shards.map(\.byteCount))
            #expect(tensor == plan.tensors.count)

            let work = try plan.tensors.map { try $0.work(in: plan) }
            let share = work.reduce(0, +) / count
            let largest = work.max() ?? 0
            #expect(cut.tensors.allSatisfy { work[$0].reduce(0, +) <= share + share / 10 + largest })
        }
    }

    @Test("are cut at the start of a file where that is even enough")
    func cutAtFiles() throws {
        try Workbench.with { bench in
            let plan = try bench.stack([0, 1, 2, 3, 4, 5], shardSize: 20_000)
            let cut = try PartCut(plan, count: 2)
            #expect(plan.shards.map(\.tensors.lowerBound).contains(cut.tensors[1].lowerBound))
        }
    }

    @Test("that are done are left as they are")
    func runAgain() throws {
        try Workbench.with { bench in
            let plan = try plan(bench)
            let part = try #require(Part(2, of: 3))
            let first = try Execution.run(part, of: plan, into: bench.output)
            let log = EventLog()

            let second = try Execution.run(part, of: plan, into: bench.output, onEvent: log.note)

            #expect(!first.wasDone)
            #expect(second.wasDone)
            #expect(log.movedBytes == 0)
            #expect(second.logicalBytes == first.logicalBytes)
        }
    }

    @Test("are not put together where a file was taken away that several wrote to", arguments: [0, 1, 2])
    func lostFile(done: Int) throws {
        try Workbench.with { bench in
            let plan = try bench.stack()
            let output = bench.output
            for part in Part.all(of: 3).prefix(done + 1) { try Execution.run(part, of: plan, into: output) }
            try FileSystem.remove(bench.folder.appending("out.partial").appending(plan.shards[0].name))

            let error = #expect(throws: ExecutionError.self) {
                for part in Part.all(of: 3).reversed() { try Execution.run(part, of: plan, into: output) }
                try Execution.finish(plan, into: output)
            }

            #expect(error?.exitCode == 1)
            #expect(error?.diagnostics.map(\.code) == ["written-file-lost"])
            #expect(!bench.hasOutput)
        }
    }

    @Test("that were stopped are gone on with from their own journals", arguments: [1, 4])
    func resume(threads: Int) throws {
        try Workbench.with { bench in
            let plan = try plan(bench, shardSize: .max)
            let part = try #require(Part(2, of: 2))
            var options = ExecutionOptions.with {
                $0.threads = threads
                $0.windowByteCount = 4096
            }
            let asked = Atomic(0)
            let error = #expect(throws: ExecutionError.self) {
                try Execution.run(part, of: plan, into: bench.output, options: options) {
                    asked.wrappingAdd(1, ordering: .relaxed).newValue > 12
                }
            }
            #expect(error?.exitCode == 3)

            options.windowByteCount = 8192
            let receipt = try Execution.run(part, of: plan, into: bench.output, options: options)

            #expect(receipt.resumedBytes > 0)
            #expect(receipt.resumedBytes < receipt.logicalBytes)
            try Execution.run(#require(Part(1, of: 2)), of: plan, into: bench.output)
            try Execution.finish(plan, into: bench.output)
            let whole = try Execution.run(plan, into: bench.folder.appending("whole"))
            #expect(try Workbench.contents(of: bench.output) == Workbench.contents(of: whole.folder))
        }
    }

    @Test("have nothing to do when the model is there under its name, and neither has finishing")
    func afterwards() throws {
        try Workbench.with { bench in
            let plan = try plan(bench)
            for part in Part.all(of: 2) { try Execution.run(part, of: plan, into: bench.output) }
            try Execution.finish(plan, into: bench.output)

            #expect(try Execution.finish(plan, into: bench.output).wasDone)
            #expect(try Execution.run(#require(Part(1, of: 2)), of: plan, into: bench.output).wasDone)
            #expect(try FileSystem.list(bench.folder) == ["model", "out"])
            var other = plan
            other.documents[0].text = "{\"hidden_size\": 7}\n"
            #expect(try !Execution.run(#require(Part(1, of: 2)), of: other, into: bench.output).wasDone)
        }
    }

    @Test("show how far they are")
    func status() throws {
        try Workbench.with { bench in
            let plan = try plan(bench)
            let output = bench.output
            let nothing = #expect(throws: ExecutionError.self) { try Execution.status(of: output) }
            #expect(nothing?.diagnostics.map(\.code) == ["nothing-built"])
            try Execution.run(#require(Part(2, of: 4)), of: plan, into: output)
            let seen = Mutex<[BuildStatus.State]>([])
            _ = try? Execution.run(#require(Part(3, of: 4)), of: plan, into: output) {
                true
            } onEvent: { event in
                guard case .started = event, let status = try? Execution.status(of: output) else { return }
                seen.withLock { $0 = status.parts.map(\.state) }
            }

            let status = try Execution.status(of: bench.folder.appending("out.partial"))

            #expect(seen.withLock { $0 } == [.missing, .done(by: Host.process), .running(by: Host.process), .missing])
            #expect(status.parts.map(\.state) == [.missing, .done(by: Host.process), .stopped, .missing])
            #expect(status.folder.lastComponent == "out")
            #expect(!status.isPublished)
            #expect(status.parts.reduce(0) { $0 + $1.byteCount } == plan.outputByteCount)
            #expect(status.parts[1].doneByteCount == status.parts[1].byteCount)
            for part in Part.all(of: 4) { try Execution.run(part, of: plan, into: output) }
            try Execution.finish(plan, into: output)
            #expect(try Execution.status(of: output).isPublished)
            #expect(try Execution.status(of: output).parts.isEmpty)
        }
    }

    @Test("are written by one run each, and others run beside it")
    func lock() throws {
        try Workbench.with { bench in
            let plan = try plan(bench)
            let output = bench.output
            let second = Mutex<ExecutionError?>(nil)
            let beside = Mutex<Receipt?>(nil)
            let build = Mutex<ExecutionError?>(nil)

            try Execution.run(#require(Part(1, of: 2)), of: plan, into: output) {
                false
            } onEvent: { event in
                guard case .started = event, let own = Part(1, of: 2), let other = Part(2, of: 2) else { return }
                do throws(ExecutionError) { try Execution.run(own, of: plan, into: output) } catch {
                    second.withLock { $0 = error }
                }
                beside.withLock { $0 = try? Execution.run(other, of: plan, into: output) }
                do throws(ExecutionError) { try Execution.run(plan, into: output) } catch {
                    build.withLock { $0 = error }
                }
            }

            let error = try #require(second.withLock { $0 })
            #expect(error.exitCode == 3)
            #expect(error.diagnostics.map(\.code) == ["part-held"])
            #expect(error.diagnostics[0].message.contains("process "))
            #expect(beside.withLock { $0 } != nil)
            #expect(build.withLock { $0?.diagnostics.map(\.code) } == ["output-held"])
            try Execution.finish(plan, into: output)
            #expect(try FileSystem.list(bench.folder) == ["model", "out"])
        }
    }
}
