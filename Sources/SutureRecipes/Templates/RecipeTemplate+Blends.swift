// Techniques that put models of one depth together.

extension RecipeTemplate {
    static let splice = RecipeTemplate(
        "splice",
        "the attention of one model and all else of another, byte for byte",
        asks: [
            Question(flag: "a", text: "Whose attention?", kind: .model, fallback: ""),
            Question(flag: "b", text: "Whose MLPs, embedding and head?", kind: .model, fallback: ""),
        ],
        write: { answers in
            """
            # The attention of one model, all else of another. Both have equally many layers of one shape.
            #   \(answers.command(["a", "b"]))
            slicegraph: 1
            name: splice
            description: Attention from a, all else from b.

            inputs:
              a: \(answers.model("a"))
              b: \(answers.model("b"))

            graph:
              out:
                splice:
                  # What nobody takes stays b's.
                  onto: b
                  take:
                    # Roles, not tensor names: q, k, v and o with their biases and norms.
                    - {where: attn.*, from: a}
                    - {where: norm.attn, from: a}

            output:
              tokenizer: b

            """
        }
    )

    static let blend = RecipeTemplate(
        "blend",
        "two models merged tensor by tensor",
        asks: [
            Question(flag: "a", text: "The first model?", kind: .model, fallback: ""),
            Question(flag: "b", text: "The second model, of the same shape?", kind: .model, fallback: ""),
            Question(
                flag: "method",
                text: "Which method: linear, slerp or ties?",
                kind: .choice(["linear", "slerp", "ties"]),
                fallback: "slerp"
            ),
            Question(flag: "t", text: "How much of the second, from 0 to 1?", kind: .number(0...1), fallback: "0.5"),
            Question(flag: "base", text: "What both were tuned from (ties only)?", kind: .model, fallback: ""),
        ],
        write: { answers in
            let share = answers["t"]
            let needsBase = answers["method"] == "ties"
            let operation =
                switch answers["method"] {
                case "linear":
                    """
                          # A weighted mean; weights are divided by their sum.
                          method: linear
                          inputs:
                            - {from: a, weight: "${1 - share}"}
                            - {from: b, weight: "${share}"}
                    """
                case "ties":
                    """
                          # Differences from the base: the largest of each are kept, and where signs disagree the
                          # heavier sign wins (arXiv 2306.01708).
                          method: ties
                          base: base
                          inputs:
                            - {from: a, weight: "${1 - share}", density: 0.5}
                            - {from: b, weight: "${share}", density: 0.5}
                          params: {normalize: true}
                    """
                default:
                    """
                          # Along the arc from a (t = 0) to b (t = 1). A number, or a list of which the first match
                          # counts: {curve: [..]} runs along the layers.
                          method: slerp
                          inputs: [a, b]
                          params:
                            t:
                              - {where: attn.*, value: {curve: [0, "${share}", 1]}}
                              - {where: mlp.*, value: {curve: [1, "${share}", 0]}}
                              - {value: "${share}"}
                    """
                }
            return """
                # Two models of one architecture, merged tensor by tensor.
                #   \(answers.command(needsBase ? ["a", "b", "base"] : ["a", "b"]))
                slicegraph: 1
                name: blend
                description: Two models merged tensor by tensor.

                inputs:
                  a: \(answers.model("a"))
                  b: \(answers.model("b"))\(needsBase ? "\n  base: \(answers.model("base"))" : "")

                params:
                  share: {type: float, default: \(share), min: 0, max: 1, description: how much of b}

                graph:
                  out:
                    blend:
                \(operation)

                output:
                  dtype: bfloat16

                """
        }
    )
}
