import SutureAnalysis
import SutureKit
import Testing

@Suite("Of what a model was made")
struct ModelOriginsTests {
    /// The graph of the recipe that is found, as it is printed.
    private func found(
        _ graph: String,
        of references: [String],
        output: String = "{}",
        among: Int? = nil
    ) throws -> (report: OriginReport, graph: String?) {
        var found: OriginReport?
        try MadeModel.with(graph, of: references, output: output) { model in
            found = try Surgery.identify(
                model.made.name,
                among: Array(references.prefix(among ?? references.count)),
                threads: 2,
                environment: model.environment
            )
        }
        let report = try #require(found)
        let lines = report.recipe?.split(separator: "\n") ?? []
        let start = lines.firstIndex(of: "graph:").map { $0 + 1 } ?? 0
        let body = lines[min(start, lines.count)...].prefix { $0 != "expect:" }
        return (report, report.recipe == nil ? nil : body.joined(separator: "\n"))
    }

    private let a = MadeModel.synthetic(seed: 1)
    private let tune = MadeModel.synthetic(seed: 1, tune: 1)
    private let other = MadeModel.synthetic(seed: 2)

    @Test("a stack is found to the byte, with what was scaled and turned off")
    func stacks() throws {
        let (report, graph) = try found(
            #"{out: {stack: ["a[0:4]", {from: "b[2:4]", scale: {residual: 0.7071}}, {from: "a[4]", set: {residual: 0}}, "a[4:6]"]}}"#,
            of: [a, other]
        )
        #expect(report.verdict == .equal, "\(report.text)")
        #expect(
            graph == """
                  out:
                    stack:
                      - a[0:4]
                      - {from: "b[2:4]", scale: {residual: 0.7071}}
                      - {from: "a[4]", set: {residual: 0}}
                      - a[4:6]
                """
        )
    }

    @Test("a splice is found by roles")
    func splices() throws {
        let (report, graph) = try found("{out: {splice: {onto: b, take: [{where: attn.*, from: a}]}}}", of: [a, tune])
        #expect(report.verdict == .equal, "\(report.text)")
        #expect(
            graph == """
                  part0:
                    splice:
                      onto: b
                      take: [{where: attn.*, from: a}]
                  out:
                    stack:
                      - part0
                """
        )
    }

    @Test("a blend of fine-tunes that was scaled is a blend and a factor")
    func blends() throws {
        let (report, graph) = try found(
            """
            {mix: {blend: {method: linear, inputs: [{from: a, weight: 0.6}, {from: b, weight: 0.4}]}},
             out: {edit: {from: mix, scale: {mlp.down: 0.8}}}}
            """,
            of: [a, tune],
            output: "{dtype: float32}"
        )
        #expect(report.verdict != .differs, "\(report.text)")
        #expect(
            graph == """
                  part0:
                    blend:
                      method: linear
                      inputs: [{from: a, weight: 0.6}, {from: b, weight: 0.4}]
                      params: {normalize: false}
                  out:
                    stack:
                      - {from: part0, scale: {mlp.down: 0.8}}
                output:
                  dtype: float32
                """
        )
    }

    @Test("a slerp of strangers is told from a sum")
    func slerps() throws {
        let (report, graph) = try found(
            "{out: {blend: {method: slerp, inputs: [a, b], params: {t: 0.3}}}}",
            of: [a, other],
            output: "{dtype: float32}"
        )
        #expect(report.verdict != .differs, "\(report.text)")
        #expect(
            graph?.contains("method: slerp\n      inputs: [a, b]\n      params: {t: 0.3}") == true,
            "\(graph ?? "")"
        )
    }

    @Test("layers of a model that was not named have no recipe, and are named")
    func strangers() throws {
        let (report, graph) = try found(#"{out: {stack: ["a[0:3]", "b[3:6]"]}}"#, of: [a, other], among: 1)
        #expect(report.verdict == .differs && graph == nil)
        #expect(report.text.contains("layers 3-5  like no layers that were named"), "\(report.text)")
    }

    @Test("the report is the same at any number of threads")
    func threads() throws {
        try MadeModel.with("{out: {blend: {method: linear, inputs: [a, b], params: {weight: 0.5}}}}", of: [a, tune]) {
            model in
            let reports = try [1, 3].map { threads in
                try Surgery.identify(
                    model.made.name,
                    among: model.references,
                    threads: threads,
                    environment: model.environment
                ).json
            }
            #expect(reports[0] == reports[1])
        }
    }
}
