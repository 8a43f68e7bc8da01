import ArgumentParser
import SutureKit

/// `suture fetch`: brings what a recipe reads of the hub, or a model.
struct FetchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fetch",
        abstract: "Fetch what a recipe reads of models on the hub, or a whole model.",
        discussion: """
            Of a recipe's models only the ranges that its plan reads are fetched; they are kept, and \
            'suture build RECIPE --offline' then needs no network. What is there already is not fetched again, also when \
            an earlier run was killed. Whole files go into the Hugging Face cache, where its other tools find them. \
            HF_TOKEN, HF_ENDPOINT and HF_HUB_CACHE count as they do there.

            Examples:
              suture fetch solar.yml
              suture fetch solar.yml --whole
              suture fetch mistralai/Mistral-7B-v0.1
            """
    )

    @Argument(help: "A recipe, or owner/name[@revision].", completion: .file(extensions: ["yaml", "yml"]))
    var source: String

    @OptionGroup(title: "Recipe") var options: RecipeOptions

    @Flag(help: "Fetch the files of a recipe's models whole.")
    var whole = false

    @Flag(help: "Print as JSON.")
    var json = false

    func run() throws { try Reporting.run(json: json) { try work() } }

    private func work() throws {
        let progress = ProgressLine(total: 0)
        defer { progress.finish() }
        let plan = try Surgery.isRecipe(source, environment: options.environment) ? options.plan(source) : nil
        if let plan, plan.plan == nil { throw CommandFailure(plan.diagnostics) }
        Interruption.watch()
        do throws(Surgery.BuildError) {
            var folder: String?
            let count: Int
            if let plan = plan?.plan {
                count = try Surgery.fetch(
                    plan,
                    whole: whole,
                    environment: options.environment,
                    isCancelled: { Interruption.isRequested },
                    onProgress: { progress.hear($0) }
                )
            } else {
                (folder, count) = try Surgery.fetch(
                    model: source,
                    environment: options.environment,
                    isCancelled: { Interruption.isRequested },
                    onProgress: { progress.hear($0) }
                )
            }
            progress.finish()
            Terminal.say(count == 0 ? "all of it is here" : "fetched \(ByteSize.format(count))")
            if json {
                Terminal.answer(KeptJSON.text([("fetched", count)], folder: folder))
            } else if let folder {
                Terminal.answer(folder + "\n")
            }
        } catch {
            throw CommandFailure(error)
        }
    }
}
