// The keys of the native dialect, but for those of operators, which stand beside their operators.

extension RecipeMapping {
    static let recipe = RecipeMapping("recipe", "a recipe") {
        [
            KeyDeclaration("slicegraph", .version, isRequired: true, "the version of the recipe language"),
            KeyDeclaration("name", .text, "a short name, such as solar-style"),
            KeyDeclaration("version", .either([.text, .scalar]), "the author's version of the recipe"),
            KeyDeclaration("description", .text, "what the recipe does"),
            KeyDeclaration("imports", .names(.text), "recipes to call with 'use': alias and path from this file"),
            KeyDeclaration(
                "inputs",
                .names(.either([.text, .mapping(.input)])),
                "the checkpoints: a folder or owner/name[@revision][+adapter]; {} is for the caller to give"
            ),
            KeyDeclaration(
                "params",
                .names(.either([.scalar, .mapping(.parameter), .mapping(.curve)])),
                "typed knobs that --param turns"
            ),
            KeyDeclaration("let", .names(.scalar), "named expressions over params and facts such as base.layers"),
            KeyDeclaration("graph", .names(.mapping(.node)), isRequired: true, "the nodes: each exactly one operator"),
            KeyDeclaration("output", .mapping(.output), "what is written, and how"),
            KeyDeclaration("expect", .mapping(.expect), "what the result must be; anything else is an error"),
        ]
    }

    static let input = RecipeMapping("input", "an input") {
        [
            KeyDeclaration("model", .text, "a folder or owner/name[@revision]"),
            KeyDeclaration("revision", .text, "a branch, tag or commit of the model"),
            KeyDeclaration("adapter", .text, "a LoRA that is added to the model"),
            KeyDeclaration("architecture", .text, "the architecture class to take it for"),
            KeyDeclaration("optional", .boolean, "whether the recipe runs without it"),
        ]
    }

    static let parameter = RecipeMapping("parameter", "a parameter") {
        [
            KeyDeclaration(
                "type",
                .choice(SliceGraph.ParameterDeclaration.Kind.allCases.map(\.rawValue)),
                isRequired: true,
                "what values it takes"
            ),
            KeyDeclaration("default", .either([.value, .list(.number)]), "the value when the caller gives none"),
            KeyDeclaration("min", .number, "the least value"),
            KeyDeclaration("max", .number, "the greatest value"),
            KeyDeclaration("choices", .list(.text), "the values of an enum"),
            KeyDeclaration("description", .text, "what it does"),
        ]
    }

    static let node = RecipeMapping("node", "a node", isChoice: true) { Operation.operators.map { $0.declaration } }

    static let output = RecipeMapping("output", "'output'") {
        [
            KeyDeclaration("node", .name, "the node that is written: out unless given"),
            KeyDeclaration("ends", .mapping(.ends), "whose embedding, final norm and head are written"),
            KeyDeclaration("modules", .names(.slice), "what towers and projectors are made of, by module"),
            KeyDeclaration("config", .name, "the input whose config.json is the donor"),
            KeyDeclaration(
                "tokenizer",
                .either([.name, .mapping(.tokenizer)]),
                "the input whose tokens are written, or base, or union"
            ),
            KeyDeclaration("dtype", .dtype, "how the result is stored; the sources' unless given"),
            KeyDeclaration("compute_dtype", .dtype, "how arithmetic is done: float32"),
            KeyDeclaration("round_stages", .boolean, "whether every node's result is rounded, as stages on disk are"),
            KeyDeclaration("chat_template", .text, "an input's, a known name, a template, or a file"),
            KeyDeclaration("shard_size", .size, "the most bytes in a file: 5GB unless given"),
            KeyDeclaration("drop", .list(.text), "globs over names of tensors that are left out on purpose"),
            KeyDeclaration("accept", .list(.text), "differences between sources that are meant, such as rope_theta"),
            KeyDeclaration("seed", .integer, "the seed of random methods"),
        ]
    }

    static let ends = RecipeMapping("ends", "'ends'") {
        [
            KeyDeclaration("embed", .slice, "the embedding's owner"),
            KeyDeclaration("norm", .slice, "the final norm's owner"),
            KeyDeclaration("head", .slice, "the head's owner"),
        ]
    }

    static let tokenizer = RecipeMapping("tokenizer", "'tokenizer'") {
        [
            KeyDeclaration("source", .name, "the input whose tokens are written, or base, or union"),
            KeyDeclaration(
                "base",
                .name,
                "the input whose tokens come first, and whose rows stand in for lacking ones"
            ),
            KeyDeclaration("special", .name, "the input whose begin, end and padding tokens are written"),
            KeyDeclaration("tokens", .paths, "where the row of a token comes from: {source:, force:} by token"),
            KeyDeclaration("pad_to_multiple_of", .integer, "what the number of rows is to be a multiple of"),
        ]
    }

    static let expect = RecipeMapping("expect", "'expect'") {
        [
            KeyDeclaration("layers", .integer, "the number of layers"),
            KeyDeclaration("architecture", .text, "the architecture class, such as LlamaForCausalLM"),
            KeyDeclaration("hidden", .integer, "the hidden size"),
            KeyDeclaration("vocab", .integer, "the rows of the embedding"),
            KeyDeclaration("parameters", .either([.number, .text]), "the number of parameters"),
            KeyDeclaration("identity_of", .name, "the input whose results the model must give"),
        ]
    }

    static let curve = RecipeMapping("curve", "a curve") {
        [
            KeyDeclaration(
                "curve",
                .list(.number),
                isRequired: true,
                "points, evenly spaced; straight lines between them"
            ),
            KeyDeclaration(
                "over",
                .choice(Value.Axis.allCases.map(\.rawValue)),
                "along the strip's layers (slice, unless given) or the whole model's (depth)"
            ),
        ]
    }

    static let valueCase = RecipeMapping("valueCase", "an item of a list of values") {
        [
            KeyDeclaration("where", .selector, "which tensors; all unless given"),
            KeyDeclaration("value", .value, isRequired: true, "their value"),
        ]
    }
}
