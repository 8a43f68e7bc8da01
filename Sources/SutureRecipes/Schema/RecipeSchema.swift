import SutureJSON
import SutureTensors

/// The JSON Schema (draft 2020-12) of native recipes, by which editors complete and check them.
package enum RecipeSchema {
    /// Returns the schema's text.
    ///
    /// - Parameter vocabulary: The methods and roles that recipes may name.
    /// - Returns: JSON, ending in a line break.
    package static func jsonSchema(_ vocabulary: RecipeVocabulary) -> String {
        let builder = SchemaBuilder(vocabulary: vocabulary)
        let root = builder.mapping(.recipe)
        let definitions = RecipeMapping.recipe.reachable.dropFirst().map { ($0.name, builder.mapping($0)) }
        let schema = JSONValue.members([
            ("$schema", "https://json-schema.org/draft/2020-12/schema"),
            ("title", "Suture slice-graph recipe, version 1"),
        ])
        let members = root.object?.members.map { ($0.key, $0.value) } ?? []
        let all = schema.adding(members).adding([("$defs", .members(definitions + builder.sharedDefinitions))])
        return JSONPrinter.print(all, indent: 2) + "\n"
    }
}

/// Turns declared keys into schemas.
private struct SchemaBuilder {
    let vocabulary: RecipeVocabulary

    private static let name = "^[A-Za-z_][A-Za-z0-9_.-]*$"

    /// A text with an expression in it.
    private static let computed = JSONValue.members([("type", .string("string")), ("pattern", .string("\\$\\{"))])

    func mapping(_ mapping: RecipeMapping) -> JSONValue {
        var pairs: [(String, JSONValue)] = [
            ("type", .string("object")),
            (
                "properties",
                .members(
                    mapping.keys.map { key in
                        (key.name, schema(key.form).adding([("description", .string(key.summary))]))
                    } + (mapping.isOpen ? parameters(where: \.isPerInput) : [])
                )
            ),
        ]
        let required = mapping.keys.filter(\.isRequired).map(\.name)
        if !required.isEmpty { pairs.append(("required", .words(required))) }
        if mapping.isChoice { pairs += [("minProperties", .int(1)), ("maxProperties", .int(1))] }
        if mapping == .expand {
            let places = ["every", "after"].map { JSONValue.members([("required", .words([$0]))]) }
            pairs.append(("oneOf", .array(places)))
        }
        if mapping == .blend || mapping == .takeBlend { pairs.append(("allOf", .array(methods(of: mapping)))) }
        pairs.append(("patternProperties", .members([("^x-", .bool(true))])))
        pairs.append(("additionalProperties", mapping.isOpen ? reference("value") : .bool(false)))
        return .members(pairs)
    }

    private func reference(_ name: String) -> JSONValue { .members([("$ref", .string("#/$defs/\(name)"))]) }

    private func schema(_ form: ValueForm) -> JSONValue {
        switch form {
        case .version: .members([("const", .int(1))])
        case .text, .run, .slice: .members([("type", .string("string"))])
        case .integer: anyOf([.members([("type", .string("integer"))]), Self.computed])
        case .number: anyOf([.members([("type", .string("number"))]), Self.computed])
        case .boolean: anyOf([.members([("type", .string("boolean"))]), Self.computed])
        case .scalar: .members([("type", .words(["string", "number", "boolean"]))])
        case .name: .members([("type", .string("string")), ("pattern", .string(Self.name))])
        case .dtype: .members([("enum", .words(DType.written.flatMap(\.recipeNames)))])
        case .size: .members([("type", .words(["string", "integer"]))])
        case .choice(let words): .members([("enum", .words(words))])
        case .method: anyOf([.members([("enum", .words(vocabulary.methods.map(\.name)))]), Self.computed])
        case .selector: reference("selector")
        case .value: reference("value")
        case .roleValues: reference("roleValues")
        case .methodParameters:
            .members([
                ("type", .string("object")), ("properties", .members(parameters { _ in true })),
                ("additionalProperties", reference("value")),
            ])
        case .paths: .members([("type", .string("object"))])
        case .list(let form): .members([("type", .string("array")), ("items", schema(form))])
        case .names(let form):
            .members([
                ("type", .string("object")), ("propertyNames", .members([("pattern", .string(Self.name))])),
                ("patternProperties", .members([("^x-", .bool(true))])), ("additionalProperties", schema(form)),
            ])
        case .mapping(let mapping): reference(mapping.name)
        case .either(let forms): anyOf(forms.map(schema))
        case .anything: .members([])
        }
    }

    private func anyOf(_ schemas: [JSONValue]) -> JSONValue { .members([("anyOf", .array(schemas))]) }

    /// The parameters of all methods, each name once.
    private func parameters(where isWanted: (RecipeVocabulary.Parameter) -> Bool) -> [(String, JSONValue)] {
        var seen: Set<String> = []
        return vocabulary.methods.flatMap(\.parameters).filter { isWanted($0) && seen.insert($0.name).inserted }
            .map { ($0.name, reference("value").adding([("description", .string($0.summary))])) }
    }

    /// What each method asks of the mapping that names it.
    private func methods(of mapping: RecipeMapping) -> [JSONValue] {
        vocabulary.methods.map { method in
            let names = JSONValue.members([("enum", .words(method.parameters.map(\.name)))])
            var consequence: [(String, JSONValue)] = [
                ("properties", .members([("params", .members([("propertyNames", names)]))]))
            ]
            if mapping == .blend, method.base == .required { consequence.append(("required", .words(["base"]))) }
            let condition = JSONValue.members([
                ("properties", .members([("method", .members([("const", .string(method.name))]))])),
                ("required", .words(["method"])),
            ])
            return .members([("if", condition), ("then", .members(consequence))])
        }
    }

    /// The schemas of values that have no keys of their own.
    var sharedDefinitions: [(String, JSONValue)] {
        let scalar = JSONValue.members([("type", .words(["string", "number", "boolean"]))])
        let cases = JSONValue.members([
            ("type", .string("array")), ("items", reference("valueCase")), ("minItems", .int(1)),
        ])
        let value = anyOf([scalar, reference("curve"), reference("valueCase"), cases])
        let role = anyOf([
            .members([("enum", .words(vocabulary.roles))]), .members([("type", .string("string"))]),
        ])
        let byName = JSONValue.members([
            ("type", .string("object")),
            (
                "properties",
                .members([("name", .members([("type", .string("string"))])), ("not", reference("selector"))])
            ),
            ("minProperties", .int(1)), ("maxProperties", .int(1)), ("additionalProperties", .bool(false)),
        ])
        let term = anyOf([role, byName])
        let selector = anyOf([
            role, byName, .members([("type", .string("array")), ("items", term), ("minItems", .int(1))]),
        ])
        let byRole = JSONValue.members([
            ("type", .string("object")), ("propertyNames", role), ("minProperties", .int(1)),
            ("additionalProperties", reference("value")),
        ])
        return [("value", value), ("selector", selector), ("roleValues", anyOf([reference("value"), byRole]))]
    }
}

extension JSONValue {
    /// An object of these members.
    fileprivate static func members(_ members: [(String, JSONValue)]) -> JSONValue {
        .object(JSONObject(members.map { JSONObject.Member($0, $1) }))
    }

    /// A list of texts.
    fileprivate static func words(_ texts: [String]) -> JSONValue { .array(texts.map(JSONValue.string)) }

    /// The same object with more in it; other values stay as they are.
    fileprivate func adding(_ more: [(String, JSONValue)]) -> JSONValue {
        guard let object else { return self }
        return .object(JSONObject(object.members + more.map { JSONObject.Member($0, $1) }))
    }
}
