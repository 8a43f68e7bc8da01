import SutureCheckpoints
import SutureDiagnostics
import SutureExecution
import SuturePlanning
import SutureTensors
import SutureTestSupport
import SystemPackage
import Testing

@Suite("Sources that lie elsewhere")
struct RemoteSourceTests {
    /// A model whose weights were taken off the disk once its plan's bytes had been built from it.
    private func withRemote(_ body: (Workbench, FakeRemote, Plan, [String: [UInt8]]) throws -> Void) throws {
        try Workbench.with(.llama(layers: 6, hidden: 32, mlp: 48, vocabulary: 150, shards: 3)) { bench in
            let local = try Execution.run(bench.stack([0, 1, 4, 5, 5]), into: bench.folder.appending("local"))
            let expected = try Workbench.tensors(of: local.folder)
            let remote = try FakeRemote(takingWeightsOf: bench.folder.appending("model"))
            let model = try Checkpoint.open(remote, as: CheckpointReference(folder: "remote"))
            let plan = try TestPlan.stack(model, layers: [0, 1, 4, 5, 5], shardSize: .max).build()
            try body(bench, remote, plan, expected)
        }
    }

    @Test("are planned from their headers, and give the bytes that a local copy gives")
    func sameBytes() throws {
        try withRemote { bench, remote, plan, expected in
            #expect(remote.bytesRead * 5 < remote.byteCount, "only headers are read")
            let headers = remote.bytesRead
            let options = ExecutionOptions.with { $0.store = remote }

            let receipt = try Execution.run(plan, into: bench.output, options: options)

            #expect(try Workbench.tensors(of: receipt.folder) == expected)
            let used = plan.tensors.reduce(0) { $0 + $1.spec.byteCount }
            #expect(remote.bytesRead - headers == used, "no byte is read that is not used")
        }
    }

    @Test("that are other bytes by now end the build before it begins")
    func changed() throws {
        try withRemote { bench, remote, plan, _ in
            remote.replace("model-00001-of-00003.safetensors", tag: "another")
            let options = ExecutionOptions.with { $0.store = remote }

            let error = #expect(throws: ExecutionError.self) {
                try Execution.run(plan, into: bench.output, options: options)
            }

            #expect(error?.diagnostics.map(\.code) == ["source-changed"])
            #expect(!bench.hasOutput)
        }
    }
}
