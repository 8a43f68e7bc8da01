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
        let definitions = RecipeMapping.allCases.filter { $0 != .recipe }.map { ($0.rawValue, builder.mapping($0)) }
        let schema = SchemaJSON.object([
            ("$schema", .text("https://json-schema.org/draft/2020-12/schema")),
            ("title", .text("Suture slice-graph recipe, version 1")),
        ])
        guard case .object(let pairs) = root else { return "" }
        return schema.adding(pairs)
            .adding([("$defs", .object(definitions + builder.sharedDefinitions))])
            .printed() + "\n"
    }
}

/// Turns declared keys into schemas.
private struct SchemaBuilder {
    let vocabulary: RecipeVocabulary

    private static let name = "^[A-Za-z_][A-Za-z0-9_.-]*$"

    /// A text with an expression in it.
    private static let computed = SchemaJSON.object([("type", .text("string")), ("pattern", .text("\\$\\{"))])

    func mapping(_ mapping: RecipeMapping) -> SchemaJSON {
        var pairs: [(String, SchemaJSON)] = [
            ("type", .text("object")),
            (
                "properties",
                .object(
                    mapping.keys.map { key in
                        (key.name, schema(key.form).adding([("description", .text(key.summary))]))
                    } + (mapping.isOpen ? parameters(where: \.isPerInput) : [])
                )
            ),
        ]
        let required = mapping.keys.filter(\.isRequired).map(\.name)
        if !required.isEmpty { pairs.append(("required", .texts(required))) }
        if mapping.isChoice { pairs += [("minProperties", .integer(1)), ("maxProperties", .integer(1))] }
        if mapping == .expand {
            let places = ["every", "after"].map { SchemaJSON.object([("required", .texts([$0]))]) }
            pairs.append(("oneOf", .list(places)))
        }
        if mapping == .blend || mapping == .takeBlend { pairs.append(("allOf", .list(methods(of: mapping)))) }
        pairs.append(("patternProperties", .object([("^x-", .boolean(true))])))
        pairs.append(("additionalProperties", mapping.isOpen ? reference("value") : .boolean(false)))
        return .object(pairs)
    }

    private func reference(_ name: String) -> SchemaJSON { .object([("$ref", .text("#/$defs/\(name)"))]) }

    private func schema(_ form: ValueForm) -> SchemaJSON {
        switch form {
        case .version: .object([("const", .integer(1))])
        case .text, .run, .slice: .object([("type", .text("string"))])
        case .integer: anyOf([.object([("type", .text("integer"))]), Self.computed])
        case .number: anyOf([.object([("type", .text("number"))]), Self.computed])
        case .boolean: anyOf([.object([("type", .text("boolean"))]), Self.computed])
        case .scalar: .object([("type", .texts(["string", "number", "boolean"]))])
        case .name: .object([("type", .text("string")), ("pattern", .text(Self.name))])
        case .dtype: .object([("enum", .texts(DType.written.flatMap(\.recipeNames)))])
        case .size: .object([("type", .texts(["string", "integer"]))])
        case .choice(let words): .object([("enum", .texts(words))])
        case .method: anyOf([.object([("enum", .texts(vocabulary.methods.map(\.name)))]), Self.computed])
        case .selector: reference("selector")
        case .value: reference("value")
        case .roleValues: reference("roleValues")
        case .methodParameters:
            .object([
                ("type", .text("object")), ("properties", .object(parameters { _ in true })),
                ("additionalProperties", reference("value")),
            ])
        case .paths: .object([("type", .text("object"))])
        case .list(let form): .object([("type", .text("array")), ("items", schema(form))])
        case .names(let form):
            .object([
                ("type", .text("object")), ("propertyNames", .object([("pattern", .text(Self.name))])),
                ("patternProperties", .object([("^x-", .boolean(true))])), ("additionalProperties", schema(form)),
            ])
        case .mapping(let mapping): reference(mapping.rawValue)
        case .either(let forms): anyOf(forms.map(schema))
        case .anything: .object([])
        }
    }

    private func anyOf(_ schemas: [SchemaJSON]) -> SchemaJSON { .object([("anyOf", .list(schemas))]) }

    /// The parameters of all methods, each name once.
    private func parameters(where isWanted: (RecipeVocabulary.Parameter) -> Bool) -> [(String, SchemaJSON)] {
        var seen: Set<String> = []
        return vocabulary.methods.flatMap(\.parameters).filter { isWanted($0) && seen.insert($0.name).inserted }
            .map { ($0.name, reference("value").adding([("description", .text($0.summary))])) }
    }

    /// What each method asks of the mapping that names it.
    private func methods(of mapping: RecipeMapping) -> [SchemaJSON] {
        vocabulary.methods.map { method in
            let names = SchemaJSON.object([("enum", .texts(method.parameters.map(\.name)))])
            var consequence: [(String, SchemaJSON)] = [
                ("properties", .object([("params", .object([("propertyNames", names)]))]))
            ]
            if mapping == .blend, method.base == .required { consequence.append(("required", .texts(["base"]))) }
            let condition = SchemaJSON.object([
                ("properties", .object([("method", .object([("const", .text(method.name))]))])),
                ("required", .texts(["method"])),
            ])
            return .object([("if", condition), ("then", .object(consequence))])
        }
    }

    /// The schemas of values that have no keys of their own.
    var sharedDefinitions: [(String, SchemaJSON)] {
        let scalar = SchemaJSON.object([("type", .texts(["string", "number", "boolean"]))])
        let cases = SchemaJSON.object([
            ("type", .text("array")), ("items", reference("valueCase")), ("minItems", .integer(1)),
        ])
        let value = anyOf([scalar, reference("curve"), reference("valueCase"), cases])
        let role = anyOf([
            .object([("enum", .texts(vocabulary.roles))]), .object([("type", .text("string"))]),
        ])
        let byName = SchemaJSON.object([
            ("type", .text("object")),
            ("properties", .object([("name", .object([("type", .text("string"))])), ("not", reference("selector"))])),
            ("minProperties", .integer(1)), ("maxProperties", .integer(1)), ("additionalProperties", .boolean(false)),
        ])
        let term = anyOf([role, byName])
        let selector = anyOf([
            role, byName, .object([("type", .text("array")), ("items", term), ("minItems", .integer(1))]),
        ])
        let byRole = SchemaJSON.object([
            ("type", .text("object")), ("propertyNames", role), ("minProperties", .integer(1)),
            ("additionalProperties", reference("value")),
        ])
        return [("value", value), ("selector", selector), ("roleValues", anyOf([reference("value"), byRole]))]
    }
}
