/// Draws a plan's stack as a graph in the DOT language of Graphviz: sources on the left, the runs of the
/// output's layers on the right, and an edge for every run that takes layers from a source.
public struct PlanGraph: Sendable {
    private let plan: Plan

    /// Creates a drawing.
    public init(_ plan: Plan) {
        self.plan = plan
    }

    /// The text, with a final line break.
    public var text: String {
        var lines = [
            "digraph \(quoted(plan.recipe.name)) {", "  rankdir=LR;", "  node [shape=box, fontname=monospace];",
        ]
        for (index, source) in plan.sources.enumerated() {
            lines.append("  s\(index) [label=\(quoted("\(source.name)\n\(source.reference)")), style=rounded];")
        }
        var rows: [String] = []
        for (index, run) in plan.stack.runs.enumerated() {
            rows.append("<r\(index)> \(run.layers.lowerBound)-\(run.layers.upperBound - 1)  \(escaped(run.label))")
        }
        lines.append("  out [shape=record, label=\"\(rows.joined(separator: "|"))\"];")
        for (index, run) in plan.stack.runs.enumerated() {
            for number in sources(of: run.layers) { lines.append("  s\(number) -> out:r\(index);") }
        }
        for donor in plan.donors {
            guard let number = plan.sources.firstIndex(where: { $0.name == donor.source }) else { continue }
            lines.append("  s\(number) -> out [style=dotted, label=\(quoted(donor.part))];")
        }
        return (lines + ["}", ""]).joined(separator: "\n")
    }

    /// The sources that some of the output's layers are made of.
    private func sources(of layers: Range<Int>) -> [Int] {
        var found: Set<Int> = []
        for tensor in plan.tensors where plan.layer(of: tensor).map(layers.contains) ?? false {
            found.formUnion(tensor.expression.leaves.map(\.source))
        }
        return found.sorted()
    }

    private func quoted(_ text: String) -> String {
        "\""
            + text.map { character in
                switch character {
                case "\"": "\\\""
                case "\\": "\\\\"
                case "\n": "\\n"
                default: String(character)
                }
            }.joined() + "\""
    }

    /// Text inside a record's label, where braces, bars and brackets have a meaning.
    private func escaped(_ text: String) -> String {
        text.map { "\"\\{}|<> ".contains($0) ? "\\\($0)" : String($0) }.joined()
    }
}
