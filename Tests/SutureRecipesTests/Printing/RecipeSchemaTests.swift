import SutureJSON
import SutureRecipes
import Testing

@Suite("The JSON Schema of recipes")
struct RecipeSchemaTests {
    let schema = RecipeSchema.jsonSchema(vocabulary)

    /// Keys that the parser takes, each with a recipe that would not be read without it being known.
    @Test(
        "knows every key that the language page names",
        arguments: [
            "slicegraph", "name", "version", "description", "imports", "inputs", "params", "let", "graph", "output",
            "expect", "model", "revision", "adapter", "optional", "type", "default", "min", "max", "choices", "slice",
            "stack", "splice", "blend", "expand", "edit", "use", "from", "repeat", "reverse", "scale", "set", "foreach",
            "do", "window", "of", "size", "step", "interleave", "run", "onto", "take", "where", "method", "base",
            "every", "after", "insert", "copy", "recipe", "override", "node", "ends", "config", "tokenizer", "dtype",
            "tokens", "pad_to_multiple_of", "compute_dtype", "round_stages", "chat_template", "shard_size", "drop",
            "embed", "norm", "head", "layers",
            "architecture", "hidden", "vocab", "parameters", "identity_of", "curve", "over", "value",
        ]
    )
    func knowsKeys(key: String) {
        #expect(schema.contains("\"\(key)\": {"))
    }

    @Test("offers methods, parameters and roles of the vocabulary")
    func offersTheVocabulary() {
        for word in vocabulary.methods.map(\.name) + vocabulary.roles
            + vocabulary.methods.flatMap(\.parameters).map(\.name)
        {
            #expect(schema.contains("\"\(word)\""))
        }
    }

    @Test("offers the dtypes in which a result can be written, and no others")
    func offersDTypes() {
        for name in ["bfloat16", "float16", "float32"] { #expect(schema.contains("\"\(name)\"")) }
        for name in ["int8", "uint8", "int64"] { #expect(!schema.contains("\"\(name)\"")) }
    }

    @Test("is JSON whose references lead somewhere")
    func isSound() throws {
        let definitions = try JSONParser.parse(Array(schema.utf8)).object?["$defs"]?.object
        for part in schema.split(separator: "#/$defs/").dropFirst() {
            let name = part.prefix { $0 != "\"" }
            #expect(definitions?[String(name)]?.object != nil)
        }
    }
}
