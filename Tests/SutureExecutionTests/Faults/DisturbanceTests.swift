import SutureCheckpoints
import SutureDiagnostics
import SutureExecution
import SutureJSON
import SuturePlanning
import SutureTestSupport
import SystemPackage
import Testing

@Suite("A disturbed build", .tags(.slow), .unlessQuick)
struct DisturbanceTests {
    @Test("either makes the very same folder or none", arguments: Disturbance.allCases, [0, 1, 5, 17, 40])
    func allOrNothing(disturbance: Disturbance, healthy: Int) throws {
        try Workbench.with { bench in
            let plan = try bench.stack(shardSize: 40_000)
            let options = ExecutionOptions.with {
                $0.threads = 2
                $0.windowByteCount = 16 << 10
                $0.calls = disturbance.calls(healthy: healthy)
            }

            switch attempt(plan, bench, options) {
            case .success:
                let calm = bench.folder.appending("calm")
                try Execution.run(plan, into: calm)
                #expect(try Workbench.contents(of: bench.output) == Workbench.contents(of: calm))
            case .failure(let error):
                #expect(!disturbance.isHarmless)
                #expect(error.exitCode == 2)
                #expect(error.diagnostics.count == 1)
                #expect(bench.isClean)
            }
        }
    }

    private func attempt(
        _ plan: Plan,
        _ bench: Workbench,
        _ options: ExecutionOptions
    ) -> Result<Receipt, ExecutionError> {
        Result { () throws(ExecutionError) in try Execution.run(plan, into: bench.output, options: options) }
    }

    @Test("is resumed from its journal and ends in the same bytes", arguments: Disturbance.allCases, [1, 4])
    func resume(disturbance: Disturbance, threads: Int) throws {
        try Workbench.with { bench in
            let plan = try bench.stack(shardSize: 40_000)
            let calm = bench.folder.appending("calm")
            try Execution.run(plan, into: calm)

            var attempts = 0
            for healthy in [10, 14, 19, 27, 38, 1_000_000] {
                let options = ExecutionOptions.with {
                    $0.threads = threads
                    // Windows may be cut anew for each attempt.
                    $0.windowByteCount = 4096 << (attempts % 3)
                    $0.journalStride = 15_000
                    $0.resumes = true
                    $0.calls = disturbance.calls(healthy: healthy)
                }
                attempts += 1
                guard case .success(let receipt) = attempt(plan, bench, options) else {
                    #expect(!bench.hasOutput)
                    continue
                }
                // With more threads, writes that go well may run out before the journal tells of any.
                #expect(receipt.resumedBytes > 0 || attempts == 1 || threads > 1)
                break
            }

            #expect(disturbance.isHarmless == (attempts == 1))
            #expect(try Workbench.contents(of: bench.output) == Workbench.contents(of: calm))
            #expect(try FileSystem.list(bench.folder) == ["calm", "model", "out"])
        }
    }

    @Test("of another plan is not resumed")
    func refuseOtherPlan() throws {
        try Workbench.with { bench in
            let options = ExecutionOptions.with {
                $0.resumes = true
                $0.calls = Disturbance.brokenDisk.calls(healthy: 3)
            }
            #expect(throws: ExecutionError.self) {
                try Execution.run(bench.stack(), into: bench.output, options: options)
            }

            let error = #expect(throws: ExecutionError.self) {
                let options = ExecutionOptions.with { $0.resumes = true }
                return try Execution.run(bench.stack([0, 1, 1]), into: bench.output, options: options)
            }

            #expect(error?.exitCode == 1)
            #expect(error?.diagnostics.map(\.code) == ["partial-of-another-plan"])
            #expect(!bench.hasOutput)
        }
    }

    @Test(
        "whose journal was tampered with is not resumed",
        arguments: ["parts.json", "part-1.journal"],
        ["", "suture journal 1\n", "9", "{}", "[]"]
    )
    func refuseTamperedJournal(name: String, text: String) throws {
        try Workbench.with { bench in
            var options = ExecutionOptions.with {
                $0.resumes = true
                $0.calls = Disturbance.brokenDisk.calls(healthy: 3)
            }
            #expect(throws: ExecutionError.self) {
                try Execution.run(bench.stack(), into: bench.output, options: options)
            }
            let work = bench.folder.appending("out.partial").appending(".suture")
            try FileSystem.write(text, to: work.appending(name))
            options.calls = .system

            let error = #expect(throws: ExecutionError.self) {
                try Execution.run(bench.stack(), into: bench.output, options: options)
            }

            #expect(error?.diagnostics.map(\.code) == ["partial-of-another-plan"])
        }
    }
}
