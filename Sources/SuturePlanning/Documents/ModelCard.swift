import SutureCheckpoints
import SutureJSON
import SutureMerging
import SutureTensors

/// Writes the output's `README.md`: the hub's front matter, then what was made and how.
///
/// The front matter's keys are those by which the hub builds its model tree: `base_model` lists each hub id once, and
/// models that only have a path are left out of it rather than named wrongly. Every sentence follows from the plan, and
/// no path of this machine stands in it.
struct ModelCard {
    let plan: Plan
    private let privacy: CardPrivacy

    init(plan: Plan) {
        self.plan = plan
        privacy = CardPrivacy(plan)
    }

    /// The whole text.
    var text: String {
        ([frontMatter, "# \(plan.recipe.name)", ""] + summary + stack + tensors + models + command + recipe)
            .joined(separator: "\n") + "\n"
    }

    private var frontMatter: String {
        var lines = ["---"]
        let ids = plan.sources.compactMap(\.hubID).reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
        lines.append(ids.isEmpty ? "base_model: []" : "base_model:")
        lines += ids.map { "- \($0)" }
        if !ids.isEmpty { lines.append("base_model_relation: merge") }
        let isOfSentences = plan.companions.contains { $0.name == "modules.json" }
        lines += ["library_name: \(isOfSentences ? "sentence-transformers" : "transformers")", "tags:"]
        if plan.recipe.dialect == "mergekit" { lines.append("- mergekit") }
        lines += ["- merge", "- suture"]
        if plan.mergeMethods.isEmpty { lines.append("- frankenmerge") }
        lines += ["---", ""]
        return lines.joined(separator: "\n")
    }

    private var summary: [String] {
        let models = plan.sources.count == 1 ? "one model" : "\(plan.sources.count) models"
        let layers = plan.stack.layerCount == 1 ? "one layer" : "\(plan.stack.layerCount) layers"
        let methods = plan.methodTitles
        let merged = methods.isEmpty ? "" : " Merge methods: \(methods.joined(separator: ", "))."
        return (plan.recipe.summary.map { [$0, ""] } ?? []) + [
            "Made with \(ToolVersion.text) from \(models): \(layers), weights in \(dtypes).\(merged)", "",
        ]
    }

    private var dtypes: String {
        let all = plan.dtypes.map { (name: $0.dtype.recipeNames.first ?? $0.dtype.rawValue, count: $0.count) }
        guard all.count > 1 else { return all.first?.name ?? "no dtype" }
        return all.map { "\($0.name) (\(tensorCount($0.count)))" }.joined(separator: ", ")
    }

    private var stack: [String] {
        let legend = StackLegend(plan.stack).lines
        return ["## Stack", "", "| layers | from |", "|---|---|"]
            + plan.stack.runs.map { run in
                let numbers =
                    run.layers.count == 1
                    ? "\(run.layers.lowerBound)" : "\(run.layers.lowerBound)-\(run.layers.upperBound - 1)"
                return "| \(numbers) | `\(run.label)` |"
            } + [""] + legend.map { "`\($0.sign)`: \($0.meaning)." } + (legend.isEmpty ? [] : [""])
    }

    private var tensors: [String] {
        ["## Tensors", "", "| tensors | made how |", "|---|---|"]
            + plan.makings.map { "| \($0.count) | \($0.making.inWords) |" } + [""]
    }

    private func tensorCount(_ count: Int) -> String { count == 1 ? "1 tensor" : "\(count) tensors" }

    private var models: [String] {
        ["## Models", ""]
            + plan.sources.map { source in
                let name = privacy.shown(source.reference)
                let link = source.hubID.map { "[\($0)](https://huggingface.co/\($0))" } ?? "`\(name)`"
                let adapter = CheckpointReference(parsing: source.reference).adapter.map { privacy.shown($0) }
                let more = source.hubID == nil ? "" : adapter.map { " with the adapter `\($0)`" } ?? ""
                return "- `\(source.name)`: \(link)" + more + (source.revision.map { " at `\($0)`" } ?? "")
            } + [""]
    }

    /// The command that made it, as far as it decides what is made.
    private var command: [String] {
        let given = plan.recipe.given
        var words = ["suture build", fileName(of: plan.recipe.path)]
        for (name, model) in given.inputs.sorted(by: { $0.key < $1.key }) {
            words.append("--input \(quoted("\(name)=\(privacy.shown(model))"))")
        }
        for (name, value) in given.parameters.sorted(by: { $0.key < $1.key }) {
            words.append("--param \(quoted("\(name)=\(value)"))")
        }
        words += given.accepted.map { "--accept \(quoted($0))" }
        if let size = given.shardSize { words.append("--shard-size \(size)") }
        if plan.settings.seed != 0 { words.append("--seed \(plan.settings.seed)") }
        if let version = plan.settings.compatibility { words.append("--compat \(version.name)") }
        if given.roundsStages { words.append("--stage-rounding") }
        words.append("-o \(quoted(plan.recipe.name))")
        return ["## Command", "", "```sh", words.joined(separator: " "), "```", ""]
    }

    private func fileName(of path: String) -> String {
        path == "<stdin>" ? "-" : quoted(path.split(separator: "/").last.map(String.init) ?? path)
    }

    /// A word as a shell reads it back.
    private func quoted(_ word: String) -> String {
        let isPlain = word.unicodeScalars.allSatisfy { scalar in
            scalar.isASCII
                && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar)
                    || "-_=./@+:,".unicodeScalars.contains(scalar))
        }
        return isPlain
            ? word : "'" + word.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
    }

    private var recipe: [String] {
        let text = privacy.shown(inRecipe: plan.recipe.standing)
        // A fence longer than any in the recipe cannot be closed by it.
        var fence = "```"
        while text.contains(fence) { fence += "`" }
        let body = text.hasSuffix("\n") ? String(text.dropLast()) : text
        return ["## Recipe", "", fence + "yaml", body, fence]
    }
}
