import SutureDiagnostics
import SutureRecipes
import Testing

/// A passthrough file around one source.
private func source(_ source: String, more: String = "") -> String {
    "merge_method: passthrough\nslices:\n  - sources:\n      - \(source)\n\(more)"
}

/// A linear merge of two models around more keys.
private func linear(_ more: String, models: String = "[{model: o/a}, {model: o/b}]") -> String {
    "merge_method: linear\nmodels: \(models)\nparameters: {weight: 1}\n\(more)"
}

@Suite("What is wrong with a mergekit file")
struct MergekitDiagnosticsTests {
    static let ignored: [MarkedRecipe] = [
        MarkedRecipe("unknown-key", linear("«dype»: float16"), .warning, replacement: "dtype"),
        MarkedRecipe("unknown-key", linear("«Parameters»: {weight: 2}"), .warning, replacement: "parameters"),
        MarkedRecipe("unknown-key", linear("«architecture»: X"), .warning, fix: "leave it out"),
        MarkedRecipe(
            "unknown-key",
            source("{model: o/a, layer_range: [0, 4], «paramters»: {}}"),
            .warning,
            fix: "parameters"
        ),
        MarkedRecipe("inert-key", linear("", models: "[{model: o/a, «layer_range»: [0, 4]}, {model: o/b}]"), .warning),
        MarkedRecipe(
            "duplicate-key",
            "merge_method: linear\nmodels: [{model: o/a}]\nparameters: {weight: 2}\n«parameters»: {weight: 1}\n",
            .warning,
            fix: "keep one"
        ),
        MarkedRecipe(
            "ignored-parameter",
            linear("", models: "[{model: o/a, parameters: {«wieght»: 1}}]"),
            .warning,
            fix: "weight"
        ),
        MarkedRecipe("ignored-parameter", linear("", models: "[{model: o/a, parameters: {«density»: 1}}]"), .note),
        MarkedRecipe(
            "ignored-parameter",
            source("{model: o/a, layer_range: [0, 4]}", more: "parameters: {«sclae»: 1}"),
            .warning,
            fix: "scale"
        ),
        MarkedRecipe(
            "misplaced-parameter",
            "merge_method: slerp\nbase_model: o/a\nmodels: [{model: o/a}, {model: o/b, parameters: {«t»: 1}}]\nparameters: {t: 0}",
            .warning,
            fix: "move"
        ),
        MarkedRecipe(
            "filter-is-no-glob",
            source(
                "{model: o/a, layer_range: [0, 4], parameters: {scale: [{filter: «\"*mlp*\"», value: 0}, {value: 1}]}}"
            ),
            .warning,
            replacement: "mlp"
        ),
        MarkedRecipe(
            "model-under-two-names",
            "merge_method: passthrough\nslices:\n  - sources: [{model: o/a, layer_range: [0, 4]}]\n"
                + "  - sources: [{model: «./o/a/», layer_range: [0, 4]}]",
            .warning,
            replacement: "o/a"
        ),
        MarkedRecipe(
            "same-model-twice",
            "merge_method: linear\nparameters: {weight: 1}\nslices:\n"
                + "  - sources: [{model: o/a, layer_range: [0, 2]}, {model: «o/a», layer_range: [2, 4]}]",
            .warning
        ),
        MarkedRecipe(
            "unused-stage",
            "name: «one»\n" + linear("---\n") + linear(""),
            .warning
        ),
        MarkedRecipe(
            "ends-of-last-slice",
            "merge_method: linear\nparameters: {weight: 1}\nslices:\n"
                + "  - sources: [{model: o/a, layer_range: [0, 2]}]\n"
                + "  - «sources: [{model: o/a, layer_range: [2, 4]}, {model: o/b, layer_range: [2, 4]}]»",
            .note
        ),
    ]

    static let warned: [MarkedRecipe] = [
        MarkedRecipe("dtype-not-loaded", linear("dtype: «float64»"), .warning, fix: "bfloat16"),
        MarkedRecipe("dtype-not-loaded", linear("dtype: float32\nout_dtype: «float8_e5m2»"), .warning, fix: "bfloat16"),
        MarkedRecipe("unknown-key", linear("tokenizer: {«pad_to_multple_of»: 8}"), .warning, fix: "pad_to_multiple_of"),
        MarkedRecipe("unknown-key", linear("tokenizer: {tokens: {x: {«sorce»: o/a}}}"), .warning, fix: "source"),
    ]

    @Test("is said of what programs do not load, and of keys of a tokenizer", arguments: warned)
    func warnings(recipe: MarkedRecipe) throws { try recipe.check() }

    static let refused: [MarkedRecipe] = [
        MarkedRecipe(
            "unknown-merge-method",
            "merge_method: «dare-ties»\nmodels: [{model: o/a}]",
            replacement: "dare_ties"
        ),
        MarkedRecipe(
            "unknown-merge-method",
            "merge_method: «task_swapping»\nmodels: [{model: o/a}]",
            fix: "passthrough"
        ),
        MarkedRecipe("missing-key", "«»models: [{model: o/a}]", fix: "merge_method"),
        MarkedRecipe("missing-key", "«»merge_method: linear\nmodels: []\nparameters: {weight: 1}", fix: "models"),
        MarkedRecipe(
            "several-forms",
            linear("slices: «[{sources: [{model: o/a, layer_range: [0, 4]}]}]»"),
            fix: "keep one"
        ),
        MarkedRecipe(
            "no-language-module",
            "merge_method: linear\nparameters: {weight: 1}\nmodules: {«a»: {models: [{model: o/a}]}, b: {models: [{model: o/a}]}}"
        ),
        MarkedRecipe("unknown-dtype", linear("dtype: «bfloat»"), replacement: "bfloat16"),
        MarkedRecipe(
            "two-tokenizers",
            linear("tokenizer: {source: base}\ntokenizer_source: «union»"),
            fix: "tokenizer"
        ),
        MarkedRecipe("wrong-type", linear("", models: "[{model: «5»}]"), replacement: "\"5\""),
        MarkedRecipe(
            "wrong-type",
            linear("", models: "[{model: o/a, parameters: {weight: «.nan»}}, {model: o/b, parameters: {weight: 1}}]"),
            fix: "finite number"
        ),
        MarkedRecipe("wrong-type", linear("", models: "[{model: «yes»}]"), replacement: "\"yes\""),
        MarkedRecipe("wrong-type", linear("", models: "«{model: o/a}»")),
        MarkedRecipe("wrong-type", linear("", models: "[«o/a»]")),
        MarkedRecipe("missing-key", linear("", models: "[«»{parameters: {weight: 1}}]"), fix: "model: …"),
        MarkedRecipe("wrong-type", linear("", models: "[{model: o/a, parameters: {weight: «much»}}]")),
        MarkedRecipe("wrong-type", linear("", models: "[{model: o/a, parameters: {weight: «[]»}}]")),
        MarkedRecipe("wrong-type", linear("", models: "[{model: o/a, parameters: {weight: [0, «x»]}}]")),
        MarkedRecipe("wrong-type", linear("", models: "[{model: o/a, parameters: {weight: [0, «{value: 1}»]}}]")),
        MarkedRecipe("wrong-type", linear("", models: "[{model: o/a, parameters: {weight: «~»}}]")),
        MarkedRecipe("missing-key", source("«»{model: o/a}"), fix: "layer_range"),
        MarkedRecipe("bad-layer-range", source("{model: o/a, layer_range: «[0, 4, 8]»}"), fix: "[0, 32]"),
        MarkedRecipe("bad-layer-range", source("{model: o/a, layer_range: «0-4»}"), replacement: "[0, 4]"),
        MarkedRecipe("bad-layer-range", source("{model: o/a, layer_range: «8:24»}"), replacement: "[8, 24]"),
        MarkedRecipe("bad-layer-range", source("{model: o/a, layer_range: «\"0 to 4\"»}"), replacement: "[0, 4]"),
        MarkedRecipe("bad-layer-range", source("{model: o/a, layer_range: «[0-4]»}"), replacement: "[0, 4]"),
        MarkedRecipe("bad-layer-range", source("{model: o/a, layer_range: «\"[0, 4]\"»}"), replacement: "[0, 4]"),
        MarkedRecipe("dtype-not-written", linear("dtype: «int8»"), fix: "bfloat16"),
        MarkedRecipe("dtype-not-written", linear("dtype: bfloat16\nout_dtype: «uint8»"), fix: "bfloat16"),
        MarkedRecipe("wrong-type", linear("tokenizer: {tokens: «[a]»}")),
        MarkedRecipe("too-few", linear("tokenizer: {pad_to_multiple_of: «0»}"), fix: "1"),
        MarkedRecipe("unknown-input", linear("tokenizer: {tokens: {x: {source: «o/c»}}}"), fix: "o/a"),
        MarkedRecipe("missing-key", linear("tokenizer: {tokens: {x: {source: «»{kind: model_token}}}}"), fix: "model"),
        MarkedRecipe("unknown-choice", linear("tokenizer: {tokens: {x: {source: {kind: «none»}}}}"), fix: "zero"),
        MarkedRecipe("wrong-type", source("{model: o/a, layer_range: [0, «2.5»]}")),
        MarkedRecipe("impossible-range", source("{model: o/a, layer_range: «[4, 2]»}"), replacement: "[2, 4]"),
        MarkedRecipe("impossible-range", source("{model: o/a, layer_range: «[0, -1]»}"), fix: "first layer"),
        MarkedRecipe("empty-range", source("{model: o/a, layer_range: «[3, 3]»}"), replacement: "[3, 4]"),
        MarkedRecipe(
            "lengths-differ",
            "merge_method: linear\nparameters: {weight: 1}\nslices:\n"
                + "  - sources: [{model: o/a, layer_range: [0, 4]}, {model: o/b, layer_range: «[0, 3]»}]"
        ),
        MarkedRecipe(
            "passthrough-of-several",
            source("{model: o/a, layer_range: [0, 4]}\n      - «{model: o/b, layer_range: [0, 4]}»"),
            fix: "slice of its own"
        ),
        MarkedRecipe(
            "passthrough-of-several",
            "merge_method: passthrough\nmodels: [{model: o/a}]\nbase_model: «o/b»",
            fix: "slice"
        ),
        MarkedRecipe(
            "missing-base",
            "merge_method: «ties»\nmodels: [{model: o/a}]\nparameters: {weight: 1}",
            fix: "base_model"
        ),
        MarkedRecipe("missing-base", "merge_method: «slerp»\nmodels: [{model: o/a}, {model: o/b}]\nparameters: {t: 1}"),
        MarkedRecipe(
            "base-not-among-sources",
            "merge_method: slerp\nbase_model: o/c\nmodels: «[{model: o/a}, {model: o/b}]»\nparameters: {t: 1}",
            fix: "list it and one other"
        ),
        MarkedRecipe(
            "base-not-among-sources",
            "merge_method: ties\nbase_model: o/c\nparameters: {weight: 1}\nslices:\n"
                + "  - «sources: [{model: o/a, layer_range: [0, 4]}]»",
            fix: "source"
        ),
        MarkedRecipe(
            "missing-parameter",
            "merge_method: linear\nmodels: [{model: o/a, parameters: {weight: 1}}, {model: «o/b»}]",
            fix: "weight"
        ),
        MarkedRecipe(
            "missing-parameter",
            "merge_method: «slerp»\nbase_model: o/a\nmodels: [{model: o/a}, {model: o/b}]",
            fix: "t: …"
        ),
        MarkedRecipe("duplicate-stage", "name: a\n" + linear("---\nname: «a»\n") + linear(""), fix: "another name"),
        MarkedRecipe("several-unnamed-stages", linear("---\n«»") + linear(""), fix: "name"),
        MarkedRecipe(
            "stage-cycle",
            "name: a\n" + linear("---\n", models: "[{model: b}]") + "name: b\n" + linear("", models: "[{model: «a»}]")
        ),
        MarkedRecipe(
            "too-many-models",
            linear("", models: "[" + (0...500).map { "{model: o/m\($0)}" }.joined(separator: ", ") + "]")
        ),
    ]

    @Test("is said in place: what mergekit ignores in silence", arguments: ignored)
    func warnsOfWhatIsIgnored(recipe: MarkedRecipe) throws { try recipe.check() }

    @Test("is said in place: what mergekit would stop at later, or make nonsense of", arguments: refused)
    func refusesWhatIsWrong(recipe: MarkedRecipe) throws { try recipe.check() }

    @Test("is not said of the hazards of YAML that mean something: anchors, merge keys, nulls, odd numbers")
    func takesHazards() throws {
        let reading = read(
            """
            tag: &MODEL o/a
            half: &half
              parameters:
                scale:
                  - filter: q_proj
                    value: .5
                  - value: 1e0
            merge_method: passthrough
            parameters:
            dtype: float16
            tokenizer_source: ~
            slices:
             - sources:
               - model: *MODEL
                 layer_range: [0,010]
             - sources:
               - model: *MODEL
                 layer_range: [0, 8.0]
                 <<: *half
            """
        )
        #expect(reading.drawn == "")
        let graph = try #require(reading.graph)
        #expect(
            RecipePrinter.print(graph).contains(
                """
                    stack:
                      - a[0:8]
                      - {from: "a[0:8]", scale: [{where: {name: "*q_proj*"}, value: 0.5}, {value: 1.0}]}
                """
            )
        )
    }
}
