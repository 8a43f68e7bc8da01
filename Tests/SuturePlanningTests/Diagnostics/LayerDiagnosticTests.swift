import SutureDiagnostics
import SutureTestSupport
import Testing

/// What is said of slices, stacks, splices and expansions that cannot be laid down.
@Suite("Messages about layers")
struct LayerDiagnosticTests {
    /// A recipe over a llama of four layers and another.
    static func recipe(_ graph: String) -> String {
        """
        slicegraph: 1
        inputs: {m: @m, o: @o}
        graph:
          other: {slice: o}
          out: \(graph)
        """
    }

    @Test(
        "of slices",
        arguments: [
            MarkedPlan(
                "range-outside",
                recipe("{stack: [\"m[0:«9»]\", other]}"),
                message: "range end 9 is past the 4 layers of 'm'",
                fix: "end at 4"
            ),
            MarkedPlan(
                "range-outside",
                recipe("{stack: [\"m[«5»:]\", other]}"),
                message: "range start 5 is past the 4 layers of 'm'",
                fix: "from 0 to 3"
            ),
            MarkedPlan(
                "range-outside",
                recipe("{stack: [\"m[«-5»:]\", other]}"),
                message: "range start -5 is before the 4 layers of 'm'",
                fix: "from 0 to 3"
            ),
            MarkedPlan(
                "range-outside",
                recipe("{stack: [\"m[:«-9»]\", other]}"),
                message: "range end -9 is before the 4 layers of 'm'",
                fix: "end at 4"
            ),
            MarkedPlan(
                "empty-range",
                recipe("{stack: [\"m[«2:2»]\", other]}"),
                message: "range from 2 to 2 has no layers: the end is not included",
                fix: "for layer 2 alone, end at 3"
            ),
            MarkedPlan(
                "empty-range",
                recipe("{stack: [\"m[«3:1»]\", other]}"),
                message: "range from 3 to 1 has no layers of the 4 layers of 'm'",
                fix: "did you mean 1 to 3?"
            ),
            MarkedPlan(
                "layer-past-end",
                recipe("{stack: [\"m[«4»]\", other]}"),
                message: "layer 4 is past the 4 layers of 'm'",
                fix: "the last is 3"
            ),
            MarkedPlan(
                "layer-past-end",
                recipe("{stack: [\"m[0, «-5»]\", other]}"),
                message: "layer -5 is past",
                fix: "the last is 3"
            ),
            MarkedPlan(
                "zero-step",
                recipe("{stack: [\"m[::«m.layers - 4»]\", other]}"),
                fix: "leave it out for 1"
            ),
            MarkedPlan(
                "not-an-integer",
                recipe("{stack: [\"m[0:«m.layers / 3»]\", other]}"),
                message: "stands where a whole number is needed",
                fix: "round"
            ),
        ]
    )
    func slices(example: MarkedPlan) throws { try example.check() }

    @Test(
        "of stacks",
        arguments: [
            MarkedPlan(
                "bad-repeat",
                recipe("{stack: [{from: m, repeat: «\"${m.layers - 4}\"»}, other]}"),
                message: "'repeat' is 0",
                fix: "leave the item out"
            ),
            MarkedPlan(
                "bad-repeat",
                recipe("{stack: [{from: m, repeat: «100001»}, other]}"),
                message: "more than 100000 layers",
                fix: "check the number"
            ),
            MarkedPlan(
                "too-many-layers",
                recipe(
                    "{stack: [other, {foreach: {i: \"0:1000\"}, do: [«{foreach: {j: \"0:1000\"}, do: [m]}»]}]}"
                ),
                fix: "check 'repeat'"
            ),
            MarkedPlan(
                "too-many-layers",
                recipe("{stack: [other, {foreach: {i: \"«0»:9000000000000000000\"}, do: [m]}]}"),
                fix: "check 'repeat'"
            ),
            MarkedPlan(
                "empty-stack",
                """
                slicegraph: 1
                inputs: {m: @m}
                graph:
                  «out»: {stack: [{foreach: {i: "4:m.layers"}, do: ["m[i]"]}]}
                """,
                message: "the stack 'out' has no layers",
                fix: "give it an item"
            ),
            MarkedPlan(
                "foreach-lengths",
                recipe("{stack: [other, {foreach: {i: \"0:m.layers\", «k»: [1, 2]}, do: [\"m[i:i + k]\"]}]}"),
                message: "'i' takes 4 values and 'k' takes 2",
                fix: "nest a second foreach"
            ),
            MarkedPlan(
                "zero-step",
                recipe("{stack: [other, {foreach: {i: \"0:4:«m.layers - 4»\"}, do: [\"m[i]\"]}]}"),
                fix: "leave it out"
            ),
            MarkedPlan(
                "bad-window",
                recipe("{stack: [other, {window: {of: m, size: «5», step: 1}}]}"),
                message: "a window of 5 layers with step 1 does not fit 4 layers",
                fix: "size at most 4"
            ),
            MarkedPlan(
                "window-leaves-layers",
                recipe("{stack: [other, {window: {of: m, size: «2», step: 3}}]}"),
                .warning,
                message: "the last 2 layers of 'm' are in no window",
                fix: "the last window ends at the last layer"
            ),
            MarkedPlan(
                "bad-run",
                recipe("{stack: [{interleave: [m, other], run: «\"${m.layers - 4}\"»}]}"),
                message: "'run' is 0",
                fix: "leave it out for 1"
            ),
            MarkedPlan(
                "lengths-differ",
                recipe("{stack: [{interleave: [other, «\"m[1:4]\"»]}]}"),
                message: "'other' has 4 layers and 'm' has 3",
                fix: "other[0:3]"
            ),
        ]
    )
    func stacks(example: MarkedPlan) throws { try example.check() }

    @Test(
        "of splices, blends, expansions and edits",
        arguments: [
            MarkedPlan(
                "lengths-differ",
                recipe("{splice: {onto: other, take: [{where: attn.*, from: «\"m[0:3]\"»}]}}"),
                message: "'splice' takes strips of one length, but 'other' has 4 layers and 'm' has 3",
                fix: "other[0:3]"
            ),
            MarkedPlan(
                "lengths-differ",
                recipe("{blend: {method: slerp, inputs: [other, «\"m[0:2]\"»], params: {t: 0.5}}}"),
                message: "'blend' takes strips of one length, but 'other' has 4 layers and 'm' has 2",
                fix: "other[0:2]"
            ),
            MarkedPlan(
                "bad-expansion",
                recipe("{stack: [other, m]}").replacing(
                    "out: {stack: [other, m]}",
                    with: "out: {expand: {from: other, every: «5», insert: {}}}\n  rest: {slice: m}"
                ),
                message: "'every' is 5, but the strip has 4 layers",
                fix: "a number from 1 to 4"
            ),
            MarkedPlan(
                "uneven-expansion",
                "slicegraph: 1\ninputs: {m: @m}\ngraph:\n  out: {expand: {from: m, every: «3»}}",
                .note,
                message: "the last layer is",
                fix: "divides the number of layers"
            ),
            MarkedPlan(
                "layer-past-end",
                "slicegraph: 1\ninputs: {m: @m}\ngraph:\n  out: {expand: {from: m, after: [0, «4»]}}",
                message: "layer 4 is past",
                fix: "the last is 3"
            ),
            MarkedPlan(
                "matches-nothing",
                recipe("{splice: {onto: other, take: [{where: «attn.q_norm», from: m}]}}"),
                message: "'attn.q_norm' matches no tensor of the strip",
                fix: "the models have attn.k, attn.o, attn.q, attn.v"
            ),
            MarkedPlan(
                "matches-nothing",
                recipe("{stack: [other, {from: m, scale: {«\"expert[*].down\"»: 2}}]}"),
                message: "'expert[*].down' matches no tensor",
                fix: "the models have mlp.down"
            ),
            MarkedPlan(
                "matches-nothing",
                recipe("{splice: {onto: other, take: [{where: «{name: \"*.gizmo\"}», from: m}]}}"),
                message: "'*.gizmo' matches no tensor",
                fix: "numbered anew"
            ),
            MarkedPlan(
                "matches-nothing",
                recipe("{splice: {onto: other, take: [{where: [attn.*, «norm.shared»], from: m}]}}"),
                .warning,
                message: "'norm.shared' matches no tensor of the strip; the rest of its list does",
                fix: "the models have norm.attn, norm.final, norm.mlp"
            ),
            MarkedPlan(
                "matches-nothing",
                recipe("{splice: {onto: other, take: [{where: [attn.*, {not: «mlp.up»}], from: m}]}}"),
                .warning,
                message: "'mlp.up' under 'not' matches none"
            ),
            MarkedPlan(
                "matches-nothing",
                "slicegraph: 1\ninputs: {m: @m}\ngraph: {out: {slice: m}}\noutput: {drop: [«\"*.gizmo\"»]}",
                message: "'*.gizmo' under 'drop' matches no tensor",
                fix: "numbered anew"
            ),
            MarkedPlan(
                "range-outside",
                recipe("{splice: {onto: other, take: [{where: \"layers[0:«9»].attn.*\", from: m}]}}"),
                message: "range end 9 is past the 4 layers",
                fix: "end at 4",
                also: ["matches-nothing"]
            ),
            MarkedPlan(
                "layers-repeated",
                "slicegraph: 1\ninputs: {m: @m}\ngraph: {out: {stack: [\"m[0:3]\", «\"m[2:4]\"»]}}",
                .note,
                message: "layer 2 of 'm' stands in the output twice in a row",
                fix: "begin at 3"
            ),
        ]
    )
    func operators(example: MarkedPlan) throws { try example.check() }
}
