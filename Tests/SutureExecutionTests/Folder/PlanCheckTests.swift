import SutureCheckpoints
import SutureDiagnostics
import SutureExecution
import SutureJSON
@testable import SuturePlanning
import SutureTensors
import SutureTestSupport
import SystemPackage
import Testing

@Suite("A plan that contradicts itself")
struct PlanCheckTests {
    struct Fault: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let words: String
        let change: @Sendable (inout Plan) -> Void

        init(_ description: String, says words: String, _ change: @escaping @Sendable (inout Plan) -> Void) {
            testDescription = description
            self.words = words
            self.change = change
        }
    }

    static let faults: [Fault] = [
        Fault("a tensor before its place", says: "lies at byte") { $0.tensors[3].offset -= 8 },
        Fault("a hole before a tensor", says: "lies at byte") { $0.tensors[3].offset += 8 },
        Fault("an offset near the end of all numbers", says: "lies at byte") { $0.tensors[0].offset = .max },
        Fault("a tensor in another shard", says: "lies at byte") { $0.tensors[0].shard = 1 },
        Fault("a tensor in no shard", says: "1 of its tensors lie in no shard") { $0.tensors.append($0.tensors[0]) },
        Fault("shards that overlap", says: "does not follow") { $0.shards[1].tensors = 0..<$0.tensors.count },
        Fault("a shard past the last tensor", says: "does not follow") {
            $0.shards[1].tensors = $0.shards[1].tensors.lowerBound..<$0.tensors.count + 1
        },
        Fault("data before any header", says: "does not follow") { $0.shards[0].dataStart = -1 },
        Fault("a header that does not fit", says: "its header ends at") { plan in
            plan.shards[0].dataStart -= 4000
            plan.shards[0].byteCount -= 4000
            for index in plan.shards[0].tensors { plan.tensors[index].offset -= 4000 }
        },
        Fault("a shard longer than its tensors", says: "its tensors end at") { $0.shards[0].byteCount += 1 },
        Fault("a file name that climbs", says: "leads out of the output") {
            $0.shards[0].name = "../model.safetensors"
        },
        Fault("a file name that is absolute", says: "leads out of the output") {
            $0.documents[0].name = "/etc/config.json"
        },
        Fault("a file name of nothing", says: "leads out of the output") { $0.documents[0].name = "" },
        Fault("a file name with dots", says: "leads out of the output") { $0.documents[0].name = "a/../../b" },
        Fault("a shard in a folder", says: "leads out of the output") { $0.shards[0].name = "deep/model.safetensors" },
        Fault("one name for two files", says: "two of its files are called 'config.json'") {
            $0.documents.append($0.documents[0])
        },
        Fault("a folder with a file's name", says: "two of its files are called 'config.json'") {
            $0.documents.append(Plan.Document(name: "config.json/deep", text: ""))
        },
        Fault("the work folder's name for a file", says: "two of its files are called") {
            $0.documents[0].name = ".suture"
        },
        Fault("a file in the work folder", says: "two of its files are called") {
            $0.documents[0].name = ".suture/part-1.json"
        },
        Fault("a source that is not listed", says: "a source that the plan does not list") { $0.sources = [] },
        Fault("a source tensor past its file's end", says: "ends after the") { $0.sources[0].files[0].byteCount = 100 },
        Fault("a source tensor before its file's start", says: "ends after the") { plan in
            plan.change(0) { $0.offset = -8 }
        },
        Fault("a source tensor near the end of all numbers", says: "ends after the") { plan in
            plan.change(0) { $0.offset = .max }
        },
        Fault("bytes that do not fill the tensor", says: "which is moved there") { plan in
            guard let spec = try? TensorSpec("small", .bfloat16, [1]) else { return }
            plan.change(0) { $0.spec = spec }
        },
    ]

    @Test("is refused before anything is written", arguments: faults)
    func refuse(fault: Fault) throws {
        try Workbench.with(.llama(layers: 2, hidden: 32)) { bench in
            var plan = try bench.stack([0, 1], shardSize: 10_000)
            #expect(plan.shards.count > 1)
            fault.change(&plan)

            let error = #expect(throws: ExecutionError.self) { try Execution.run(plan, into: bench.output) }

            #expect(error?.exitCode == 1)
            #expect(error?.diagnostics.contains { $0.message.contains(fault.words) } == true)
            #expect(error?.diagnostics.allSatisfy { $0.code == "broken-plan" } == true)
            #expect(bench.isClean)
        }
    }
}

extension Plan {
    /// Changes what one tensor is taken from.
    fileprivate mutating func change(_ tensor: Int, _ body: (inout StoredTensorReference) -> Void) {
        guard case .stored(var reference) = tensors[tensor].expression else { return }
        body(&reference)
        tensors[tensor].expression = .stored(reference)
    }
}
