import SuturePlanning
import SutureTensors
import SutureTestSupport
import Testing

/// A stack as large as the largest open models, planned from headers alone.
@Suite("A stack of 405 billion parameters")
struct LargeStackTests {
    static let model = "layers=126&hidden=16384&heads=128&kv=8&mlp=53248&vocab=128256&data=none"

    @Test("has every layer, byte and shard in its place")
    func upscaled() throws {
        let planning = try planning(
            """
            slicegraph: 1
            inputs: {base: "synthetic:llama?\(Self.model)"}
            graph:
              out:
                stack:
                  - base[0:94]
                  - base[32:126]
            expect: {layers: 188}
            """
        )
        let plan = try #require(planning.plan, "\(planning.drawn)")
        #expect(plan.stack.runs.map(\.label) == ["base[0:94]", "base[32:126]"])
        #expect(plan.stack.layerCount == 188)
        #expect(plan.tensors.count == 188 * 9 + 3)
        #expect(planning.isAllCopied)

        // Attention, MLP and two norms of a layer; embedding and head; the final norm.
        let attention = 2 * 16384 * 16384 + 2 * 1024 * 16384
        let layer = attention + 3 * 16384 * 53248 + 2 * 16384
        let parameters = 188 * layer + 2 * 128256 * 16384 + 16384
        #expect(plan.parameterCount == parameters)
        #expect(plan.tensorByteCount == 2 * parameters)

        // Shards are filled in order up to 5 GB, and none is empty.
        #expect(plan.shards.allSatisfy { !$0.tensors.isEmpty })
        for (shard, next) in zip(plan.shards, plan.shards.dropFirst()) {
            let bytes = plan.tensors[shard.tensors].reduce(0) { $0 + $1.spec.byteCount }
            #expect(bytes <= 5_000_000_000)
            #expect(bytes + plan.tensors[next.tensors.lowerBound].spec.byteCount > 5_000_000_000)
        }
        let last = try #require(plan.shards.last)
        #expect(last.tensors.upperBound == plan.tensors.count)
        #expect(last.name.hasSuffix("-of-00\(plan.shards.count).safetensors"))
        #expect(plan.outputByteCount > plan.tensorByteCount)

        let middle = plan.tensors.first { $0.spec.name == "model.layers.94.self_attn.q_proj.weight" }
        #expect(middle?.expression.leaves.map(\.spec.name) == ["model.layers.32.self_attn.q_proj.weight"])
        #expect(
            planning.accounts == ["base: 1137 used"]
        )
    }
}
