import SutureDiagnostics
import SutureKit
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
            #expect(notice.fix?.hint == "--bug-compatible gives mergekit's numbers")
        }
    }

    @Test("are not given where mergekit's numbers are computed, nothing was decided, or the recipe is no mergekit file")
    func others() throws {
        try RecipeBench.with(layers: 2) { bench in
            let same = try bench.build(try bench.plan(file("parameters: {gamma: 0.01}")) { $0.isBugCompatible = true })
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
}
