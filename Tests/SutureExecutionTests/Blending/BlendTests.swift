import SutureCheckpoints
import SutureDiagnostics
import SutureExecution
import SutureJSON
import SuturePlanning
import SutureTensors
import SutureTestSupport
import SystemPackage
import Testing

@Suite("Computed tensors")
struct BlendTests {
    /// Two models of one shape with other numbers, and a plan that computes from both.
    private func with(
        _ shapes: [Shape],
        dtype: DType = .float32,
        _ body: (FilePath, TestPlan, [String: [Float]]) throws -> Void
    ) throws {
        try TemporaryDirectory.with { folder in
            let tensors = shapes.enumerated().map { (name: "t\($0)", dtype: dtype, shape: $1) }
            let models = try (0..<3).map { seed in
                try TinyCheckpoint(config: [:], tensors: tensors, shards: 1 + seed % 2, seed: seed)
                    .open(in: folder.appending("m\(seed)"))
            }
            var numbers: [String: [Float]] = [:]
            for seed in models.indices {
                let bytes = try Workbench.tensors(of: folder.appending("m\(seed)"))
                for (name, bytes) in bytes where dtype == .float32 { numbers["\(seed).\(name)"] = floats(bytes) }
            }
            try body(folder.appending("out"), TestPlan(models[0], models[1], models[2]), numbers)
        }
    }

    private func floats(_ bytes: [UInt8]) -> [Float] {
        bytes.withUnsafeBytes { buffer in
            (0..<bytes.count / 4).map {
                Float(bitPattern: buffer.loadUnaligned(fromByteOffset: 4 * $0, as: UInt32.self))
            }
        }
    }

    private func built(_ folder: FilePath, _ name: String) throws -> [Float] {
        floats(try #require(try Workbench.tensors(of: folder)[name]))
    }

    @Test("are scaled, filled and converted as asked", arguments: [4096, 1 << 20])
    func simple(window: Int) throws {
        try with([[37, 211], [5]]) { output, plan, numbers in
            var plan = plan
            try plan.add("odd", .uint8, [3], .stored(reference(plan, "t1", .uint8, [3])))
            try plan.add("scaled", .float32, [37, 211], .scaled(plan.stored("t0"), by: 0.5))
            try plan.add("filled", .float32, [41], .filled(-2))
            try plan.add("half", .bfloat16, [37, 211], plan.stored("t0"))
            try plan.add("twice", .float32, [37, 211], .rounded(plan.stored("t0"), to: .bfloat16))
            let options = ExecutionOptions.with { $0.windowByteCount = window }

            try Execution.run(plan.build(), into: output, options: options)

            let source = try #require(numbers["0.t0"])
            #expect(try built(output, "scaled") == source.map { $0 * 0.5 })
            #expect(try built(output, "filled") == Array(repeating: -2, count: 41))
            let twice = try built(output, "twice")
            #expect(zip(twice, source).allSatisfy { abs($0 - $1) <= abs($1) / 256 && $0.bitPattern & 0xFFFF == 0 })
            let half = try #require(try Workbench.tensors(of: output)["half"])
            #expect(half == twice.flatMap { [UInt8($0.bitPattern >> 16 & 0xFF), UInt8($0.bitPattern >> 24)] })
        }
    }

    private func reference(
        _ plan: TestPlan,
        _ name: String,
        _ dtype: DType,
        _ shape: Shape
    ) throws -> StoredTensorReference {
        let tensor = try #require(plan.sources[0][name])
        return StoredTensorReference(
            source: 0,
            file: tensor.file,
            offset: tensor.offset,
            spec: try TensorSpec(name, dtype, shape)
        )
    }

    @Test("are merged: a weighted mean is one")
    func linear() throws {
        try with([[64, 33]]) { output, plan, numbers in
            var plan = plan
            let blend = BlendExpression(
                method: "linear",
                inputs: [try plan.stored("t0"), .scaled(try plan.stored("t0", of: 1), by: 2)],
                parameters: ["normalize": 0],
                inputParameters: [["weight": 0.25], ["weight": 0.5]],
                node: "out"
            )
            try plan.add("mixed", .float32, [64, 33], .blended(blend))

            try Execution.run(plan.build(), into: output)

            let (a, b) = try (#require(numbers["0.t0"]), #require(numbers["1.t0"]))
            let mixed = try built(output, "mixed")
            #expect(zip(mixed, zip(a, b)).allSatisfy { abs($0 - (0.25 * $1.0 + $1.1)) < 1e-6 })
        }
    }

    @Test("are the same bytes at any number of threads, in any windows and in any memory", .tags(.slow), .unlessQuick)
    func sameBytes() throws {
        try with([[300, 257], [9, 11], [700, 128]], dtype: .bfloat16) { output, plan, _ in
            var plan = plan
            plan.shardSize = 200_000
            try plan.add("odd", .uint8, [3], .stored(reference(plan, "t1", .uint8, [3])))
            for (index, shape) in ([[300, 257], [9, 11], [700, 128]] as [Shape]).enumerated() {
                let name = "t\(index)"
                let slerp = BlendExpression(
                    method: "slerp",
                    inputs: [try plan.stored(name), try plan.stored(name, of: 1)],
                    parameters: ["t": 0.3],
                    node: "ab"
                )
                let nested = BlendExpression(
                    method: "slerp",
                    inputs: [.blended(slerp), try plan.stored(name, of: 2)],
                    parameters: ["t": 0.6],
                    node: "out"
                )
                try plan.add("single.\(index)", .bfloat16, shape, .blended(slerp))
                try plan.move(name, of: 2, as: "moved.\(index)")
                try plan.add("nested.\(index)", .float32, shape, .blended(nested))
            }
            let built = try plan.build()
            try Execution.run(built, into: output.removingLastComponent().appending("first"))
            let first = try Workbench.contents(of: output.removingLastComponent().appending("first"))

            for (threads, window, memory) in [(1, 4096, 128), (2, 8192, 40), (8, 1 << 20, 64), (3, 65_536, 4096)] {
                let options = ExecutionOptions.with {
                    $0.threads = threads
                    $0.windowByteCount = window
                    $0.memory = memory << 20
                    $0.replacesExisting = true
                }
                try Execution.run(built, into: output, options: options)
                #expect(try Workbench.contents(of: output) == first, "\(threads) threads, windows of \(window)")
            }
        }
    }

    @Test("are not made of numbers that are none, and the very element is named", arguments: [0, 4099, 7806])
    func refuseNonfinite(element: Int) throws {
        try with([[37, 211]]) { output, plan, _ in
            let tensor = try #require(plan.sources[1]["t0"])
            let path = plan.sources[1].files[tensor.file].path
            var bytes = try FileSystem.read(path)
            bytes.replaceSubrange(
                (tensor.offset + 4 * element)..<(tensor.offset + 4 * element + 4),
                with: [0, 0, 0xC0, 0x7F]
            )
            try FileSystem.write(bytes, to: path)
            var changed = TestPlan(
                plan.sources[0],
                try Checkpoint.open(CheckpointReference(parsing: plan.sources[1].folder.string), environment: [:])
            )
            let blend = BlendExpression(
                method: "slerp",
                inputs: [try changed.stored("t0"), try changed.stored("t0", of: 1)],
                parameters: ["t": 0.5],
                node: "out"
            )
            try changed.add("mixed", .float32, [37, 211], .blended(blend))

            let error = #expect(throws: ExecutionError.self) { try Execution.run(changed.build(), into: output) }

            #expect(error?.exitCode == 1)
            #expect(error?.diagnostics.map(\.place) == [.file(path.string, tensor: "t0")])
            #expect(error?.diagnostics.first?.message.hasPrefix("element \(element) ") == true)

            changed.settings.allowsNonFinite = true
            try Execution.run(changed.build(), into: output)
            #expect(try Workbench.tensors(of: output)["mixed"]?.count == 37 * 211 * 4)
        }
    }

    @Test("with several flaws are told by the one that comes first, whatever the threads do", arguments: [1, 2, 3, 8])
    func firstFlaw(threads: Int) throws {
        // The last two tensors lie in the same window as others that are whole.
        try with([[64, 512], [700, 900], [700, 901], [3], [5]]) { output, plan, _ in
            let path = plan.sources[1].files[0].path
            for (name, element) in [("t1", 600_000), ("t1", 599_000), ("t2", 7), ("t4", 1)] {
                let tensor = try #require(plan.sources[1][name])
                let path = plan.sources[1].files[tensor.file].path
                var bytes = try FileSystem.read(path)
                let start = tensor.offset + 4 * element
                bytes.replaceSubrange(start..<start + 4, with: [0, 0, 0xC0, 0x7F])
                try FileSystem.write(bytes, to: path)
            }
            var flawed = TestPlan(
                plan.sources[0],
                try Checkpoint.open(CheckpointReference(parsing: plan.sources[1].folder.string), environment: [:])
            )
            for (index, shape) in ([[64, 512], [700, 900], [700, 901], [3], [5]] as [Shape]).enumerated() {
                let blend = BlendExpression(
                    method: index == 2 ? "linear" : "slerp",
                    inputs: [try flawed.stored("t\(index)"), try flawed.stored("t\(index)", of: 1)],
                    parameters: index == 2 ? [:] : ["t": 0.5],
                    inputParameters: index == 2 ? [["weight": 1], ["weight": 1]] : [],
                    node: "out"
                )
                try flawed.add("mixed.\(index)", .float32, shape, .blended(blend))
            }
            let options = ExecutionOptions.with {
                $0.threads = threads
                $0.windowByteCount = 1 << 20
            }
            for _ in 0..<5 {
                let error = #expect(throws: ExecutionError.self) {
                    try Execution.run(flawed.build(), into: output, options: options)
                }

                #expect(error?.diagnostics.map(\.place) == [.file(path.string, tensor: "t1")])
                #expect(error?.diagnostics.first?.message.hasPrefix("element 599000 ") == true)
            }
        }
    }

    @Test("that cannot be computed are refused before anything is written, all of them")
    func refuseUncomputable() throws {
        try with([[4, 4], [5]]) { output, plan, _ in
            var plan = plan
            let unknown = BlendExpression(method: "no-such-method", inputs: [try plan.stored("t0")], node: "out")
            try plan.add("a", .float32, [4, 4], .blended(unknown))
            try plan.add("b", .int32, [4, 4], plan.stored("t0"))
            try plan.add("c", .bfloat16, [2], plan.stored("t1"))
            try plan.add("d", .bfloat16, [4, 4], .scaled(plan.stored("t0"), by: 2))

            let error = #expect(throws: ExecutionError.self) { try Execution.run(plan.build(), into: output) }

            #expect(error?.exitCode == 1)
            #expect(error?.diagnostics.map(\.code) == Array(repeating: "not-computable", count: 3))
            #expect(try FileSystem.kind(of: output) == nil)
        }
    }

    @Test("that are not begun for lack of memory say how much is needed")
    func refuseLittleMemory() throws {
        try with([[300, 257]]) { output, plan, _ in
            var plan = plan
            try plan.add("a", .bfloat16, [300, 257], plan.stored("t0"))
            let options = ExecutionOptions.with { $0.memory = 10_000_000 }

            let error = #expect(throws: ExecutionError.self) {
                try Execution.run(plan.build(), into: output, options: options)
            }

            #expect(error?.diagnostics.map(\.code) == ["memory-too-small"])
            #expect(error?.diagnostics.first?.message.hasSuffix("may take 10.0 MB") == true)
        }
    }
}
