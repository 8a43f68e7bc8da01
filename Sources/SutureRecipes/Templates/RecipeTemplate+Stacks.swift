// Techniques that stack layers of models.

extension RecipeTemplate {
    static let solar = RecipeTemplate(
        "solar",
        "two overlapping runs of one model, as SOLAR-10.7B was made",
        asks: [
            Question(flag: "base", text: "Which model (folder or owner/name)?", kind: .model, fallback: ""),
            Question(
                flag: "keep",
                text: "How many layers in each run (empty: three quarters)?",
                kind: .integer(least: 1),
                fallback: ""
            ),
            Question(
                flag: "damp",
                text: "Factor on what the upper run adds (1: unchanged)?",
                kind: .number(0...2),
                fallback: "1.0"
            ),
        ],
        write: { answers in
            let keep = answers["keep"].isEmpty ? "\"${round(base.layers * 3 / 4)}\"" : answers["keep"]
            return """
                # Depth up-scaling: two overlapping runs of layers of one model (arXiv 2312.15166).
                # The result needs some more training before it is better than its source.
                #   \(answers.command(["base"]))
                slicegraph: 1
                name: solar
                description: Two overlapping runs of one model.

                inputs:
                  base: \(answers.model("base"))

                params:
                  keep: {type: int, default: \(keep), min: 1, max: "${base.layers}", description: layers in each run}
                  damp: {type: float, default: \(answers["damp"]), min: 0, max: 2, description: factor on what the upper run adds}

                graph:
                  # Ranges are half open, as in Python: of 32 layers, base[:24] is 0 to 23, base[-24:] is 8 to 31.
                  out:
                    stack:
                      - base[:keep]
                      - {from: "base[-keep:]", scale: {residual: "${damp}"}}

                expect:
                  layers: ${2 * keep}

                """
        }
    )

    static let interleave = RecipeTemplate(
        "interleave",
        "windows of two models in turn, as Goliath-120B was made",
        asks: [
            Question(
                flag: "a",
                text: "The first model, which gives the first and last layers?",
                kind: .model,
                fallback: ""
            ),
            Question(flag: "b", text: "The second model, of the same depth?", kind: .model, fallback: ""),
            Question(
                flag: "window",
                text: "How many layers at a time (empty: 16, or half of a shallow model)?",
                kind: .integer(least: 2),
                fallback: ""
            ),
        ],
        write: { answers in
            let window = answers["window"].isEmpty ? "\"${max(2, min(16, a.layers // 2))}\"" : answers["window"]
            return """
                # Windows of two models in turn, each beginning half a window after the one before.
                # It works between fine-tunes of one base model.
                #   \(answers.command(["a", "b"]))
                slicegraph: 1
                name: interleave
                description: Windows of two models in turn.

                inputs:
                  a: \(answers.model("a"))
                  b: \(answers.model("b"))

                params:
                  window: {type: int, default: \(window), min: 2, description: layers at a time}

                let:
                  half: window // 2

                graph:
                  out:
                    stack:
                      # For i = 0, window, 2 * window … as long as b's window, which ends half a window later, still fits.
                      - foreach: {i: "0:a.layers - window - half + 1:window"}
                        do: ["a[i:i + window]", "b[i + half:i + half + window]"]
                      # The last layers are a's, and so are the final norm and the head.
                      - a[-window:]

                """
        }
    )

    static let expand = RecipeTemplate(
        "expand",
        "new blocks that do nothing until they are trained, as LLaMA-Pro has them",
        asks: [
            Question(flag: "base", text: "Which model (folder or owner/name)?", kind: .model, fallback: ""),
            Question(
                flag: "every",
                text: "One new block after how many layers?",
                kind: .integer(least: 1),
                fallback: "4"
            ),
        ],
        write: { answers in
            """
            # Block expansion (arXiv 2401.02415): copies of layers with all that they add to the residual stream
            # at zero, so that the model computes what it did before. Train the new blocks, freeze the others.
            #   \(answers.command(["base"]))
            slicegraph: 1
            name: llama-pro
            description: New blocks that do nothing until they are trained.

            inputs:
              base: \(answers.model("base"))

            params:
              group: {type: int, default: \(answers["every"]), min: 1, description: one new block after so many layers}

            graph:
              out:
                expand:
                  from: base
                  every: ${group}
                  insert:
                    copy: previous
                    set: {residual: 0}

            expect:
              identity_of: base

            """
        }
    )

    static let prune = RecipeTemplate(
        "prune",
        "one model without a run of its layers",
        asks: [
            Question(flag: "base", text: "Which model (folder or owner/name)?", kind: .model, fallback: ""),
            Question(
                flag: "count",
                text: "How many layers to leave out (empty: a quarter)?",
                kind: .integer(least: 1),
                fallback: ""
            ),
            Question(
                flag: "first",
                text: "The first of them (empty: so that three layers follow)?",
                kind: .integer(least: 0),
                fallback: ""
            ),
        ],
        write: { answers in
            let count = answers["count"].isEmpty ? "\"${max(1, base.layers // 4)}\"" : answers["count"]
            let first = answers["first"].isEmpty ? "\"${max(1, base.layers - count - 3)}\"" : answers["first"]
            return """
                # Layer pruning: late layers, though not the last ones, are missed least (arXiv 2403.17887).
                # A little training afterwards heals most of the damage.
                #   \(answers.command(["base"]))
                slicegraph: 1
                name: prune
                description: One model without a run of its layers.

                inputs:
                  base: \(answers.model("base"))

                params:
                  count: {type: int, default: \(count), min: 0, description: how many layers are left out}
                  first: {type: int, default: \(first), min: 0, description: the first layer that is left out}

                graph:
                  # The layers before, then those after.
                  out: {slice: "base[0:first, first + count:base.layers]"}

                expect:
                  layers: ${base.layers - count}

                """
        }
    )
}
