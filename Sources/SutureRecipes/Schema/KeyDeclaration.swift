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

/// A mapping of the native dialect that has declared keys.
struct RecipeMapping: Hashable, Sendable {
    /// Its name in the schema.
    let name: String

    /// What it is called in messages, with its article.
    let inWords: String

    /// Whether it may have other keys too, which name a merge method's parameters.
    let isOpen: Bool

    /// Whether it must have exactly one of its keys.
    let isChoice: Bool

    private let declared: @Sendable () -> [KeyDeclaration]

    /// Declares a mapping; keys are asked for late, since mappings lie in each other.
    init(
        _ name: String,
        _ inWords: String,
        isOpen: Bool = false,
        isChoice: Bool = false,
        keys: @escaping @Sendable () -> [KeyDeclaration]
    ) {
        self.name = name
        self.inWords = inWords
        self.isOpen = isOpen
        self.isChoice = isChoice
        declared = keys
    }

    /// The keys of the mapping.
    var keys: [KeyDeclaration] { declared() }

    /// The mapping and all that lie in it, each once, in the order in which they are met.
    var reachable: [RecipeMapping] {
        var found = [self]
        var next = 0
        while next < found.count {
            for mapping in found[next].keys.flatMap(\.form.mappings) where !found.contains(mapping) {
                found.append(mapping)
            }
            next += 1
        }
        return found
    }

    static func == (a: RecipeMapping, b: RecipeMapping) -> Bool { a.name == b.name }

    func hash(into hasher: inout Hasher) { hasher.combine(name) }
}

extension ValueForm {
    /// The mappings that may stand in it.
    fileprivate var mappings: [RecipeMapping] {
        switch self {
        case .mapping(let mapping): [mapping]
        case .list(let form), .names(let form): form.mappings
        case .either(let forms): forms.flatMap(\.mappings)
        case .selector, .value, .roleValues, .methodParameters: [.curve, .valueCase]
        default: []
        }
    }
}
