/// What the output's small files are called.
package enum DocumentNames {
    /// What the model is.
    package static let config = "config.json"

    /// The model card.
    package static let card = "README.md"

    /// What everything in the folder is, and where it came from.
    package static let manifest = "manifest.json"

    /// The recipe's file; a mergekit file keeps the name under which the hub looks for it.
    package static func recipe(dialect: String) -> String {
        dialect == "mergekit" ? "mergekit_config.yml" : "recipe.yml"
    }
}
