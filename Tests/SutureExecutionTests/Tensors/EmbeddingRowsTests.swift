import SutureCheckpoints
import SutureJSON
import SutureKit
import SutureMergekit
import SutureMerging
import SuturePlanning
import SutureTensors
import SystemPackage
import Testing

/// Embeddings and heads of which some have more rows than others, from the recipe to the written bytes.
@Suite("Rows that only some embeddings have")
struct EmbeddingRowsTests {
    static let names = ["model.embed_tokens.weight", "lm_head.weight"]
    static let rowBytes = 32 * 2

    /// Five methods, and what they are told in both dialects; the tall model is the owner of the result.
    static let methods: [(name: String, settings: String, hasBase: Bool, cuts: Bool)] = [
        ("linear", "weight: 0.5", false, true), ("slerp", "t: 0.4", false, true), ("ties", "weight: 0.5", true, false),
        ("task_arithmetic", "weight: 0.5", true, false), ("model_stock", "filter_wise: false", true, true),
    ]

    private static func native(_ method: (name: String, settings: String, hasBase: Bool, cuts: Bool)) -> String {
        let inputs = method.hasBase ? "base: tall, inputs: [a, b]" : "inputs: [tall, a]"
        return """
            slicegraph: 1
            inputs: {tall: @tall, a: @a\(method.hasBase ? ", b: @b" : "")}
            graph: {out: {blend: {method: \(method.name), \(inputs), params: {\(method.settings)}}}}
            """
    }

    private static func mergekit(_ method: (name: String, settings: String, hasBase: Bool, cuts: Bool)) -> String {
        let base = method.name == "linear" ? "" : "base_model: @tall"
        return """
            merge_method: \(method.name)
            \(base)
            models: [{model: @tall}, {model: @a}\(method.hasBase ? ", {model: @b}" : "")]
            parameters: {\(method.settings)}
            dtype: bfloat16
            """
    }

    @Test("are the owner's byte for byte, in both dialects, and the config counts them", arguments: methods)
    func kept(_ method: (name: String, settings: String, hasBase: Bool, cuts: Bool)) throws {
        try RecipeBench.with(layers: 1) { bench in
            let tall = try Workbench.tensors(of: bench.folder.appending("tall"))
            for recipe in [Self.native(method), Self.mergekit(method)] {
                let built = try bench.tensors(recipe)
                for name in Self.names {
                    let (found, owner) = (try #require(built[name]), try #require(tall[name]))
                    #expect(found.count == 48 * Self.rowBytes)
                    #expect(found[(40 * Self.rowBytes)...] == owner[(40 * Self.rowBytes)...])
                    #expect(found[..<(40 * Self.rowBytes)] != owner[..<(40 * Self.rowBytes)])
                }
                let config = try FileSystem.read(bench.folder.appending("out").appending("config.json"))
                #expect(String(decoding: config, as: UTF8.self).contains("\"vocab_size\": 48"))
            }
        }
    }

    @Test(
        "are cut where a release of mergekit cuts them, where its numbers are asked for",
        arguments: methods,
        [
            MergeRelease.mergekit014, .mergekit015,
        ]
    )
    func cut(_ method: (name: String, settings: String, hasBase: Bool, cuts: Bool), version: MergeRelease) throws {
        try RecipeBench.with(layers: 1) { bench in
            let built = try bench.tensors(Self.mergekit(method)) { $0.compatibility = version }
            let count = method.cuts && version == .mergekit014 ? 40 : 48
            for name in Self.names { #expect(built[name]?.count == count * Self.rowBytes) }
            let config = try FileSystem.read(bench.folder.appending("out").appending("config.json"))
            #expect(String(decoding: config, as: UTF8.self).contains("\"vocab_size\": \(count)"))
        }
    }
}
