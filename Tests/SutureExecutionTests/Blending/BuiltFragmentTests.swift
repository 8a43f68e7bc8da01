import SutureKernels
import SutureKit
import SutureMerging
import SuturePlanning
import SutureTensors
import SystemPackage
import Testing

/// The recipe fragments that `suture methods NAME` prints, built.
@Suite("Fragments of recipes, built")
struct BuiltFragmentTests {
    /// A recipe of float32 around a method's fragment, and the models that it names.
    ///
    /// What is called merged in a fragment is a model like others here.
    private func recipe(_ method: String, out: String) throws -> (text: String, models: [String]) {
        let fragment = try #require(MergeRegistry.standard[named: method]).descriptor.fragment
        let words = fragment.split { !$0.isLetter }
        let known = ["base": "base", "a": "a", "b": "b", "c": "c", "merged": "c"]
        let models = known.filter { words.contains($0.key[...]) }
        let bound = models.merging(out.contains("base") ? ["base": "base"] : [:]) { $1 }
        let text = """
            slicegraph: 1
            inputs: {\(bound.map { "\($0): @\($1)" }.sorted().joined(separator: ", "))}
            graph:
              inner:
                \(fragment.split(separator: "\n").joined(separator: "\n    "))
              out: \(out)
            output: {dtype: float32}
            """
        return (text, Array(models.values))
    }

    private func numbers(_ bytes: [UInt8]?, _ dtype: DType) throws -> [Float] {
        let bytes = try #require(bytes)
        var numbers = [Float](repeating: 0, count: bytes.count * 8 / dtype.bitWidth)
        var span = numbers.mutableSpan
        widen(bytes.span.bytes, dtype, into: &span)
        return numbers
    }

    @Test("give a model that holds other numbers than any of theirs", arguments: MergeRegistry.standard.names)
    func builds(method: String) throws {
        try RecipeBench.with(layers: 2) { bench in
            let recipe = try recipe(method, out: "{slice: inner}")
            let built = try bench.tensors(recipe.text)
            for model in recipe.models {
                let own = try Workbench.tensors(of: bench.folder.appending(model))
                #expect(built.keys == own.keys)
                // The last layer is not asked: LiNeS leaves it as it is.
                let name = "model.layers.0.mlp.up_proj.weight"
                let (made, given) = (try numbers(built[name], .float32), try numbers(own[name], .bfloat16))
                #expect(made.count == given.count && made != given, "\(model)")
            }
        }
    }

    @Test("can be wrapped in LiNeS, which scales what they change by depth", arguments: MergeRegistry.standard.names)
    func scaledByDepth(method: String) throws {
        try RecipeBench.with(layers: 2) { bench in
            let plain = try bench.tensors(try recipe(method, out: "{slice: inner}").text)
            let lines = "{blend: {method: lines, base: base, inputs: [inner], params: {alpha: 0.25, beta: 0.5}}}"
            let wrapped = try bench.tensors(try recipe(method, out: lines).text)
            let base = try Workbench.tensors(of: bench.folder.appending("base"))
            for (name, scale) in [
                ("model.layers.0.mlp.up_proj.weight", Float(0.25)), ("model.layers.1.mlp.up_proj.weight", 0.75),
            ] {
                let (merged, from) = (try numbers(plain[name], .float32), try numbers(base[name], .bfloat16))
                let wanted = zip(merged, from).map { $1 + scale * ($0 - $1) }
                let far = zip(try numbers(wrapped[name], .float32), wanted).map { abs($0 - $1) }.max() ?? .infinity
                #expect(far <= 1e-6, "\(name)")
                #expect(wanted != merged)
            }
        }
    }
}
