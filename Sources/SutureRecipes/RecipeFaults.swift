package import SutureDiagnostics

// Faults that both dialects have, and those that the planner finds in what a recipe became: one home each.

extension Diagnostic {
    /// The code of runs that make no sense, as text or as a number.
    package static let runCode = "bad-run"

    /// The code of expressions that cannot be read, or that have no value.
    package static let expressionCode = "bad-expression"

    /// A value of the wrong kind.
    static func wrongType(
        _ subject: String,
        needs kind: String,
        but fact: String,
        at range: SourceRange?,
        fix: FixIt? = nil
    ) -> Diagnostic {
        Diagnostic(code: "wrong-type", "\(subject) needs \(kind), \(fact)", at: range, fix: fix)
    }

    /// A node of the wrong kind, and what to write in its place where that is plain.
    static func wrongType(
        _ subject: String,
        needs kind: String,
        found node: YAMLNode,
        suggestion: String? = nil
    ) -> Diagnostic {
        wrongType(
            subject,
            needs: kind,
            but: "found \(node.kindInWords)",
            at: node.range,
            fix: suggestion.map { FixIt("write \($0)", replacing: $0) } ?? .number(kind)
        )
    }

    /// A key that means nothing where it stands: refused, or passed over as mergekit does.
    static func unknownKey(
        _ key: String,
        in subject: String,
        at range: SourceRange,
        isIgnored: Bool = false,
        fix: FixIt
    ) -> Diagnostic {
        Diagnostic(
            isIgnored ? .warning : .error,
            code: "unknown-key",
            "\(subject) has no key '\(key)'" + (isIgnored ? ", so it is ignored" : ""),
            at: range,
            fix: fix
        )
    }

    /// A key that is not there, in words.
    static func missingKey(_ fact: String, at range: SourceRange?, fix: FixIt) -> Diagnostic {
        Diagnostic(code: "missing-key", fact, at: range, fix: fix)
    }

    /// A key that is not there, pointed at where its mapping begins.
    static func missingKey(
        _ key: String,
        of subject: String,
        _ summary: String? = nil,
        at range: SourceRange
    ) -> Diagnostic {
        missingKey(
            "\(subject) needs '\(key)'" + (summary.map { ": " + $0 } ?? ""),
            at: SourceRange(file: range.file, start: range.start, end: range.start),
            fix: FixIt("add '\(key): …'")
        )
    }

    /// A key that is there twice: refused, or its last value counts as it does in mergekit.
    static func duplicateKey(
        _ key: String,
        at range: SourceRange,
        first: SourceRange,
        lastCounts: Bool = false
    ) -> Diagnostic {
        let lines = ", in lines \(first.start.line) and \(range.start.line); the last counts"
        return Diagnostic(
            lastCounts ? .warning : .error,
            code: "duplicate-key",
            "'\(key)' is written twice" + (lastCounts ? lines : ""),
            at: range,
            fix: FixIt("keep one of them"),
            notes: [Note(lastCounts ? "this one is lost" : "the first is here", at: .source(first))]
        )
    }

    /// Something that is neither an input nor a node, nor any other name that may stand there.
    package static func unknownName(
        _ name: String,
        _ fact: String,
        known: [String],
        at range: SourceRange?,
        whereNone: FixIt?
    ) -> Diagnostic {
        let list = FixIt("there are: " + known.prefix(12).joined(separator: ", "))
        return Diagnostic(
            code: "unknown-name",
            fact,
            at: range,
            fix: .didYouMean(name, among: known) ?? (known.isEmpty ? whereNone : list)
        )
    }

    /// A slice of something that is neither an input nor a node.
    package static func unknownStrip(
        _ name: Marked<String>,
        known: [String],
        owner: String = "there is no"
    ) -> Diagnostic {
        unknownName(
            name.value,
            "\(owner) input or node '\(name.value)'",
            known: known,
            at: name.range,
            whereNone: FixIt("name the models under 'inputs' first")
        )
    }

    /// A name that should be an input's and is not.
    package static func unknownInput(
        _ name: String,
        _ fact: String,
        known: [String],
        at range: SourceRange?
    ) -> Diagnostic {
        let list = known.isEmpty ? "there are none" : "there are: " + known.prefix(12).joined(separator: ", ")
        return Diagnostic(
            code: "unknown-input",
            fact,
            at: range,
            fix: .didYouMean(name, among: known) ?? FixIt(list)
        )
    }

    /// An input that a use gives, and that the imported recipe does not have.
    package static func unknownInput(_ name: Marked<String>, ofRecipe recipe: String, known: [String]) -> Diagnostic {
        unknownInput(name.value, "recipe '\(recipe)' has no input '\(name.value)'", known: known, at: name.range)
    }

    /// A node that a use asks for, and that the imported recipe does not have.
    package static func unknownNode(
        _ name: String,
        ofRecipe recipe: String,
        known: [String],
        at range: SourceRange?
    ) -> Diagnostic {
        Diagnostic(
            code: "unknown-node",
            "recipe '\(recipe)' has no node '\(name)'",
            at: range,
            fix: .didYouMean(name, among: known)
                ?? FixIt(known.isEmpty ? "it has none" : "there are: " + known.prefix(12).joined(separator: ", "))
        )
    }

    /// A parameter that a method or a recipe does not have.
    package static func unknownParameter(
        _ name: String,
        of owner: String,
        kind: String = "parameter",
        known: [String],
        at range: SourceRange?
    ) -> Diagnostic {
        Diagnostic(
            code: "unknown-parameter",
            "\(owner) has no \(kind) '\(name)'",
            at: range,
            fix: .didYouMean(name, among: known)
                ?? FixIt(known.isEmpty ? "it has none" : "there are: " + known.joined(separator: ", "))
        )
    }

    /// A parameter that must be given and is not.
    package static func missingParameter(_ fact: String, at range: SourceRange?, fix: FixIt) -> Diagnostic {
        Diagnostic(code: "missing-parameter", fact, at: range, fix: fix)
    }

    /// A parameter of a whole blend beside one of its inputs: refused, or passed over as mergekit does.
    static func misplacedParameter(
        _ name: Marked<String>,
        of method: RecipeVocabulary.Method,
        isIgnored: Bool = false
    ) -> Diagnostic {
        Diagnostic(
            isIgnored ? .warning : .error,
            code: "misplaced-parameter",
            "'\(name.value)' is a parameter of the whole '\(method.name)', "
                + (isIgnored ? "so it is ignored under a model" : "not of one input"),
            at: name.range,
            fix: FixIt(isIgnored ? "move it to 'parameters' of the slice or of the file" : "put it under 'params'")
        )
    }

    /// A parameter of a recipe that is given something of another type.
    package static func wrongParameterType(
        _ name: String,
        _ kind: String,
        given: String,
        at range: SourceRange?,
        fix: FixIt? = nil
    ) -> Diagnostic {
        Diagnostic(
            code: "wrong-parameter-type",
            "parameter '\(name)' is of type \(kind), but was given \(given)",
            at: range,
            fix: fix ?? FixIt("give a value of type \(kind)")
        )
    }

    /// A merge method that does not exist.
    package static func unknownMergeMethod(_ name: String, at range: SourceRange?, known: [String]) -> Diagnostic {
        Diagnostic(
            code: "unknown-merge-method",
            "no merge method is called '\(name)'",
            at: range,
            fix: .didYouMean(name, among: known) ?? FixIt("there are: " + known.sorted().joined(separator: ", "))
        )
    }

    /// A method that works against a base, and the key that would name one is not there.
    package static func missingBase(_ method: String?, key: String = "base", at range: SourceRange?) -> Diagnostic {
        Diagnostic(
            code: "missing-base",
            "\(method.map { "'\($0)'" } ?? "the method") works on differences from a base, and none is given",
            at: range,
            fix: FixIt("add '\(key): …' with the model that the others were tuned from")
        )
    }

    /// Strips that go side by side and are not equally long.
    package static func lengthsDiffer(_ fact: String, at range: SourceRange?, fix: FixIt) -> Diagnostic {
        Diagnostic(code: "lengths-differ", fact, at: range, fix: fix)
    }

    /// A range that has no layers.
    package static func emptyRange(_ fact: String, at range: SourceRange?, fix: FixIt) -> Diagnostic {
        Diagnostic(code: "empty-range", fact, at: range, fix: fix)
    }

    /// Nodes that need each other in a circle, or one that needs itself.
    package static func nodeCycle(_ path: [String], at range: SourceRange?) -> Diagnostic {
        Diagnostic(
            code: "node-cycle",
            path.count == 2
                ? "node '\(path[0])' needs itself"
                : "nodes need each other in a circle: " + path.joined(separator: " -> "),
            at: range,
            fix: FixIt("take the layers from an input, or make a node of its own")
        )
    }

    /// More nodes or stages one upon another than anybody means.
    static func chainTooLong(_ limit: Int, of what: String, at range: SourceRange?) -> Diagnostic {
        Diagnostic(code: "chain-too-long", "more than \(limit) \(what) stand one upon another", at: range)
    }

    /// More calls of imported recipes than a recipe can mean.
    package static func tooManyUses(_ limit: Int, at range: SourceRange?) -> Diagnostic {
        Diagnostic(code: "too-many-uses", "imported recipes are used more than \(limit) times", at: range)
    }

    /// An input that is left to whoever uses the recipe, and is not given.
    package static func unboundInput(_ fact: String, at range: SourceRange?, fix: FixIt) -> Diagnostic {
        Diagnostic(code: "unbound-input", fact, at: range, fix: fix)
    }

    /// An input that a use does not give, and that the imported recipe needs.
    package static func unboundInput(_ name: String, ofRecipe recipe: String, at range: SourceRange?) -> Diagnostic {
        let fact = "recipe '\(recipe)' needs input '\(name)', and 'use' does not give it"
        return unboundInput(fact, at: range, fix: FixIt("add 'inputs: {\(name): …}' to the use"))
    }

    /// Two things of one name.
    static func duplicateName(
        _ name: Marked<String>,
        _ fact: String,
        fix: String = "give one of them another name",
        notes: [Note] = []
    ) -> Diagnostic {
        Diagnostic(code: "duplicate-name", fact, at: name.range, fix: FixIt(fix), notes: notes)
    }

    /// A file that is something else than a recipe.
    package static func noRecipe(_ fact: String, at place: Place?, fix: FixIt) -> Diagnostic {
        Diagnostic(code: "no-recipe", fact, at: place, fix: fix)
    }

    /// A file whose bytes are no UTF-8.
    package static func notUTF8(_ fact: String, path: String) -> Diagnostic {
        Diagnostic(
            code: "not-utf8",
            "a recipe is UTF-8 text, this file \(fact)",
            at: .file(path, tensor: nil),
            fix: FixIt("save it as UTF-8")
        )
    }
}
