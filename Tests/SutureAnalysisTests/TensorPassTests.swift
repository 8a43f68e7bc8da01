import SutureAnalysis
import SutureCheckpoints
import SutureDiagnostics
import SutureExecution
import SutureTensors
import SutureTestSupport
import SystemPackage
import Testing

/// The largest magnitude of a tensor: all that an analysis has to say.
private struct LargestNumber: Reduction {
    func begin(_ tensor: AlignedTensor) -> Float { 0 }

    func add(_ block: NumberBlock, to finding: inout Float) {
        for index in 0..<block.count { finding = max(finding, abs(block.rows[0][index])) }
    }

    func join(_ later: Float, to finding: inout Float) { finding = max(finding, later) }
}

@Suite("A pass over aligned tensors")
struct TensorPassTests {
    /// Two models of one shape, one of them in several files and rounded to float16.
    private func withTwins(_ body: ([Checkpoint], [AlignedTensor]) throws -> Void) throws {
        try TemporaryDirectory.with { folder in
            let shape = { (dtype: DType, shards: Int, seed: Int) in
                TinyCheckpoint.llama(
                    layers: 2,
                    hidden: 64,
                    mlp: 96,
                    vocabulary: 5000,
                    dtype: dtype,
                    shards: shards,
                    seed: seed
                )
            }
            let models = [
                try shape(.bfloat16, 1, 1).open(in: folder.appending("a")),
                try shape(.float16, 3, 2).open(in: folder.appending("b")),
            ]
            let tensors = try models[0].tensors.map { tensor in
                let other = try #require(models[1][tensor.spec.name])
                return try #require(
                    AlignedTensor(
                        tensor.spec.name,
                        [.init(checkpoint: 0, tensor: tensor), .init(checkpoint: 1, tensor: other)]
                    )
                )
            }
            try body(models, tensors)
        }
    }

    @Test(
        "learns the same to the last bit on any number of threads, and what plain loops learn",
        .tags(.slow),
        .unlessQuick
    )
    func relativeDifference() throws {
        try withTwins { models, tensors in
            let pass = TensorPass(tensors, of: models)
            let one = try pass.run(PairStatistics(), threads: 1)

            #expect(try pass.run(PairStatistics(), threads: 7) == one)
            for (tensor, finding) in zip(tensors, one) {
                let (a, b) = try (numbers(tensor, 0, models), numbers(tensor, 1, models))
                let squares = a.reduce(0) { $0 + Double($1) * Double($1) }
                let apart = zip(a, b).reduce(0) { $0 + (Double($1.1) - Double($1.0)) * (Double($1.1) - Double($1.0)) }
                let wanted = (apart / squares).squareRoot()
                #expect(abs(finding.relative - wanted) <= 1e-6 * wanted, "\(tensor.name)")
            }
        }
    }

    @Test("learns what a type that is known nowhere else asks of it")
    func added() throws {
        try withTwins { models, tensors in
            let largest = try TensorPass(tensors, of: models).run(LargestNumber(), threads: 3)
            for (tensor, finding) in zip(tensors, largest) {
                #expect(finding == (try numbers(tensor, 0, models).map { abs($0) }.max()), "\(tensor.name)")
            }
        }
    }

    @Test("reads every byte of what lies side by side once")
    func readsOnce() throws {
        try TemporaryDirectory.with { folder in
            let path = folder.appending("a")
            try TinyCheckpoint.llama(layers: 3, hidden: 32, mlp: 48, shards: 2).write(to: path)
            let remote = try FakeRemote(takingWeightsOf: path)
            let model = try Checkpoint.open(remote, as: CheckpointReference(folder: "remote"))
            let headers = remote.bytesRead
            let tensors = model.tensors.compactMap {
                AlignedTensor(
                    $0.spec.name,
                    [.init(checkpoint: 0, tensor: $0), .init(checkpoint: 0, tensor: $0)]
                )
            }
            let pass = TensorPass(tensors, of: [model], in: remote)

            _ = try pass.run(PairStatistics(), threads: 3)

            // Each tensor lies beside itself, and both are read.
            #expect(remote.bytesRead - headers == 2 * model.byteCount)
            #expect(pass.byteCount == 2 * model.byteCount)
        }
    }

    @Test("finds nothing between a model and itself")
    func same() throws {
        try withTwins { models, tensors in
            let own = tensors.compactMap { AlignedTensor($0.name, [$0.members[0], $0.members[0]]) }
            let findings = try TensorPass(own, of: models).run(PairStatistics(), threads: 2)
            #expect(findings.allSatisfy { $0.relative == 0 })
        }
    }

    @Test("ends when it is cancelled, and when a file is another by now")
    func ends() throws {
        try withTwins { models, tensors in
            let pass = TensorPass(tensors, of: models)
            #expect(throws: ExecutionError.self) {
                try pass.run(PairStatistics(), threads: 2, isCancelled: { true })
            }
            let file = models[1].files[0].path
            let bytes = try FileSystem.read(file)
            try FileSystem.write(bytes, to: file)
            let error = #expect(throws: ExecutionError.self) { try pass.run(PairStatistics(), threads: 2) }
            #expect(error?.diagnostics.map(\.code) == ["source-changed"])
        }
    }

    @Test("lays only tensors of one shape side by side")
    func shapes() throws {
        try withTwins { models, _ in
            let (a, b) = (models[0].tensors[0], models[1].tensors[1])
            #expect(AlignedTensor("x", [.init(checkpoint: 0, tensor: a), .init(checkpoint: 1, tensor: b)]) == nil)
            #expect(AlignedTensor("x", []) == nil)
        }
    }

    private func numbers(_ tensor: AlignedTensor, _ member: Int, _ models: [Checkpoint]) throws -> [Float] {
        let stored = tensor.members[member].tensor
        let bytes = try TensorReader(models[member]).bytes(of: stored)
        return stride(from: 0, to: bytes.count, by: 2).map { place in
            let bits = UInt16(bytes[place]) | UInt16(bytes[place + 1]) << 8
            return stored.spec.dtype == .bfloat16
                ? Float(bitPattern: UInt32(bits) << 16) : Float(Float16(bitPattern: bits))
        }
    }
}
