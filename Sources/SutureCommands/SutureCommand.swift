package import ArgumentParser
import SutureKit

/// The root command, `suture`.
package struct SutureCommand: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "suture",
        abstract: "Layer surgery on language-model checkpoints.",
        discussion: """
            A recipe says which layers of which models make the new one: stacks, splices, blends. Everything that can be \
            wrong is found from headers, before a weight is read.

            Examples:
              suture check recipe.yml                       what is wrong with it
              suture plan recipe.yml                        what it would make
              suture build recipe.yml -o out                make it
              suture build recipe.yml -o out --input base=owner/name --param keep=24
              suture inspect owner/name                     the layers and roles of a model

            Recipes are native ('slicegraph: 1') or mergekit files as they are found. Models are folders, or names on \
            the Hugging Face hub, of which only what is needed is fetched; 'synthetic:llama?layers=8&hidden=64' makes a small one up.
            """,
        version: ToolVersion.number,
        subcommands: [
            BuildCommand.self, PlanCommand.self, CheckCommand.self, InspectCommand.self, ExplainCommand.self,
            DiffCommand.self, IdentifyCommand.self, VocabCommand.self, MethodsCommand.self, VerifyCommand.self,
            LockCommand.self,
            RunCommand.self,
            StatusCommand.self,
            FinishCommand.self, ExportCommand.self, FetchCommand.self, CacheCommand.self, PackCommand.self,
            UnpackCommand.self, RecipeCommand.self,
        ]
    )

    package init() {}
}
