import SutureDiagnostics
import SutureKit
import SutureMergekit
import SutureMerging
import SuturePlanning
import Testing

/// What is said of tensors that are not what mergekit makes of them.
@Suite("Notices of decisions")
struct DecisionNoticeTests {
    private func file(_ settings: String) -> String {
        """
        merge_method: breadcrumbs
        base_model: @base
        models:
        - {model: @a, parameters: {weight: 1, density: 0.9}}
        \(settings)
        """
    }

    @Test("name the decision, how many tensors it changed and one of them, after the build of a mergekit file")
    func mergekitFile() throws {
        try RecipeBench.with(layers: 2) { bench in
            let outcome = try bench.build(try bench.plan(file("parameters: {gamma: 0.01}")))
            let notice = try #require(outcome.notices.first)
            #expect(outcome.notices.count == 1)
            #expect(notice.severity == .note && notice.code == "breadcrumbs-no-outliers")
            // The norms, 32 elements each: two in each layer and the last.
            #expect(notice.message.hasPrefix("in 5 tensors, such as 'model.layers.0.input_layernorm.weight': "))
            #expect(notice.fix?.hint == "--compat mergekit-0.1.4 gives mergekit's numbers")
        }
    }

    @Test("are not given where mergekit's numbers are computed, nothing was decided, or the recipe is no mergekit file")
    func others() throws {
        try RecipeBench.with(layers: 2) { bench in
            let same = try bench.build(
                try bench.plan(file("parameters: {gamma: 0.01}")) { $0.compatibility = .mergekit014 }
            )
            #expect(same.notices.isEmpty)
            #expect(try bench.build(try bench.plan(file("parameters: {gamma: 0.1}"))).notices.isEmpty)
            let native = """
                slicegraph: 1
                inputs: {base: @base, a: @a}
                graph: {out: {blend: {method: breadcrumbs, base: base, inputs: [{from: a, weight: 1, density: 0.9}]}}}
                """
            #expect(try bench.build(try bench.plan(native)).notices.isEmpty)
        }
    }

    @Test(
        "are announced by the plan where they may change a tensor, and only there",
        arguments: [
            ("breadcrumbs", "density: 0.9, gamma: 0.01", ["where gamma of the elements"]),
            ("breadcrumbs", "density: 0.9, gamma: 0.1", []),
            ("della", "density: 0.5", ["kept differences are scaled"]),
            ("della", "density: 0.5, rescale: false", []),
            ("della", "density: 1", []),
            ("ties", "density: 0.01", ["a density that keeps no element"]),
            ("ties", "density: 0.5", []),
            ("linear", "", []),
            ("slerp", "t: 0.5", ["a tensor of zeros"]),
            ("nuslerp", "", ["zeros stand at a right angle"]),
            ("sce", "select_topk: 1", []),
        ]
    )
    func announced(_ method: String, _ settings: String, _ facts: [String]) throws {
        try RecipeBench.with(layers: 2) { bench in
            let recipe = """
                merge_method: \(method)
                \(["linear", "nuslerp"].contains(method) ? "" : "base_model: @base")
                models: [{model: @base}, {model: @a}]
                parameters: {\(["slerp", "sce"].contains(method) ? "" : "weight: 1, ")\(settings)}
                dtype: bfloat16
                """
            let planned = try bench.planned(recipe)
            #expect(planned.plan != nil, "\(planned.diagnostics.map(\.message))")
            let notes = planned.diagnostics.filter { $0.code == "computed-as-documented" }.flatMap { $0.notes }
            #expect(notes.count == facts.count)
            for (note, fact) in zip(notes, facts) {
                #expect(note.message.hasPrefix("mergekit") && note.message.contains(": \(fact)"))
            }
        }
    }

    @Test("are not needed for a density above 1, which counts as 1 as it does in mergekit")
    func densityAboveOne() throws {
        try RecipeBench.with(layers: 2) { bench in
            func file(_ density: Double) -> String {
                """
                merge_method: ties
                base_model: @base
                models: [{model: @a, parameters: {weight: 1, density: \(density)}}]
                """
            }
            let planned = try bench.planned(file(1.5))
            // That the models have no tokenizers is a note, and another matter.
            let warned = planned.diagnostics.filter { $0.severity != .note }
            #expect(warned.map(\.code) == ["merge-parameter-out-of-range"])
            #expect(try #require(planned.plan).tensors == bench.plan(file(1)).tensors)
        }
    }
}
