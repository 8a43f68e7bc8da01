import SuturePlanning
import SutureTensors
import SutureTestSupport
import Testing

/// Names of the output's tensors: the config donor's, wherever a tensor comes from.
@Suite("Names")
struct NamingTests {
    /// A llama whose tensors stand below another prefix.
    static func prefixed(_ prefix: String, seed: Int) -> TinyCheckpoint {
        var model = TinyCheckpoint.llama(layers: 4, seed: seed)
        model.tensors = model.tensors.map { tensor in
            let name = tensor.name.hasPrefix("model.") ? prefix + tensor.name.dropFirst("model.".count) : tensor.name
            return (name, tensor.dtype, tensor.shape)
        }
        return model
    }

    @Test("follow the config's donor where another model has another prefix")
    func otherPrefix() throws {
        let planning = try planning(
            """
            slicegraph: 1
            inputs: {a: @a, b: @b}
            graph: {out: {stack: ["a[0:2]", "b[2:4]"]}}
            output: {ends: {embed: b}}
            """,
            models: ["b": Self.prefixed("model.language_model.", seed: 1)]
        )
        planning.expectPage(
            """
            0-1 a[0:2] | 2-3 b[2:4]
            embed b, norm b, head b, config a, tokenizer b
            39 BF16
            model.embed_tokens = b:model.language_model.embed_tokens.weight
            0-1  a[0:2]
            2-3  b:model.language_model.layers[2:4]
            model.norm = b:model.language_model.norm.weight
            lm_head = b
            """
        )
    }

    @Test("are the other model's where its config is written")
    func otherConfig() throws {
        let planning = try planning(
            """
            slicegraph: 1
            inputs: {a: @a, b: @b}
            graph: {out: {stack: ["a[0:2]", "b[2:4]"]}}
            output: {config: b}
            """,
            models: ["b": Self.prefixed("model.language_model.", seed: 1)]
        )
        planning.expectPage(
            """
            0-1 a[0:2] | 2-3 b[2:4]
            embed a, norm b, head b, config b, tokenizer a
            39 BF16
            model.language_model.embed_tokens = a:model.embed_tokens.weight
            0-1  a:model.layers[0:2]
            2-3  b[2:4]
            model.language_model.norm = b
            lm_head = b
            """
        )
    }

    @Test("bring blends of models with different prefixes together")
    func blend() throws {
        let planning = try planning(
            """
            slicegraph: 1
            inputs: {a: @a, b: @b}
            graph: {out: {blend: {method: slerp, inputs: ["a[1:3]", "b[1:3]"], params: {t: 0.5}}}}
            """,
            models: ["b": Self.prefixed("model.language_model.", seed: 1)]
        )
        planning.expectPage(
            """
            0-1 slerp(a[1:3], b[1:3])
            embed a, norm a, head a, config a, tokenizer a
            21 BF16
            model.embed_tokens = slerp(a, b:model.language_model.embed_tokens.weight, t 0.5)
            0-1  slerp(a[1:3], b:model.language_model.layers[1:3], t 0.5)
            model.norm = slerp(a, b:model.language_model.norm.weight, t 0.5)
            lm_head = slerp(a, b, t 0.5)
            """
        )
    }

    @Test("bring ends that are mixed in a splice together too")
    func spliceBlend() throws {
        let planning = try planning(
            """
            slicegraph: 1
            inputs: {a: @a, b: @b}
            graph:
              out:
                splice:
                  onto: a
                  take: [{where: [embed, norm.final], from: b, blend: {method: lerp, params: {t: 0.25}}}]
            """,
            models: ["b": Self.prefixed("model.language_model.", seed: 1)]
        )
        let page = planning.page
        #expect(page.contains("model.embed_tokens = lerp(a, b:model.language_model.embed_tokens.weight, t 0.25)\n"))
        #expect(page.contains("model.norm = lerp(a, b:model.language_model.norm.weight, t 0.25)\n"))
    }

    @Test("carry tensors that no rule knows with their layer")
    func unknown() throws {
        var model = TinyCheckpoint.llama(layers: 3)
        for layer in 0..<3 {
            model.tensors.append(("model.layers.\(layer).whatnot.gizmo_\(layer % 2)", .bfloat16, [3]))
        }
        let planning = try planning(
            """
            slicegraph: 1
            inputs: {m: @m}
            graph: {out: {slice: "m[1:3]"}}
            """,
            models: ["m": model]
        )
        let names = (planning.plan?.tensors ?? []).map(\.spec.name).filter { $0.contains("whatnot") }
        #expect(
            names == ["model.layers.0.whatnot.gizmo_1", "model.layers.1.whatnot.gizmo_0"],
            "\(planning.drawn)"
        )
    }

    @Test("are those of each family", arguments: ["gpt2", "bert", "mixtral", "phi3", "olmo2", "gemma2", "gemma3_text"])
    func families(family: String) throws {
        let planning = try planning(
            """
            slicegraph: 1
            inputs: {m: "synthetic:\(family)?layers=6&hidden=32&data=none"}
            graph: {out: {stack: ["m[0:4]", "m[2:6]"]}}
            """
        )
        let plan = try #require(planning.plan, "\(planning.drawn)")
        #expect(planning.isAllCopied)
        let prefix = try #require(plan.stack.prefix) + "."
        func suffixes(ofLayer layer: Int) -> [String] {
            plan.tensors.map(\.spec.name).filter { $0.hasPrefix("\(prefix)\(layer).") }
                .map { String($0.dropFirst("\(prefix)\(layer).".count)) }
        }
        let first = suffixes(ofLayer: 0)
        #expect(!first.isEmpty)
        for layer in 1..<8 { #expect(suffixes(ofLayer: layer) == first) }
        #expect(suffixes(ofLayer: 8).isEmpty)
        let origins = plan.tensors.compactMap { tensor -> String? in
            guard tensor.spec.name.hasPrefix("\(prefix)5."), let leaf = tensor.expression.leaves.first else {
                return nil
            }
            return leaf.spec.name
        }
        #expect(origins == first.map { "\(prefix)3.\($0)" })
    }
}
