// Every key of the native dialect, once.

extension RecipeMapping {
    /// The keys of the mapping.
    var keys: [KeyDeclaration] {
        switch self {
        case .recipe: Self.recipeKeys
        case .input: Self.inputKeys
        case .parameter: Self.parameterKeys
        case .node: Self.nodeKeys
        case .layersItem: Self.layersItemKeys
        case .foreachItem: Self.foreachItemKeys
        case .windowItem: Self.windowItemKeys
        case .window: Self.windowKeys
        case .interleaveItem: Self.interleaveItemKeys
        case .splice: Self.spliceKeys
        case .take: Self.takeKeys
        case .takeBlend: Self.takeBlendKeys
        case .blend: Self.blendKeys
        case .blendInput: Self.blendInputKeys
        case .expand: Self.expandKeys
        case .insert: Self.insertKeys
        case .edit: Self.editKeys
        case .use: Self.useKeys
        case .output: Self.outputKeys
        case .ends: Self.endsKeys
        case .tokenizer: Self.tokenizerKeys
        case .expect: Self.expectKeys
        case .curve: Self.curveKeys
        case .valueCase: Self.valueCaseKeys
        }
    }

    private static let recipeKeys = [
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

    private static let inputKeys = [
        KeyDeclaration("model", .text, "a folder or owner/name[@revision]"),
        KeyDeclaration("revision", .text, "a branch, tag or commit of the model"),
        KeyDeclaration("adapter", .text, "a LoRA that is added to the model"),
        KeyDeclaration("architecture", .text, "the architecture class to take it for"),
        KeyDeclaration("optional", .boolean, "whether the recipe runs without it"),
    ]

    private static let parameterKeys = [
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

    private static let nodeKeys = [
        KeyDeclaration("slice", .slice, "some layers of an input or node: base[0:24]"),
        KeyDeclaration(
            "stack",
            .list(
                .either([
                    .slice, .mapping(.layersItem), .mapping(.foreachItem), .mapping(.windowItem),
                    .mapping(.interleaveItem),
                ])
            ),
            "layers one after another"
        ),
        KeyDeclaration("splice", .mapping(.splice), "one strip with parts taken from others of equal length"),
        KeyDeclaration("blend", .mapping(.blend), "strips of equal length merged layer by layer"),
        KeyDeclaration("expand", .mapping(.expand), "one strip with blocks inserted, as LLaMA-Pro does"),
        KeyDeclaration("edit", .mapping(.edit), "one strip with tensors scaled or filled"),
        KeyDeclaration("use", .mapping(.use), "a node of an imported recipe"),
    ]

    private static let layersItemKeys = [
        KeyDeclaration("from", .slice, isRequired: true, "which layers"),
        KeyDeclaration("repeat", .integer, "how often the run is laid down"),
        KeyDeclaration("reverse", .boolean, "whether the last layer comes first"),
        KeyDeclaration("scale", .roleValues, "factors by role"),
        KeyDeclaration("set", .roleValues, "constants by role, in place of what the tensors hold"),
    ]

    private static let foreachItemKeys = [
        KeyDeclaration(
            "foreach",
            .names(.either([.run, .list(.scalar)])),
            isRequired: true,
            "loop variables: a run such as \"10:70\" or a list; several advance together"
        ),
        KeyDeclaration(
            "do",
            .list(
                .either([
                    .slice, .mapping(.layersItem), .mapping(.foreachItem), .mapping(.windowItem),
                    .mapping(.interleaveItem),
                ])
            ),
            isRequired: true,
            "the items that are laid down for every value"
        ),
    ]

    private static let windowItemKeys = [
        KeyDeclaration("window", .mapping(.window), isRequired: true, "every window of a strip")
    ]

    private static let windowKeys = [
        KeyDeclaration("of", .slice, isRequired: true, "the strip"),
        KeyDeclaration("size", .integer, isRequired: true, "layers in a window"),
        KeyDeclaration("step", .integer, isRequired: true, "layers from one window's start to the next"),
    ]

    private static let interleaveItemKeys = [
        KeyDeclaration("interleave", .list(.slice), isRequired: true, "the strips that take turns"),
        KeyDeclaration("run", .integer, "layers of each in turn; 1 unless given"),
    ]

    private static let spliceKeys = [
        KeyDeclaration("onto", .slice, isRequired: true, "the strip that keeps what nobody takes, its ends too"),
        KeyDeclaration("take", .list(.mapping(.take)), isRequired: true, "the parts taken; a later one wins"),
    ]

    private static let takeKeys = [
        KeyDeclaration("where", .selector, isRequired: true, "which tensors"),
        KeyDeclaration("from", .slice, isRequired: true, "the strip they come from"),
        KeyDeclaration("blend", .mapping(.takeBlend), "how they are mixed with what was there"),
    ]

    private static let takeBlendKeys = [
        KeyDeclaration("method", .method, isRequired: true, "the merge method"),
        KeyDeclaration("params", .methodParameters, "its parameters"),
    ]

    private static let blendKeys = [
        KeyDeclaration("method", .method, isRequired: true, "the merge method"),
        KeyDeclaration(
            "inputs",
            .list(.either([.slice, .mapping(.blendInput)])),
            isRequired: true,
            "what is merged, in order; each may have parameters of its own"
        ),
        KeyDeclaration("base", .slice, "the strip that differences are taken against"),
        KeyDeclaration("params", .methodParameters, "parameters of the whole blend"),
    ]

    private static let blendInputKeys = [
        KeyDeclaration("from", .slice, isRequired: true, "which layers")
    ]

    private static let expandKeys = [
        KeyDeclaration("from", .slice, isRequired: true, "the strip that grows"),
        KeyDeclaration("every", .integer, "one new block after every so many layers"),
        KeyDeclaration("after", .list(.integer), "one new block after each of these layers"),
        KeyDeclaration("insert", .mapping(.insert), "what a new block is"),
    ]

    private static let insertKeys = [
        KeyDeclaration(
            "copy",
            .choice(Expansion.Donor.allCases.map(\.rawValue)),
            "the layer that a new block copies: previous unless given"
        ),
        KeyDeclaration("scale", .roleValues, "factors by role"),
        KeyDeclaration("set", .roleValues, "constants by role; residual: 0 makes a block do nothing"),
    ]

    private static let editKeys = [
        KeyDeclaration("from", .slice, isRequired: true, "the strip"),
        KeyDeclaration("scale", .roleValues, "factors by role"),
        KeyDeclaration("set", .roleValues, "constants by role"),
    ]

    private static let useKeys = [
        KeyDeclaration("recipe", .text, isRequired: true, "an alias under 'imports'"),
        KeyDeclaration("inputs", .names(.slice), "what the recipe's inputs stand for"),
        KeyDeclaration("params", .names(.value), "values for the recipe's params"),
        KeyDeclaration(
            "override",
            .paths,
            "values by path, such as graph.upper.slice, in place of the recipe's"
        ),
        KeyDeclaration("node", .name, "the node that is used; the one the recipe writes unless given"),
    ]

    private static let outputKeys = [
        KeyDeclaration("node", .name, "the node that is written: out unless given"),
        KeyDeclaration("ends", .mapping(.ends), "whose embedding, final norm and head are written"),
        KeyDeclaration("modules", .paths, "whose towers and projectors are written: an input or node by module"),
        KeyDeclaration("config", .name, "the input whose config.json is the donor"),
        KeyDeclaration("tokenizer", .either([.name, .mapping(.tokenizer)]), "the input whose tokenizer is written"),
        KeyDeclaration("dtype", .dtype, "how the result is stored; the sources' unless given"),
        KeyDeclaration("compute_dtype", .dtype, "how arithmetic is done: float32"),
        KeyDeclaration("round_stages", .boolean, "whether every node's result is rounded, as stages on disk are"),
        KeyDeclaration("chat_template", .text, "a known name, a template, or a file"),
        KeyDeclaration("shard_size", .size, "the most bytes in a file: 5GB unless given"),
        KeyDeclaration("drop", .list(.text), "globs over names of tensors that are left out on purpose"),
        KeyDeclaration("accept", .list(.text), "differences between sources that are meant, such as rope_theta"),
        KeyDeclaration("seed", .integer, "the seed of random methods"),
    ]

    private static let endsKeys = [
        KeyDeclaration("embed", .slice, "the embedding's owner"),
        KeyDeclaration("norm", .slice, "the final norm's owner"),
        KeyDeclaration("head", .slice, "the head's owner"),
    ]

    private static let tokenizerKeys = [
        KeyDeclaration("source", .name, "the input whose tokens are written, or base, or union"),
        KeyDeclaration("tokens", .paths, "where the row of a token comes from: {source:, force:} by token"),
        KeyDeclaration("pad_to_multiple_of", .integer, "what the number of rows is to be a multiple of"),
    ]

    private static let expectKeys = [
        KeyDeclaration("layers", .integer, "the number of layers"),
        KeyDeclaration("architecture", .text, "the architecture class, such as LlamaForCausalLM"),
        KeyDeclaration("hidden", .integer, "the hidden size"),
        KeyDeclaration("vocab", .integer, "the rows of the embedding"),
        KeyDeclaration("parameters", .either([.number, .text]), "the number of parameters"),
        KeyDeclaration("identity_of", .name, "the input whose results the model must give"),
    ]

    private static let curveKeys = [
        KeyDeclaration("curve", .list(.number), isRequired: true, "points, evenly spaced; straight lines between them"),
        KeyDeclaration(
            "over",
            .choice(Value.Axis.allCases.map(\.rawValue)),
            "along the strip's layers (slice, unless given) or the whole model's (depth)"
        ),
    ]

    private static let valueCaseKeys = [
        KeyDeclaration("where", .selector, "which tensors; all unless given"),
        KeyDeclaration("value", .value, isRequired: true, "their value"),
    ]
}
