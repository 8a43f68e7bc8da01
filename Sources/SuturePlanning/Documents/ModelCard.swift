import SutureCheckpoints
import SutureMerging

/// Writes the output's `README.md`: the hub's front matter, then what was made and how.
///
/// The front matter's keys are those by which the hub builds its model tree: `base_model` lists each
/// hub id once, and models that only have a path are left out of it rather than named wrongly.
struct ModelCard {
    let plan: Plan

    /// The whole text.
    var text: String {
        ([frontMatter, "# \(plan.recipe.name)", ""] + summary + ["## Stack", ""] + stack + models + recipe)
            .joined(separator: "\n") + "\n"
    }

    private var frontMatter: String {
        var lines = ["---"]
        let ids = plan.sources.compactMap(\.hubID).reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
        lines.append(ids.isEmpty ? "base_model: []" : "base_model:")
        lines += ids.map { "- \($0)" }
        lines += ["library_name: transformers", "tags:", "- mergekit", "- merge", "- suture"]
        if plan.mergeMethods.isEmpty { lines.append("- frankenmerge") }
        lines += ["---", ""]
        return lines.joined(separator: "\n")
    }

    private var summary: [String] {
        let made =
            plan.mergeMethods.isEmpty
            ? "layers are copied byte for byte"
            : "methods: "
                + plan.mergeMethods.map { MergeRegistry[named: $0]?.descriptor.title ?? $0 }.joined(separator: ", ")
        return (plan.recipe.summary.map { [$0, ""] } ?? []) + [
            "Made with \(ToolVersion.text) from layers of \(plan.sources.count == 1 ? "one model" : "\(plan.sources.count) models"); \(made).",
            "",
        ]
    }

    private var stack: [String] {
        ["| layers | from |", "|---|---|"]
            + plan.stack.runs.map { run in
                let numbers =
                    run.layers.count == 1
                    ? "\(run.layers.lowerBound)" : "\(run.layers.lowerBound)-\(run.layers.upperBound - 1)"
                return "| \(numbers) | `\(run.label)` |"
            } + [""]
    }

    private var models: [String] {
        ["## Models", ""]
            + plan.sources.map { source in
                let link = source.hubID.map { "[\($0)](https://huggingface.co/\($0))" } ?? "`\(source.reference)`"
                return "- `\(source.name)`: \(link)" + (source.revision.map { " at `\($0)`" } ?? "")
            } + [""]
    }

    private var recipe: [String] {
        // A fence longer than any in the recipe cannot be closed by it.
        var fence = "```"
        while plan.recipe.text.contains(fence) { fence += "`" }
        let body = plan.recipe.text.hasSuffix("\n") ? String(plan.recipe.text.dropLast()) : plan.recipe.text
        return ["## Recipe", "", fence + "yaml", body, fence]
    }
}
