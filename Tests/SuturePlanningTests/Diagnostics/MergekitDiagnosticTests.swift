import SuturePlanning
import SutureDiagnostics
import SutureTestSupport
import Testing

/// What the planner says of mergekit's files, whose rules are other ones.
@Suite("Messages about mergekit files")
struct MergekitDiagnosticTests {
    @Test(
        "point at the line that is meant",
        arguments: [
            MarkedPlan(
                "range-gives-ends",
                """
                merge_method: passthrough
                slices:
                - sources:
                  - {model: @a, layer_range: [0, 4]}
                - sources:
                  - {model: @b, layer_range: «[4, 4]»}
                dtype: bfloat16
                """,
                .note,
                message: "layer_range from 4 to 4 has no layers",
                fix: "ends: {norm: …, head: …}"
            ),
            MarkedPlan(
                "range-outside",
                """
                merge_method: passthrough
                slices:
                - sources:
                  - {model: @a, layer_range: [0, «5»]}
                dtype: bfloat16
                """,
                message: "layer_range end 5 is past the 4 layers of",
                fix: "end at 4"
            ),
            MarkedPlan(
                "matches-nothing",
                """
                merge_method: slerp
                base_model: @a
                models:
                - model: @a
                - model: @b
                parameters:
                  t:
                  - {filter: «gizmo», value: 0.5}
                  - value: 0.25
                dtype: bfloat16
                """,
                .warning,
                message: "'*gizmo*' matches no tensor",
                fix: "a filter is a part of a tensor's name"
            ),
        ]
    )
    func marked(example: MarkedPlan) throws { try example.check() }

    @Test("give the layers of one model and the ends of another, as they are used to")
    func endsOnly() throws {
        let planning = try planning(
            """
            merge_method: passthrough
            slices:
            - sources:
              - {model: @a, layer_range: [0, 4]}
            - sources:
              - {model: @b, layer_range: [4, 4]}
            dtype: bfloat16
            """
        )
        #expect(planning.plan?.stack.layerCount == 4, "\(planning.drawn)")
        let donors = planning.plan?.donors.map(\.part) ?? []
        #expect(donors == ["embed", "norm", "head", "config", "tokenizer"])
        #expect(planning.page.contains("\nlm_head = "))
    }
}
