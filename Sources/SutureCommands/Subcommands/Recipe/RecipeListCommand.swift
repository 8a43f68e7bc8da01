import ArgumentParser
import SutureKit

/// `suture recipe list`: the recipes that can be found, with what they do and what they ask for.
struct RecipeListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the recipes in recipes/ and on SUTURE_RECIPES.",
        discussion: """
            SUTURE_RECIPES names folders, one after another with ':' between. A recipe that is listed can be given \
            to the other commands by its name.

            Examples:
              suture recipe list
              SUTURE_RECIPES=~/recipes suture recipe list
            """
    )

    @Flag(help: "Print as JSON.")
    var json = false

    func run() throws {
        let shelf = RecipeShelf(environment: Terminal.environment)
        let recipes = shelf.recipes()
        if json {
            Terminal.answer(RecipeShelf.json(recipes))
            return
        }
        if recipes.isEmpty { Terminal.say("no recipes in " + shelf.folders.joined(separator: ", ")) }
        for recipe in recipes {
            Terminal.answer("\(recipe.name)\n  \(recipe.path)\n")
            if let summary = recipe.summary { Terminal.answer("  \(summary)\n") }
            for input in recipe.inputs { Terminal.answer("  --input \(input)\n") }
            for parameter in recipe.parameters { Terminal.answer("  --param \(parameter)\n") }
        }
    }
}
