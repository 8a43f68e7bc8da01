import SutureCheckpoints
import SutureDiagnostics
import SutureExecution
import SutureJSON
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

    private static func gathered(_ bench: Workbench, dimension: Int) throws -> GatheredTensor {
        let plan = TestPlan(bench.model)
        let tensors = try ["a", "b", "c"].flatMap { try plan.stored($0).leaves }
        return GatheredTensor(
            tensors: tensors,
            dimension: dimension,
            blockLength: 3,
            blocks: blocks.map { GatheredTensor.Block(tensor: $0.tensor, number: $0.number) }
        )
    }

    /// What the bytes must be, element by element.
    private static func expected(_ bench: Workbench, _ gathered: GatheredTensor, _ shape: Shape) -> [UInt8] {
        let width = gathered.tensors[0].spec.dtype.bitWidth / 8
        let sources = gathered.tensors.map { bench.tiny.bytes(of: $0.spec) }
        let inner = shape.dimensions[(gathered.dimension + 1)...].reduce(1, *)
        let length = shape.dimensions[gathered.dimension]
        let outer = shape.dimensions[..<gathered.dimension].reduce(1, *)
        var bytes: [UInt8] = []
        for row in 0..<outer {
            for place in 0..<length {
                let block = gathered.blocks[place / 3]
                let own = gathered.tensors[block.tensor].spec.shape.dimensions[gathered.dimension]
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

    @Test("that do not make their tensor are refused before anything is written", arguments: 0..<5)
    func refuse(fault: Int) throws {
        try Workbench.with(Self.model(.bfloat16, dimension: 1)) { bench in
            var gathered = try Self.gathered(bench, dimension: 1)
            let shape = try #require(gathered.shape)
            switch fault {
            case 0: gathered.blocks[3].number = 5
            case 1: gathered.blocks[3].tensor = -1
            case 2: gathered.blockLength = 4
            case 3: gathered.dimension = 3
            default: gathered.blocks.removeLast()
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
