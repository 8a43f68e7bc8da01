import SutureCheckpoints
import SutureDiagnostics
import SutureExecution
import SutureJSON
import SutureKernels
import SuturePlanning
import SutureTensors
import SutureTestSupport
import SystemPackage
import Testing

@Suite("Gathered blocks")
struct GatheredTests {
    /// Blocks of three tensors in an order of no period, some of them twice.
    static let blocks: [(tensor: Int, number: Int)] = [
        (0, 0), (0, 1), (1, 4), (0, 3), (2, 0), (2, 1), (2, 2), (0, 0), (1, 0),
    ]

    /// A model whose tensors have 5 blocks of 3 along a dimension.
    private static func model(_ dtype: DType, dimension: Int) -> TinyCheckpoint {
        var shape = [17, 7, 5]
        shape[dimension] = 15
        let tensors = ["a", "b", "c"].map { (name: $0, dtype: dtype, shape: Shape(shape)) }
        return TinyCheckpoint(config: [:], tensors: tensors)
    }

    private static func gathered(
        _ bench: Workbench,
        dimension: Int,
        of blocks: [(tensor: Int, number: Int)] = blocks
    ) throws -> GatheredTensor {
        let plan = TestPlan(bench.model)
        let tensors = try ["a", "b", "c"].flatMap { try plan.stored($0).leaves }
        return GatheredTensor(
            inputs: tensors.map(TensorExpression.stored),
            dimension: dimension,
            blockLength: 3,
            blocks: blocks.map { GatheredTensor.Block(input: $0.tensor, number: $0.number) }
        )
    }

    /// What the bytes must be, element by element.
    private static func expected(_ bench: Workbench, _ gathered: GatheredTensor, _ shape: Shape) -> [UInt8] {
        let tensors = gathered.inputs.flatMap(\.leaves)
        let width = tensors[0].spec.dtype.bitWidth / 8
        let sources = tensors.map { bench.tiny.bytes(of: $0.spec) }
        let inner = shape.dimensions[(gathered.dimension + 1)...].reduce(1, *)
        let length = shape.dimensions[gathered.dimension]
        let outer = shape.dimensions[..<gathered.dimension].reduce(1, *)
        var bytes: [UInt8] = []
        for row in 0..<outer {
            for place in 0..<length {
                let block = blocks[place / 3]
                let own = tensors[block.tensor].spec.shape.dimensions[gathered.dimension]
                let first = ((row * own) + block.number * 3 + place % 3) * inner * width
                bytes += sources[block.tensor][first..<first + inner * width]
            }
        }
        return bytes
    }

    @Test(
        "arrive byte for byte, wherever windows cut them",
        arguments: [0, 1, 2],
        [DType.bfloat16, .float32, .uint8]
    )
    func arrive(dimension: Int, dtype: DType) throws {
        try Workbench.with(Self.model(dtype, dimension: dimension)) { bench in
            let gathered = try Self.gathered(bench, dimension: dimension)
            let shape = try #require(gathered.shape)
            var plan = TestPlan(bench.model)
            try plan.move("a", as: "a")
            try plan.add("g", dtype, shape, .gathered(gathered))
            let options = ExecutionOptions.with { $0.windowByteCount = 4096 }

            let receipt = try Execution.run(plan.build(), into: bench.output, options: options)

            #expect(try Workbench.tensors(of: receipt.folder)["g"] == Self.expected(bench, gathered, shape))
        }
    }

    @Test("can be computed with, as any stored tensor can")
    func compute() throws {
        try Workbench.with(Self.model(.bfloat16, dimension: 1)) { bench in
            let gathered = try Self.gathered(bench, dimension: 1)
            let shape = try #require(gathered.shape)
            var plan = TestPlan(bench.model)
            try plan.add("moved", .bfloat16, shape, .gathered(gathered))
            try plan.add("wide", .float32, shape, .gathered(gathered))
            try plan.add("twice", .bfloat16, shape, .scaled(.gathered(gathered), by: 2))

            let receipt = try Execution.run(plan.build(), into: bench.output)

            let built = try Workbench.tensors(of: receipt.folder)
            let moved = try #require(built["moved"])
            let wide = try #require(built["wide"])
            let twice = try #require(built["twice"])
            for element in 0..<moved.count / 2 {
                let small = UInt32(moved[2 * element]) | UInt32(moved[2 * element + 1]) << 8
                let bits = (0..<4).reduce(UInt32(0)) { $0 | UInt32(wide[4 * element + $1]) << UInt32(8 * $1) }
                #expect(bits == small << 16)
                let double = UInt32(twice[2 * element]) | UInt32(twice[2 * element + 1]) << 8
                #expect(Float(bitPattern: double << 16) == 2 * Float(bitPattern: small << 16))
            }
        }
    }

    @Test(
        "may be rows, with means, numbers and padding among them",
        arguments: [DType.float32, .bfloat16],
        [DType.float32, .bfloat16]
    )
    func rows(dtype: DType, other: DType) throws {
        let tensors: [(name: String, dtype: DType, shape: Shape)] = [("a", dtype, [19, 300]), ("b", other, [7, 300])]
        try Workbench.with(TinyCheckpoint(config: [:], tensors: tensors)) { bench in
            var plan = TestPlan(bench.model)
            let (a, b) = (try plan.stored("a"), try plan.stored("b"))
            let turned = TensorExpression.gathered(
                GatheredTensor(inputs: [b], runs: [.blocks(of: 0, 5..<7), .blocks(of: 0, 0..<5)])
            )
            let rows: [GatheredTensor.Run] = [
                .blocks(of: 1, 1..<3), .blocks(of: 0, 4..<17), .filled(0.5, count: 2), .blocks(of: 0, 0..<1),
            ]
            let mean = GatheredTensor.Run.mean([.init(input: 0, number: 3), .init(input: 1, number: 6)])
            let whole = GatheredTensor(inputs: [a, turned], runs: rows + [mean])
            let padded = GatheredTensor(inputs: [a, turned], runs: rows + [.padding(count: 2)])
            try plan.add("mean", .float32, [19, 300], .gathered(whole))
            try plan.add("padded", .float32, [20, 300], .gathered(padded))
            try plan.add(
                "bytes",
                dtype,
                [21, 300],
                .gathered(
                    GatheredTensor(
                        inputs: [a],
                        runs: [
                            .blocks(of: 0, 3..<18), .filled(0, count: 4), .blocks(of: 0, 0..<2),
                        ]
                    )
                )
            )
            let options = ExecutionOptions.with { $0.windowByteCount = 4096 }

            let receipt = try Execution.run(plan.build(), into: bench.output, options: options)

            let built = try Workbench.tensors(of: receipt.folder)
            let numbers = { (bytes: [UInt8], dtype: DType) -> [[Float]] in
                var values = [Float](repeating: 0, count: bytes.count / (dtype.bitWidth / 8))
                var span = values.mutableSpan
                widen(bytes.span.bytes, dtype, into: &span)
                return stride(from: 0, to: values.count, by: 300).map { Array(values[$0..<$0 + 300]) }
            }
            let first = numbers(bench.tiny.bytes(of: a.leaves[0].spec), dtype)
            let second = numbers(bench.tiny.bytes(of: b.leaves[0].spec), other)
            let copied =
                [second[6], second[0]] + first[4..<17] + Array(repeating: Array(repeating: 0.5, count: 300), count: 2)
                + [first[0]]
            let average = (0..<300).map { Float((Double(first[3][$0]) + Double(second[4][$0])) / 2) }
            #expect(numbers(try #require(built["mean"]), .float32) == copied + [average])
            let padded18 = numbers(try #require(built["padded"]), .float32)
            #expect(Array(padded18.prefix(18)) == copied && padded18[18] == padded18[19])
            for column in 0..<300 {
                let mean = copied.reduce(0.0) { $0 + Double($1[column]) } / 18
                #expect(abs(Double(padded18[18][column]) - mean) <= max(abs(mean), 0.1) * 0.01)
            }
            let zero = [Float](repeating: 0, count: 300)
            #expect(
                numbers(try #require(built["bytes"]), dtype)
                    == first[3..<18] + Array(repeating: zero, count: 4) + first[0..<2]
            )
        }
    }

    @Test("that do not make their tensor are refused before anything is written", arguments: 0..<5)
    func refuse(fault: Int) throws {
        try Workbench.with(Self.model(.bfloat16, dimension: 1)) { bench in
            var gathered = try Self.gathered(bench, dimension: 1)
            let shape = try #require(gathered.shape)
            switch fault {
            case 0: gathered = try Self.gathered(bench, dimension: 1, of: [(0, 5)] + Self.blocks.dropFirst())
            case 1: gathered = try Self.gathered(bench, dimension: 1, of: [(-1, 0)] + Self.blocks.dropFirst())
            case 2: gathered.blockLength = 4
            case 3: gathered.dimension = 3
            default: gathered = try Self.gathered(bench, dimension: 1, of: Self.blocks.dropLast())
            }
            var plan = TestPlan(bench.model)
            try plan.add("g", .bfloat16, shape, .gathered(gathered))
            let built = try plan.build()

            let error = #expect(throws: ExecutionError.self) { try Execution.run(built, into: bench.output) }

            #expect(error?.diagnostics.map(\.code) == ["broken-plan"])
            #expect(bench.isClean)
        }
    }
}
