import ArgumentParser
import SutureKit

/// `suture recipe schema`: the JSON Schema of native recipes.
struct RecipeSchemaCommand: ParsableCommand {
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

    func run() throws {
        Terminal.answer(Surgery.recipeSchema)
    }
}
