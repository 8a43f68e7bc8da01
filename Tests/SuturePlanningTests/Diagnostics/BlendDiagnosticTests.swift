import SutureCheckpoints
import SutureDiagnostics
import SutureTensors
import SutureTestSupport
import Testing

/// What is said of blends that cannot be computed.
@Suite("Messages about blends")
struct BlendDiagnosticTests {
    /// A recipe whose result is one blend of two llamas, whose method a parameter may name.
    static func recipe(_ blend: String, params: String = "{}") -> String {
        """
        slicegraph: 1
        inputs: {a: @a, b: @b}
        params: \(params)
        graph:
          out: {blend: \(blend)}
        """
    }

    /// The same, where the message points at the whole node.
    static func node(_ blend: String) -> String {
        """
        slicegraph: 1
        inputs: {a: @a, b: @b}
        graph:
          out: «{blend: \(blend)}»
        """
    }

    /// A method that only the planner can see, since an expression names it.
    static func methodOf(_ word: String) -> String {
        "{which: {type: enum, choices: [\(word), other], default: \(word)}}"
    }

    @Test("of a parameter whose expression has no value say that, and not that it is missing")
    func noValue() throws {
        let planning = try planning(Self.recipe("{method: slerp, inputs: [a, b], params: {t: \"${1/0}\"}}"))
        #expect(planning.codes == ["bad-expression"], "\(planning.drawn)")
    }

    @Test(
        "of methods and their parameters",
        arguments: [
            MarkedPlan(
                "unknown-merge-method",
                recipe("{method: «slrep», inputs: [a, b], params: {t: 0.5}}"),
                message: "no merge method is called 'slrep'",
                fix: "did you mean 'slerp'?"
            ),
            MarkedPlan(
                "unknown-merge-method",
                recipe("{method: «\"${which}\"», inputs: [a, b]}", params: methodOf("slrep")),
                message: "no merge method is called 'slrep'",
                fix: "did you mean 'slerp'?"
            ),
            MarkedPlan(
                "not-a-word",
                recipe("{method: «\"${which}\"», inputs: [a, b]}", params: "{which: 3}"),
                message: "stands where a word is needed"
            ),
            MarkedPlan(
                "missing-base",
                recipe("{method: «ties», inputs: [{from: a, weight: 1}, {from: b, weight: 1}]}"),
                message: "'ties' works on differences from a base",
                fix: "add 'base: …'"
            ),
            MarkedPlan(
                "missing-base",
                recipe("{method: «\"${which}\"», inputs: [a, b], params: {weight: 1}}", params: methodOf("ties")),
                message: "'ties' works on differences from a base",
                fix: "add 'base: …'"
            ),
            MarkedPlan(
                "wrong-input-count",
                recipe("{method: «slerp», inputs: [a, b, \"b[::-1]\"], params: {t: 0.5}}"),
                message: "'slerp' merges 2 inputs, and 3 are given",
                fix: "blend two at a time"
            ),
            MarkedPlan(
                "wrong-input-count",
                recipe("{method: «slerp», inputs: [a], params: {t: 0.5}}"),
                message: "'slerp' merges 2 inputs, and 1 is given",
                fix: "add an input"
            ),
            MarkedPlan(
                "nothing-to-merge",
                recipe("{method: «task_arithmetic», base: a, inputs: [{from: a, weight: 1}]}"),
                .warning,
                message: "the result is the base",
                fix: "add an input that differs from the base"
            ),
            MarkedPlan(
                "missing-merge-parameter",
                recipe("{method: slerp, inputs: [a, b], params: {t: «[{where: mlp.*, value: 0.5}]»}}"),
                message: "'slerp' needs 't', and the cases that give it leave out 'model.layers.0.",
                fix: "add a last case for all others: {value: …}"
            ),
            MarkedPlan(
                "missing-merge-parameter",
                recipe("{method: «\"${which}\"», inputs: [a, b]}", params: methodOf("slerp")),
                message: "'slerp' needs 't', and nothing gives it",
                fix: "add 't: …' under 'params'"
            ),
            MarkedPlan(
                "missing-merge-parameter",
                recipe(
                    "{method: linear, inputs: [{from: a, weight: 1}, {from: b, weight: «[{where: mlp.*, value: 1}]»}]}"
                ),
                message: "'linear' needs 'weight' for input 2, and the cases that give it leave out",
                fix: "add a last case for all others: {value: …}"
            ),
            MarkedPlan(
                "missing-merge-parameter",
                recipe(
                    "{method: \"${which}\", inputs: [{from: a, weight: 1}, «b»]}",
                    params: methodOf("linear")
                ),
                message: "'linear' needs 'weight' for input 2, and nothing gives it",
                fix: "add 'weight: …' to the input"
            ),
            MarkedPlan(
                "merge-parameter-out-of-range",
                recipe("{method: ties, base: a, inputs: [{from: b, weight: 1, density: {curve: [0.5, «1.5»]}}]}"),
                message: "'density' of 'ties' is 1.5, but must be at most 1",
                fix: "use 1"
            ),
            MarkedPlan(
                "merge-parameter-out-of-range",
                recipe("{method: ties, base: a, inputs: [{from: b, weight: 1, density: «-0.1»}]}"),
                message: "'density' of 'ties' is -0.1, but must be at least 0",
                fix: "use 0"
            ),
            MarkedPlan(
                "merge-parameter-out-of-range",
                recipe(
                    "{method: ties, base: a, inputs: [{from: b, weight: 1}], params: {density: «\"${d}\"»}}",
                    params: "{d: 7}"
                ),
                message: "'density' of 'ties' is 7, but must be at most 1",
                fix: "use 0.07 if 7 % is meant"
            ),
            MarkedPlan(
                "merge-parameter-out-of-range",
                recipe("{method: slerp, inputs: [a, b], params: {t: «-3»}}"),
                message: "'t' of 'slerp' is -3, but must be at least 0",
                fix: "use 0; 'lerp' goes on past it"
            ),
            MarkedPlan(
                "merge-parameter-out-of-range",
                recipe(
                    "{method: slerp, inputs: [a, b], params: {t: [{where: mlp.*, value: {curve: [0, «1.5»]}}, {value: 0}]}}"
                ),
                message: "'t' of 'slerp' is 1.5, but must be at most 1",
                fix: "use 1"
            ),
            MarkedPlan(
                "merge-parameter-out-of-range",
                recipe("{method: slerp, inputs: [a, b], params: {t: «\"${100 * d}\"»}}", params: "{d: 0.4}"),
                message: "'t' of 'slerp' is 40, but must be at most 1",
                fix: "use 0.4 if 40 % is meant"
            ),
            MarkedPlan(
                "merge-parameter-out-of-range",
                "merge_method: slerp\nbase_model: @a\nmodels: [{model: @a}, {model: @b}]\nparameters: {t: «50»}",
                message: "'t' of 'slerp' is 50, but must be at most 1",
                fix: "use 0.5 if 50 % is meant"
            ),
            MarkedPlan(
                "merge-parameter-out-of-range",
                """
                merge_method: ties
                base_model: @a
                models: [{model: @b, parameters: {weight: 1, density: «53»}}]
                """,
                .warning,
                message: "'density' of 'ties' is 53, and counts as 1",
                fix: "write 0.53 if 53 % is meant"
            ),
            MarkedPlan(
                "unusual-merge-parameter",
                recipe("{method: task_arithmetic, base: a, inputs: [{from: b, weight: «70»}]}"),
                .warning,
                message: "'weight' of 'task_arithmetic' is 70, and is taken as it stands",
                fix: "write 0.7 if 70 % is meant"
            ),
            MarkedPlan(
                "unusual-merge-parameter",
                recipe("{method: lerp, inputs: [a, b], params: {t: «50»}}"),
                .warning,
                fix: "write 0.5 if 50 % is meant"
            ),
            MarkedPlan(
                "merge-parameters-conflict",
                recipe("{method: linear, inputs: [{from: a, weight: «0»}, {from: b, weight: 0}]}"),
                message: "linear: all weights are 0",
                fix: "give at least one of them another weight"
            ),
            MarkedPlan(
                "merge-parameters-conflict",
                recipe("{method: linear, inputs: [{from: a, weight: «1»}, {from: b, weight: -1}]}"),
                message: "linear: the weights sum to 0",
                fix: "set normalize: false"
            ),
            MarkedPlan(
                "merge-parameters-conflict",
                "merge_method: nuslerp\nmodels: [{model: @a}, {model: @b}]\nparameters: {weight: «0»}",
                message: "nuslerp: all weights are 0",
                fix: "give at least one of them another weight"
            ),
            MarkedPlan(
                "nothing-to-merge",
                recipe("{method: «ties», base: a, inputs: [{from: b, weight: 0}]}"),
                message: "all weights of 'ties' are 0",
                fix: "give at least one input a weight"
            ),
            MarkedPlan(
                "nothing-to-merge",
                recipe("{method: «task_arithmetic», base: a, inputs: [{from: b, weight: 1}], params: {lambda: 0}}"),
                .warning,
                message: "'task_arithmetic' keeps nothing of its inputs, since 'weight' or 'lambda' is 0",
                fix: "give 'weight' or 'lambda' more than 0"
            ),
            MarkedPlan(
                "nothing-to-merge",
                recipe("{method: «ties», base: a, inputs: [{from: b, weight: 1, density: 0}]}"),
                .warning,
                message: "so the result is the base",
                fix: "give 'weight' or 'density' or 'lambda' more than 0"
            ),
            MarkedPlan(
                "nothing-to-merge",
                recipe("{method: «task_arithmetic», base: a, inputs: [{from: b, weight: 0}]}"),
                .warning,
                message: "all weights of 'task_arithmetic' are 0, so the result is the base",
                fix: "give at least one input a weight"
            ),
            MarkedPlan(
                "merge-parameter-out-of-range",
                """
                merge_method: ties
                base_model: @a
                models:
                - {model: @a}
                - model: @b
                  parameters: {weight: 1, density: [{filter: mlp, value: [0.5, «2»]}, {value: 1}]}
                dtype: bfloat16
                """,
                .warning,
                message: "'density' of 'ties' is 2, and counts as 1",
                fix: "write 1"
            ),
            MarkedPlan(
                "merge-parameters-conflict",
                recipe("{method: della, base: a, inputs: [{from: b, weight: 1, density: «0.9»}]}"),
                message: "density 0.9 and epsilon 0.15 keep with probabilities from 0.75 to 1.05",
                fix: "use an epsilon below 0.1"
            ),
            MarkedPlan(
                "merge-parameter-no-flag",
                recipe(
                    "{method: linear, inputs: [{from: a, weight: 1}, {from: b, weight: 1}], "
                        + "params: {normalize: {curve: [«0», 1]}}}"
                ),
                message: "'normalize' of 'linear' is 0.3333333333333333, but must be true or false",
                fix: "use true or false"
            ),
            MarkedPlan(
                "merge-parameter-not-whole",
                recipe("{method: karcher, inputs: [a, b], params: {max_iter: {curve: [«10», 11]}}}"),
                message: "'max_iter' of 'karcher' is",
                fix: "use 10"
            ),
            MarkedPlan(
                "not-a-number",
                recipe(
                    "{method: slerp, inputs: [a, b], params: {t: «\"${which}\"»}}",
                    params: "{which: {type: enum, choices: [half], default: half}}"
                ),
                message: "stands where a number is needed",
                also: ["missing-merge-parameter"]
            ),
        ]
    )
    func methods(example: MarkedPlan) throws { try example.check() }

    /// A llama whose tensors differ from others' in one way.
    static func llama(_ change: (inout TinyCheckpoint) -> Void) -> TinyCheckpoint {
        var model = TinyCheckpoint.llama(layers: 4, seed: 9)
        change(&model)
        return model
    }

    static let slerp = node("{method: slerp, inputs: [a, b], params: {t: 0.5}}")

    @Test(
        "of tensors that do not go together",
        arguments: [
            MarkedPlan(
                "tensor-missing",
                slerp,
                message: "only 1 of the 2 merged strips have 'self_attn.q_proj.bias'",
                fix: "merge models of one architecture",
                models: ["b": llama { $0.tensors.append(("model.layers.2.self_attn.q_proj.bias", .bfloat16, [8])) }]
            ),
            MarkedPlan(
                "shapes-differ",
                slerp,
                message: "is [8, 8] in 'a' and [4, 8] in 'b'",
                fix: "only models of one shape can be blended",
                models: [
                    "b": llama { model in
                        model.tensors = model.tensors.map { tensor in
                            tensor.name.contains("o_proj") ? (tensor.name, tensor.dtype, [4, 8]) : tensor
                        }
                    }
                ]
            ),
            MarkedPlan(
                "rows-differ",
                node("{method: slerp, inputs: [a, b], params: {t: 0.5}}") + "\noutput: {accept: [vocab_size]}",
                .warning,
                message: "has 32, 40 rows: 32 are blended, the result keeps 32",
                fix: "agree on the first 32 tokens",
                models: ["b": .llama(layers: 4, vocabulary: 40)]
            ),
            MarkedPlan(
                "ends-differ",
                slerp,
                message: "stores 'model.norm.weight'",
                models: ["b": llama { $0.tensors.removeAll { $0.name == "model.norm.weight" } }]
            ),
            MarkedPlan(
                "cannot-blend",
                slerp,
                message: "is stored as F8_E8M0, which cannot be blended",
                fix: "use the unquantized checkpoint",
                models: [
                    "a": llama { $0.tensors.append(("model.layers.1.mlp.x_scale", .float8E8M0, [4])) },
                    "b": llama { $0.tensors.append(("model.layers.1.mlp.x_scale", .float8E8M0, [4])) },
                ]
            ),
            MarkedPlan(
                "cannot-blend",
                slerp,
                message: "'a' is packed by a quantizer, whose numbers cannot be blended",
                fix: "use the checkpoint it was quantized from",
                models: [
                    "a": llama { $0.pack("model.layers.1.mlp.up_proj") },
                    "b": llama { $0.pack("model.layers.1.mlp.up_proj") },
                ]
            ),
        ]
    )
    func tensors(example: MarkedPlan) throws { try example.check() }

    @Test(
        "of blends inside a splice",
        arguments: [
            MarkedPlan(
                "missing-base",
                """
                slicegraph: 1
                inputs: {a: @a, b: @b}
                graph:
                  out:
                    splice:
                      onto: a
                      take: [{where: mlp.*, from: b, blend: {method: «ties», params: {weight: 1}}}]
                """,
                message: "'ties' works on differences from a base"
            ),
            MarkedPlan(
                "wrong-input-count",
                """
                slicegraph: 1
                inputs: {a: @a, b: @b}
                graph:
                  out:
                    splice:
                      onto: a
                      take: [{where: mlp.*, from: b, blend: {method: «passthrough»}}]
                """,
                message: "'passthrough' merges 1 input"
            ),
        ]
    )
    func takes(example: MarkedPlan) throws {
        try example.check()
    }
}

extension TinyCheckpoint {
    /// Makes the weight of a module bytes with a scale beside them.
    fileprivate mutating func pack(_ module: String) {
        for index in tensors.indices where tensors[index].name == module + ".weight" { tensors[index].dtype = .uint8 }
        tensors.append((module + ".weight_scale", .float32, [16]))
    }
}
