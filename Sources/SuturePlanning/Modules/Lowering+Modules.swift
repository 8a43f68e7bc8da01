import SutureDiagnostics
import SutureRecipes

extension Lowering {
    /// The input and the module that a slice's name stands for, where it names one: `a.vision_tower`.
    func module(_ name: String, in scope: Int) -> (input: String, module: String)? {
        guard let dot = name.firstIndex(of: "."), scopes[scope].inputs[name] == nil else { return nil }
        let input = String(name[..<dot])
        guard scopes[scope].inputs[input] != nil else { return nil }
        return (input, String(name[name.index(after: dot)...]))
    }

    /// The strip of a module that the recipe names.
    mutating func module(
        _ part: (input: String, module: String),
        slice: SliceExpression,
        in scope: Int,
        at position: Int
    ) -> Strip? {
        guard let focus, focus.isNamed, focus.name == part.module else {
            findings.append(
                .moduleOutOfPlace(slice.target, part.module, put: focus?.isNamed ?? false ? focus?.name : nil)
            )
            return nil
        }
        let whole = SliceExpression(target: slice.target.map { _ in part.input }, range: slice.range)
        var strip = strip(of: whole, in: scope, at: position)
        strip?.isModule = true
        return strip
    }
}

extension Operation {
    /// The strip whose layers it works on first, unless it merges several.
    var leadingSlice: SliceExpression? {
        switch self {
        case .slice(let slice): slice
        case .stack(let items): items.first?.leadingSlice
        case .splice(let splice): splice.onto
        case .expand(let expansion): expansion.from
        case .edit(let edit): edit.from
        case .blend, .use: nil
        }
    }
}

extension StackItem {
    fileprivate var leadingSlice: SliceExpression? {
        switch content {
        case .layers(let layers): layers.from
        case .foreach(_, let body): body.first?.leadingSlice
        case .window(let slice, _, _): slice
        case .interleave(let slices, _): slices.first
        }
    }
}

extension Diagnostic {
    /// A module stands where layers of the main stack are wanted, or those of another module.
    static func moduleOutOfPlace(_ target: Marked<String>, _ module: String, put other: String?) -> Diagnostic {
        Diagnostic(
            code: "module-out-of-place",
            other.map { "'\(target.value)' is a part of '\(module)', and 'output.modules' puts it in as '\($0)'" }
                ?? "'\(target.value)' is a module of its own, and no layers of the language model",
            at: target.range,
            fix: FixIt("give it a node, and put that under 'output: {modules: {\(module): …}}'")
        )
    }

    /// A model has nothing of a module.
    static func noSuchModule(_ module: String, of source: String, at range: SourceRange?) -> Diagnostic {
        Diagnostic(
            code: "no-such-module",
            "'\(source)' has no module '\(module)'",
            at: range,
            fix: FixIt("'suture inspect' lists the modules of a model")
        )
    }

    /// Modules of unlike depth.
    static func moduleDepthsDiffer(
        _ module: String,
        _ a: (name: String, count: Int),
        _ b: (name: String, count: Int),
        at range: SourceRange?
    ) -> Diagnostic {
        Diagnostic(
            code: "lengths-differ",
            "the '\(module)' of '\(a.name)' has \(a.count) layers, that of '\(b.name)' has \(b.count)",
            at: range,
            fix: FixIt("take it from one of them: output: {modules: {\(module): \(a.name)}}")
        )
    }
}
