import ArgumentParser

/// `suture recipe`: work on recipe files.
struct RecipeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "recipe",
        abstract: "Write, expand, convert and find recipes.",
        discussion: """
            Examples:
              suture recipe new solar --base mistralai/Mistral-7B-v0.1 > solar.yml
              suture recipe expand merge.yml
              suture recipe convert merge.yml --to mergekit
              suture recipe list
              suture recipe schema > recipe.schema.json
            """,
        subcommands: [
            RecipeNewCommand.self, RecipeExpandCommand.self, RecipeConvertCommand.self, RecipeListCommand.self,
            RecipeSchemaCommand.self,
        ]
    )
}
