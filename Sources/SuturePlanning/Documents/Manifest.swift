import SutureCheckpoints
import SutureTensors

/// Writes `manifest.json`: for every tensor of the output, where it came from.
struct Manifest {
    let plan: Plan

    /// The whole text.
    var text: String {
        let object: JSONObject = [
            "tool": .string(ToolVersion.text),
            "recipe": .object([
                "name": .string(plan.recipe.name),
                "dialect": .string(plan.recipe.dialect),
                "file": .string(DocumentNames.recipe(dialect: plan.recipe.dialect)),
            ]),
            "settings": PlanJSON.settings(plan.settings),
            "sources": .array(plan.sources.map(PlanJSON.source)),
            "donors": .array(plan.donors.map(PlanJSON.donor)),
            "shards": .array(
                plan.shards.map { shard in
                    .object(["name": .string(shard.name), "bytes": .int(shard.byteCount)])
                }
            ),
            "tensors": .object(
                JSONObject(
                    plan.tensors.map { tensor in
                        JSONObject.Member(
                            tensor.spec.name,
                            .object([
                                "dtype": .string(tensor.spec.dtype.rawValue),
                                "shape": .array(tensor.spec.shape.dimensions.map(JSONValue.int)),
                                "shard": .string(plan.shards[tensor.shard].name),
                                "from": .string(tensor.expression.text(in: plan)),
                            ])
                        )
                    }
                )
            ),
        ]
        return JSONPrinter.print(.object(object), indent: 1) + "\n"
    }
}

/// What the output's small files are called.
enum DocumentNames {
    static let config = "config.json"
    static let card = "README.md"
    static let manifest = "manifest.json"

    /// The recipe's file; a mergekit file keeps the name under which the hub looks for it.
    static func recipe(dialect: String) -> String { dialect == "mergekit" ? "mergekit_config.yml" : "recipe.yml" }
}
