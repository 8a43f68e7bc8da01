import SutureCheckpoints
import SutureJSON
import SutureTensors

extension Manifest {
    /// The whole text: JSON of one space a level, the last member the hash of all text before it.
    package var text: String {
        let object: JSONObject = [
            "manifest": .int(Self.version),
            "tool": .string(tool),
            "recipe": .object(json(of: recipe)),
            "plan": .string(plan.description),
            "settings": PlanJSON.settings(settings),
            "sources": .array(sources.map(json)),
            "donors": .array(donors.map(PlanJSON.donor)),
            "shards": .array(
                shards.map { shard in
                    .object([
                        "name": .string(shard.name), "bytes": .int(shard.byteCount),
                        "data_start": .int(shard.dataStart), "header": .string(shard.header.description),
                    ])
                }
            ),
            "files": .array(
                files.map { file in
                    .object([
                        "name": .string(file.name), "bytes": .int(file.byteCount),
                        "hash": .string(file.hash.description),
                    ])
                }
            ),
            "tensors": .object(tensorMembers),
        ]
        // The closing line break and brace give way to the last member.
        let body = String(JSONPrinter.print(.object(object), indent: 1).dropLast(2))
        return body + Self.seal(of: body)
    }

    /// The version of the format.
    static let version = 1

    /// What closes a manifest whose text so far is `body`.
    static func seal(of body: String) -> String { ",\n \"hash\": \"\(ContentHash(of: body))\"\n}\n" }

    private func json(of recipe: Recipe) -> JSONObject {
        var object: JSONObject = [
            "name": .string(recipe.name), "dialect": .string(recipe.dialect), "file": .string(recipe.file),
            "hash": .string(recipe.hash.description),
        ]
        func add(_ key: String, _ values: [String: String]) {
            guard !values.isEmpty else { return }
            object[key] = .object(
                JSONObject(values.sorted { $0.key < $1.key }.map { JSONObject.Member($0.key, .string($0.value)) })
            )
        }
        add("inputs", recipe.given.inputs)
        add("paths", recipe.given.paths)
        add("parameters", recipe.given.parameters)
        if let size = recipe.given.shardSize { object["shard_size"] = .int(size) }
        if recipe.given.roundsStages { object["stage_rounding"] = .bool(true) }
        if recipe.given.keepsFiles { object["link"] = .bool(true) }
        if !recipe.given.accepted.isEmpty {
            object["accept"] = .array(recipe.given.accepted.map(JSONValue.string))
        }
        if let flat = recipe.given.flat { object["flat"] = .string(flat) }
        return object
    }

    private func json(of source: Source) -> JSONValue {
        .object([
            "name": .string(source.name),
            "reference": .string(source.reference),
            "hub_id": source.hubID.map(JSONValue.string) ?? .null,
            "revision": source.revision.map(JSONValue.string) ?? .null,
            "files": .array(
                source.files.map { file in
                    .object([
                        "name": .string(file.name), "bytes": .int(file.byteCount),
                        "sha256": file.sha256.map { .string($0.digits) } ?? .null,
                    ])
                }
            ),
        ])
    }

    private var tensorMembers: JSONObject {
        var ends = shards.map(\.dataStart)
        return JSONObject(
            tensors.map { tensor in
                var object: JSONObject = [
                    "dtype": .string(tensor.spec.dtype.rawValue),
                    "shape": .array(tensor.spec.shape.dimensions.map(JSONValue.int)),
                    "shard": .string(shards[tensor.shard].name),
                ]
                // Most formats have tensors follow one another, and that goes without saying.
                if tensor.offset != ends[tensor.shard] { object["offset"] = .int(tensor.offset) }
                ends[tensor.shard] = tensor.offset + tensor.spec.byteCount
                object["from"] = .string(tensor.origin)
                object["hash"] = tensor.hash.map { .string($0.description) } ?? .null
                return JSONObject.Member(tensor.spec.name, .object(object))
            }
        )
    }
}
