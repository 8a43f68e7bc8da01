@testable import SutureExecution
import SutureDiagnostics
import Testing

@Suite("The memory budget")
struct MemoryBudgetTests {
    @Test(
        "is never promised away",
        arguments: [40, 64, 100, 256, 1024, 8192].map { $0 << 20 },
        [0, 1 << 20, 12 << 20]
    )
    func neverMore(memory: Int, workspace: Int) throws {
        let needs = MemoryBudget.Needs(fixed: 1 << 20, workspace: workspace, statistics: workspace / 4)
        let options = ExecutionOptions.with {
            $0.memory = memory
            $0.threads = 16
        }
        let result = Result { () throws(ExecutionError) in try MemoryBudget(options, needs: needs) }

        switch result {
        case .success(let budget):
            let perThread = budget.windowByteCount + needs.workspace
            #expect(budget.threads * perThread + budget.statisticsByteCount + needs.fixed < memory)
            #expect((1...16).contains(budget.threads))
            #expect(budget.windowByteCount.nonzeroBitCount == 1)
        case .failure(let error):
            #expect(memory < 60 << 20 && workspace > 1 << 20)
            #expect(error.diagnostics.map(\.code) == ["memory-too-small"])
        }
    }

    @Test("takes smaller windows before fewer threads, and grows with what it is given")
    func shrinkWindowsFirst() throws {
        func budget(_ megabytes: Int) throws -> MemoryBudget {
            let options = ExecutionOptions.with {
                $0.memory = megabytes << 20
                $0.threads = 8
            }
            return try MemoryBudget(options, needs: MemoryBudget.Needs())
        }
        #expect(try budget(128).threads == 8)
        #expect(try budget(128).windowByteCount == 4 << 20)
        #expect(try budget(66).threads == 8)
        #expect(try budget(66).windowByteCount == 1 << 20)
        #expect(try budget(40).threads == 3)
        #expect(try budget(40).windowByteCount == 1 << 20)
    }

    @Test("is by default at least 128 MB and no more than an eighth of the machine")
    func usual() throws {
        let usual = try MemoryBudget(ExecutionOptions(), needs: MemoryBudget.Needs()).byteCount
        let machine = try #require(ProcessMemory.limit)

        #expect(usual == max(128_000_000, machine / 8))
        #expect(try #require(ProcessMemory.peak) < machine)
    }
}
