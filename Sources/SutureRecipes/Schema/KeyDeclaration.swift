/// One key that a mapping of the native dialect may have.
///
/// The parser checks recipes against these, and the JSON Schema that editors use is generated from
/// them, so what completes in an editor is what the parser takes.
struct KeyDeclaration: Sendable {
    /// The key.
    let name: String
    /// What its value may be.
    let form: ValueForm
    /// Whether a recipe must have it.
    let isRequired: Bool
    /// What it says, in a sentence.
    let summary: String

    init(_ name: String, _ form: ValueForm, isRequired: Bool = false, _ summary: String) {
        self.name = name
        self.form = form
        self.isRequired = isRequired
        self.summary = summary
    }
}

/// What a value of the native dialect may be.
indirect enum ValueForm: Sendable {
    /// The number 1, the language version.
    case version
    /// Any text.
    case text
    /// A whole number or `${…}`.
    case integer
    /// A number or `${…}`.
    case number
    /// `true`, `false` or `${…}`.
    case boolean
    /// A number, a truth value, a text or `${…}`.
    case scalar
    /// A name of the recipe's own: a letter, then letters, digits, `_` and `-`.
    case name
    /// An input or node, with or without layers in brackets.
    case slice
    /// `start:end` or `start:end:step`.
    case run
    /// A dtype.
    case dtype
    /// A number of bytes such as `5GB`.
    case size
    /// One of some words.
    case choice([String])
    /// A merge method.
    case method
    /// Which tensors.
    case selector
    /// A number, a curve, or a first-match list.
    case value
    /// The same, or a mapping from role to number.
    case roleValues
    /// A merge method's parameters.
    case methodParameters
    /// A mapping from paths into another recipe.
    case paths
    /// A list.
    case list(ValueForm)
    /// A mapping from names of the recipe's own.
    case names(ValueForm)
    /// A mapping with declared keys.
    case mapping(RecipeMapping)
    /// One of several.
    case either([ValueForm])
    /// Anything at all.
    case anything
}

/// The mappings of the native dialect that have declared keys.
enum RecipeMapping: String, CaseIterable, Sendable {
    case recipe, input, parameter, node
    case layersItem, foreachItem, windowItem, window, interleaveItem
    case splice, take, takeBlend
    case blend, blendInput
    case expand, insert, edit, use
    case output, ends, tokenizer, expect
    case curve, valueCase

    /// What the mapping is called in messages, with its article.
    var inWords: String {
        switch self {
        case .recipe: "a recipe"
        case .input: "an input"
        case .parameter: "a parameter"
        case .node: "a node"
        case .layersItem, .foreachItem, .windowItem, .interleaveItem: "an item of a stack"
        case .window: "'window'"
        case .splice: "'splice'"
        case .take: "an item of 'take'"
        case .takeBlend: "'blend' of an item of 'take'"
        case .blend: "'blend'"
        case .blendInput: "an input of a blend"
        case .expand: "'expand'"
        case .insert: "'insert'"
        case .edit: "'edit'"
        case .use: "'use'"
        case .output: "'output'"
        case .ends: "'ends'"
        case .tokenizer: "'tokenizer'"
        case .expect: "'expect'"
        case .curve: "a curve"
        case .valueCase: "an item of a list of values"
        }
    }

    /// Whether it may have other keys too, which name a merge method's parameters.
    var isOpen: Bool { self == .blendInput }

    /// Whether it must have exactly one of its keys.
    var isChoice: Bool { self == .node }
}
