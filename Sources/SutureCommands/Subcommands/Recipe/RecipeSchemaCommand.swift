import ArgumentParser
import SuturePlanning
import SutureRecipes

/// `suture recipe schema`: the JSON Schema of native recipes.
struct RecipeSchemaCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schema",
        abstract: "Print the JSON Schema of recipes, by which editors complete and check them.",
        discussion: """
            Examples:
              suture recipe schema > recipe.schema.json
              # in a recipe, for editors with a YAML language server:
              # yaml-language-server: $schema=recipe.schema.json
            """
    )

    func run() async throws {
        Terminal.answer(RecipeSchema.jsonSchema(.registered))
    }
}
