import SuturePlanning
import SutureTensors
import SutureTestSupport
import Testing

@Suite("Weight files that are kept as they are")
struct KeptFilesTests {
    /// A model in files of a few tensors each.
    private static let model = TinyCheckpoint.llama(layers: 4, shards: 5)

    private func plan(_ graph: String, keepsFiles: Bool = true) throws -> Plan {
        var options = PlanningOptions()
        options.keepsFiles = keepsFiles
        options.shardSize = 1000
        let planning = try planning(
            "slicegraph: 1\ninputs: {m: @m, n: @n}\ngraph: {out: \(graph)}\noutput: {accept: [duplicate-model]}\n"
                .replacing(", n: @n", with: graph.contains("n[") ? ", n: @n" : "")
                .replacing("output: {accept: [duplicate-model]}\n", with: ""),
            models: ["m": Self.model, "n": .llama(layers: 4, shards: 5, seed: 9)],
            options: options
        )
        return try #require(planning.plan, "\(planning.drawn)")
    }

    /// The numbers of the source's files that are kept.
    private func kept(_ plan: Plan) -> [Int] { plan.shards.compactMap { $0.original?.file } }

    @Test(
        "are those of which every tensor is there under its own name",
        arguments: [
            ("{slice: m}", [0, 1, 2, 3, 4]),
            ("{slice: \"m[0:3]\"}", [0, 1, 2]),
            ("{stack: [\"m[0:3]\", \"m[1:4]\"]}", [0, 1, 2]),
            ("{slice: \"m[1:4]\"}", []),
            ("{stack: [\"m[0:2]\", \"n[2:4]\"]}", [0, 1, 3, 4]),
        ]
    )
    func whole(graph: String, files: [Int]) throws {
        let plan = try plan(graph)
        #expect(kept(plan) == files)
        for shard in plan.shards {
            guard let original = shard.original else { continue }
            let file = plan.sources[original.source].files[original.file]
            #expect(shard.byteCount == file.byteCount)
            for tensor in plan.tensors[shard.tensors] {
                #expect(tensor.expression.leaves.map(\.offset) == [tensor.offset])
            }
        }
    }

    @Test("leave the same tensors as ever", arguments: ["{slice: m}", "{stack: [\"m[0:3]\", \"m[1:4]\"]}"])
    func sameTensors(graph: String) throws {
        let usual = try plan(graph, keepsFiles: false)
        let kept = try plan(graph)
        #expect(usual.shards.allSatisfy { $0.original == nil })
        func made(_ plan: Plan) -> Set<[String]> {
            Set(plan.tensors.map { [$0.spec.name, "\($0.spec.shape)", "\($0.expression)"] })
        }
        #expect(made(usual) == made(kept))
        #expect(kept.shards.map(\.tensors.count).reduce(0, +) == kept.tensors.count)
    }
}
