import SutureKit
import SuturePlanning
import Testing

@Suite("What is drawn")
struct RandomBlendTests {
    static let methods = ["dare_linear", "dare_ties", "della", "della_linear"]

    private func mixed(_ method: String, inputs: [String] = ["a", "b"]) -> String {
        let list = inputs.map { "{from: \($0), weight: 0.5, density: 0.5}" }.joined(separator: ", ")
        return "mixed: {blend: {method: \(method), base: base, inputs: [\(list)]}}"
    }

    private func recipe(_ method: String, _ out: String, nodes: String = "") -> String {
        """
        slicegraph: 1
        inputs: {base: @base, a: @a, b: @b, c: @c}
        graph:
          \(nodes)
          \(mixed(method))
          out: \(out)
        """
    }

    @Test("is the same on any number of threads, in any shards, whatever else is in the recipe", arguments: methods)
    func same(_ method: String) throws {
        try RecipeBench.with { bench in
            let whole = try bench.tensors(recipe(method, "{slice: mixed}"))
            #expect(try bench.tensors(recipe(method, "{slice: mixed}"), threads: 8) == whole)
            #expect(try bench.tensors(recipe(method, "{slice: mixed}"), threads: 3) { $0.shardSize = 9000 } == whole)
            // Fewer layers, and layers and nodes besides; what stays where it was is what it was.
            let trimmed = try bench.tensors(recipe(method, "{slice: \"mixed[0:2]\"}"), threads: 8)
            let extended = try bench.tensors(
                recipe(
                    method,
                    "{stack: [\"mixed[0:2]\", other]}",
                    nodes: "other: {blend: {method: dare_ties, base: a, inputs: [{from: c, weight: 1, density: 0.3}]}}"
                )
            )
            for name in trimmed.keys where name.contains(".layers.") {
                #expect(trimmed[name] == whole[name] && extended[name] == whole[name], "\(name)")
            }
        }
    }

    @Test("is another with another seed", arguments: methods)
    func seeds(_ method: String) throws {
        try RecipeBench.with { bench in
            let first = try bench.tensors(recipe(method, "{slice: mixed}"))
            let second = try bench.tensors(recipe(method, "{slice: mixed}")) { $0.seed = 1 }
            #expect(first.keys == second.keys && first.allSatisfy { second[$0.key] != $0.value })
        }
    }

    @Test("follows the inputs and not their order", arguments: methods)
    func order(_ method: String) throws {
        func recipe(_ inputs: [String]) -> String {
            """
            slicegraph: 1
            inputs: {base: @base, a: @a, b: @b}
            graph:
              \(mixed(method, inputs: inputs))
              out: {slice: mixed}
            output: {dtype: float32}
            """
        }
        try RecipeBench.with { bench in
            let forward = try bench.tensors(recipe(["a", "b"]))
            #expect(try bench.tensors(recipe(["b", "a"])) == forward)
        }
    }
}
