import SutureCheckpoints
import SutureDiagnostics
@testable import SutureExecution
import SutureJSON
import SuturePlanning
import SutureTestSupport
import SystemPackage
import Testing

@Suite("Parts are refused")
struct PartRefusalTests {
    @Test("of another plan")
    func otherPlan() throws {
        try Workbench.with { bench in
            try Execution.run(#require(Part(1, of: 2)), of: bench.stack(), into: bench.output)

            for attempt in [
                try refusal {
                    try Execution.run(#require(Part(2, of: 2)), of: bench.stack([1, 2]), into: bench.output)
                },
                try refusal { try Execution.finish(bench.stack([1, 2]), into: bench.output) },
            ] {
                #expect(attempt.exitCode == 1)
                #expect(attempt.diagnostics.map(\.code) == ["partial-of-another-plan"])
            }
        }
    }

    @Test("of a plan whose small files differ")
    func otherDocuments() throws {
        try Workbench.with { bench in
            var plan = try bench.stack()
            try Execution.run(#require(Part(1, of: 2)), of: plan, into: bench.output)
            plan.documents[0].text = "{\"hidden_size\": 7}\n"

            let error = try refusal { try Execution.finish(plan, into: bench.output) }

            #expect(error.diagnostics.map(\.code) == ["partial-of-another-plan"])
        }
    }

    @Test("of another number of parts")
    func otherCount() throws {
        try Workbench.with { bench in
            let plan = try bench.stack()
            try Execution.run(#require(Part(1, of: 2)), of: plan, into: bench.output)

            let error = try refusal { try Execution.run(#require(Part(1, of: 3)), of: plan, into: bench.output) }

            #expect(error.exitCode == 1)
            #expect(error.diagnostics.map(\.code) == ["other-part-count"])
            #expect(error.diagnostics[0].message.contains("2 parts"))
        }
    }

    @Test("as a whole while some are missing, and these are named")
    func missing() throws {
        try Workbench.with { bench in
            let plan = try bench.stack()
            #expect(
                try refusal { try Execution.finish(plan, into: bench.output) }.diagnostics.map(\.code) == [
                    "nothing-to-finish"
                ]
            )
            for number in [1, 3, 5] { try Execution.run(#require(Part(number, of: 5)), of: plan, into: bench.output) }

            let error = try refusal { try Execution.finish(plan, into: bench.output) }

            #expect(error.exitCode == 3)
            #expect(error.diagnostics.map(\.code) == ["parts-missing"])
            #expect(error.diagnostics[0].message == "2 of 5 parts are not done: 2, 4")
        }
    }

    @Test("whose receipt came from elsewhere")
    func foreignReceipt() throws {
        try Workbench.with { bench in
            let plan = try bench.stack()
            for part in Part.all(of: 2) {
                try Execution.run(part, of: plan, into: bench.output)
                try Execution.run(part, of: bench.stack([0, 1]), into: bench.folder.appending("other"))
            }
            let receipts = ["out", "other"].map { name in
                bench.folder.appending("\(name).partial").appending(".suture").appending("part-2.json")
            }
            try FileSystem.write(FileSystem.read(receipts[1]), to: receipts[0])

            let error = try refusal { try Execution.finish(plan, into: bench.output) }

            #expect(error.exitCode == 1)
            #expect(error.diagnostics.map(\.code) == ["receipt-of-another-plan"])
            #expect(error.diagnostics[0].message.contains("part 2/2"))
        }
    }

    @Test("to a build that would throw them away")
    func build() throws {
        try Workbench.with { bench in
            let plan = try bench.stack()
            try Execution.run(#require(Part(1, of: 2)), of: plan, into: bench.output)

            let anew = try refusal { try Execution.run(plan, into: bench.output) }
            let resumed = try refusal {
                try Execution.run(plan, into: bench.output, options: .with { $0.resumes = true })
            }

            #expect(anew.diagnostics.map(\.code) == ["output-in-parts"])
            #expect(resumed.diagnostics.map(\.code) == ["other-part-count"])
            try Execution.run(#require(Part(2, of: 2)), of: plan, into: bench.output)
            try Execution.finish(plan, into: bench.output)
        }
    }

    @Test("where a source changed since the plan, and only those that read it")
    func changedSource() throws {
        try Workbench.with(.llama(layers: 6, hidden: 32, mlp: 48, vocabulary: 150)) { bench in
            let plan = try bench.stack()
            try Execution.run(#require(Part(1, of: 2)), of: plan, into: bench.output)
            try touch(bench.model.files[0].path)

            let error = try refusal { try Execution.run(#require(Part(2, of: 2)), of: plan, into: bench.output) }

            #expect(error.exitCode == 1)
            #expect(error.diagnostics.map(\.code) == ["source-changed"])
        }
    }

    private func refusal(_ body: () throws -> Receipt) throws -> ExecutionError {
        do {
            _ = try body()
            Issue.record("nothing was refused")
            throw ExecutionError(.model, [])
        } catch let error as ExecutionError {
            return error
        }
    }
}
