import SutureCheckpoints
import SutureDiagnostics
@testable import SutureExecution
import SutureJSON
import SutureMerging
import SuturePlanning
import SutureTensors
import SutureTestSupport
import Synchronization
import SystemPackage
import Testing

@Suite("The schedule of computed tensors")
struct ScheduleTests {
    /// A plan of tensors that are surveyed before they are computed, from two models.
    private func with(_ count: Int, _ body: (Plan) throws -> Void) throws {
        try TemporaryDirectory.with { folder in
            let tensors = (0..<count).map { (name: "t\($0)", dtype: DType.float32, shape: [3, 5] as Shape) }
            let models = try (0..<2).map { seed in
                try TinyCheckpoint(config: [:], tensors: tensors, seed: seed).open(in: folder.appending("m\(seed)"))
            }
            var plan = TestPlan(models[0], models[1])
            for index in 0..<count {
                let blend = BlendExpression(
                    method: "slerp",
                    inputs: [try plan.stored("t\(index)"), try plan.stored("t\(index)", of: 1)],
                    parameters: ["t": 0.5],
                    node: "out"
                )
                try plan.add("t\(index)", .float32, [3, 5], .blended(blend))
            }
            try body(plan.build())
        }
    }

    /// The schedule of some pieces, each tensor needed by as many of them; `onOpen` is told of each that is opened.
    private func schedule(
        _ plan: Plan,
        piecesEach: Int,
        ahead: Int,
        width: Int,
        onOpen: @escaping @Sendable (Int) -> Void = { _ in }
    ) -> Schedule {
        let sources = SourceFiles(plan, plan.tensors.indices, in: LocalFiles())
        let numbering = SourceNumbering(plan)
        let factors = FactorCache(byteLimit: 0)
        let tensors = plan.tensors.indices.map { index in
            Schedule.Tensor(index: index, pieces: index * piecesEach..<(index + 1) * piecesEach)
        }
        return Schedule(
            plan.tensors.count * piecesEach,
            tensors,
            Schedule.Limits(ahead: ahead, statisticsByteCount: 1 << 20),
            settings: plan.settings,
            on: Crew(width: width),
            isCancelled: { false }
        ) { index in
            onOpen(index)
            return StoredNumbers(of: index, in: plan, sources, numbering, factors)
        }
    }

    @Test("one thread opens a tensor when it is needed, and makes its pieces before it looks at the next")
    func oneThread() throws {
        try with(3) { plan in
            let log = Mutex<[String]>([])

            try schedule(plan, piecesEach: 2, ahead: 10, width: 1) { index in
                log.withLock { $0.append("open \(index)") }
            }.run(
                onSurveyed: { tensor in log.withLock { $0.append("\(tensor.numbers.tensor.tensor.spec.name) ends") } }
            ) { piece, _, _ in log.withLock { $0.append("make \(piece)") } }

            #expect(
                log.withLock { $0 } == [
                    "open 0", "make 0", "t0 ends", "make 1", "open 1", "make 2", "t1 ends", "make 3", "open 2",
                    "make 4", "t2 ends", "make 5",
                ]
            )
        }
    }

    @Test("each piece is made once with the tensors that it needs, all of them surveyed", arguments: [1, 2, 8, 64])
    func eachOnce(width: Int) throws {
        try with(150) { plan in
            let made = Mutex<[Int: [Int]]>([:])

            try schedule(plan, piecesEach: 3, ahead: 7, width: width).run { piece, tensors, _ in
                let arePrepared = tensors.values.allSatisfy { $0.evaluator.isPrepared }
                #expect(arePrepared)
                made.withLock { $0[piece, default: []] += tensors.keys }
            }

            let expected = Dictionary(uniqueKeysWithValues: (0..<450).map { ($0, [$0 / 3]) })
            #expect(made.withLock { $0 } == expected)
        }
    }

    @Test("surveys run ahead of the pieces no further than they may", arguments: [1, 2, 8])
    func notTooFar(width: Int) throws {
        try with(60) { plan in
            let begun = Atomic(0)

            try schedule(plan, piecesEach: 2, ahead: 6, width: width) { index in
                // A piece that was handed out may not have counted itself yet.
                #expect(2 * index < begun.load(ordering: .sequentiallyConsistent) + width + 6)
            }.run { _, _, _ in begun.wrappingAdd(1, ordering: .sequentiallyConsistent) }

            #expect(begun.load(ordering: .sequentiallyConsistent) == 120)
        }
    }

    @Test("of several failures the first is told, and little is made after it", arguments: [1, 2, 8])
    func failures(width: Int) throws {
        try with(100) { plan in
            let made = Atomic(0)

            let error = #expect(throws: ExecutionError.self) {
                try schedule(plan, piecesEach: 1, ahead: 4, width: width).run { piece, _, _ throws(ExecutionError) in
                    made.wrappingAdd(1, ordering: .relaxed)
                    if piece >= 20 { throw ExecutionError(.system, .flaw(piece)) }
                }
            }

            #expect(error?.diagnostics.map(\.message) == ["piece 20"])
            #expect(made.load(ordering: .relaxed) <= 20 + width)
        }
    }
}

extension Diagnostic {
    fileprivate static func flaw(_ piece: Int) -> Diagnostic {
        Diagnostic(code: "flaw", "piece \(piece)", at: Diagnostic.Place?.none)
    }
}
