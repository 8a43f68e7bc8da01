import SutureDiagnostics

extension LayerStack: GraphOperator {
    static var declaration: KeyDeclaration {
        KeyDeclaration("stack", .list(StackItem.form), "layers one after another")
    }

    static func read(_ node: YAMLNode, by parser: inout NativeParser) -> Operation? {
        parser.stackItems(node, "'stack'").map { .stack(LayerStack($0)) }
    }

    var leader: SliceExpression? { if case .layers(let layers)? = items.first?.content { layers.from } else { nil } }

    var printed: PrintedYAML { .list(items.map(\.printed)) }

    func mergekitBody(in printer: inout MergekitPrinter, node: String) -> [(String, PrintedYAML)] {
        printer.mergedSlices(items) ?? printer.passthrough(mergekitPieces(in: &printer, node: node) ?? [])
    }

    func mergekitPieces(in printer: inout MergekitPrinter, node: String) -> [MergekitPiece]? {
        var all: [MergekitPiece] = []
        for item in items {
            guard case .layers(let layers) = item.content else {
                printer.refuse("loops in node '\(node)'; expand the recipe first")
                return nil
            }
            guard let pieces = layers.mergekitPieces(in: &printer) else { return nil }
            all += pieces
        }
        return all
    }
}

extension StackItem {
    /// What an item of a stack may be.
    fileprivate static var form: ValueForm {
        .either([
            .slice, .mapping(.layersItem), .mapping(.foreachItem), .mapping(.windowItem), .mapping(.interleaveItem),
        ])
    }
}

extension RecipeMapping {
    static let layersItem = RecipeMapping("layersItem", "an item of a stack") {
        [
            KeyDeclaration("from", .slice, isRequired: true, "which layers"),
            KeyDeclaration("repeat", .integer, "how often the run is laid down"),
            KeyDeclaration("reverse", .boolean, "whether the last layer comes first"),
            KeyDeclaration("scale", .roleValues, "factors by role"),
            KeyDeclaration("set", .roleValues, "constants by role, in place of what the tensors hold"),
        ]
    }

    static let foreachItem = RecipeMapping("foreachItem", "an item of a stack") {
        [
            KeyDeclaration(
                "foreach",
                .names(.either([.run, .list(.scalar)])),
                isRequired: true,
                "loop variables: a run such as \"10:70\" or a list; several advance together"
            ),
            KeyDeclaration(
                "do",
                .list(StackItem.form),
                isRequired: true,
                "the items that are laid down for every value"
            ),
        ]
    }

    static let windowItem = RecipeMapping("windowItem", "an item of a stack") {
        [
            KeyDeclaration("window", .mapping(.window), isRequired: true, "every window of a strip")
        ]
    }

    static let window = RecipeMapping("window", "'window'") {
        [
            KeyDeclaration("of", .slice, isRequired: true, "the strip"),
            KeyDeclaration("size", .integer, isRequired: true, "layers in a window"),
            KeyDeclaration("step", .integer, isRequired: true, "layers from one window's start to the next"),
        ]
    }

    static let interleaveItem = RecipeMapping("interleaveItem", "an item of a stack") {
        [
            KeyDeclaration("interleave", .list(.slice), isRequired: true, "the strips that take turns"),
            KeyDeclaration("run", .integer, "layers of each in turn; 1 unless given"),
        ]
    }
}

extension NativeParser {
    /// Reads the items of a stack or of a loop's body.
    mutating func stackItems(_ node: YAMLNode, _ subject: String) -> [StackItem]? {
        let elements = list(node, subject, of: "layers")
        if node.elements?.isEmpty == true {
            findings.append(.wrongType(subject, needs: "at least one item", found: node))
        }
        let items = elements.compactMap { stackItem($0) }
        return items.isEmpty ? nil : items
    }

    private mutating func stackItem(_ node: YAMLNode) -> StackItem? {
        guard let pairs = node.pairs else {
            guard node.elements == nil else {
                findings.append(.nestedList(at: node.range))
                return nil
            }
            return slice(node, "an item of a stack").map {
                StackItem(.layers(StackItem.Layers(from: $0)), range: node.range)
            }
        }
        let keys = pairs.compactMap { $0.key.scalar?.text }
        if !keys.contains("from"),
            let key = pairs.first(where: { Self.operators.contains($0.key.scalar?.text ?? "") })?.key
        {
            findings.append(.inlineOperator(key.scalar?.text ?? "", at: key.range))
            return nil
        }
        let content: StackItem.Content?
        if keys.contains("foreach") || keys.contains("do") {
            content = foreach(node)
        } else if keys.contains("window") {
            content = window(node)
        } else if keys.contains("interleave") {
            content = interleave(node)
        } else {
            content = layers(node)
        }
        return content.map { StackItem($0, range: node.range) }
    }

    /// What stands under the name of a node, and not in a stack.
    private static let operators = Set(Operation.operators.map { $0.declaration.name })

    private mutating func layers(_ node: YAMLNode) -> StackItem.Content? {
        guard let fields = fields(of: node, as: .layersItem) else { return nil }
        let from = fields["from"].flatMap { slice($0, "'from'") }
        let repetitions = fields["repeat"].flatMap { expression($0, "'repeat'", .integer) }
        if let repetitions, case .integer(let count) = repetitions.value, count < 1 {
            findings.append(.tooFew("'repeat'", count, least: 1, at: repetitions.range))
        }
        let isReversed = fields["reverse"].flatMap { expression($0, "'reverse'", .boolean) }
        let scale = fields["scale"].flatMap { roleValues($0, "'scale'") }
        let set = fields["set"].flatMap { roleValues($0, "'set'") }
        return from.map {
            .layers(
                StackItem.Layers(from: $0, repetitions: repetitions, isReversed: isReversed, scale: scale, set: set)
            )
        }
    }

    private mutating func foreach(_ node: YAMLNode) -> StackItem.Content? {
        guard let fields = fields(of: node, as: .foreachItem) else { return nil }
        var variables: [StackItem.Variable] = []
        let entries = fields["foreach"].map { named($0, "foreach", allowsHyphens: false) } ?? []
        for (name, value) in entries {
            if names.fault(with: name.value, locals: locals) == nil { findings.append(.shadowedName(name)) }
            if let values = variableValues(value, name.value) {
                variables.append(StackItem.Variable(name: name, values: values))
            }
        }
        if fields["foreach"]?.pairs?.isEmpty == true, let node = fields["foreach"] {
            findings.append(.wrongType("'foreach'", needs: "a loop variable, such as {i: \"0:4\"}", found: node))
        }
        let outer = locals
        locals += fields["foreach"]?.pairs?.compactMap { $0.key.scalar?.text } ?? []
        let body = fields["do"].flatMap { stackItems($0, "'do'") }
        locals = outer
        checkLengths(of: variables, at: fields.keyRange("foreach"))
        guard !variables.isEmpty, let body else { return nil }
        return .foreach(variables: variables, body: body)
    }

    private mutating func variableValues(_ node: YAMLNode, _ name: String) -> StackItem.Variable.Values? {
        if let elements = node.elements {
            let values = elements.compactMap { expression($0, "a value of '\(name)'", .any) }
            return .list(values)
        }
        guard let scalar = node.scalar, !scalar.isNull else {
            findings.append(
                .wrongType("loop variable '\(name)'", needs: "a run such as \"0:4\" or a list", found: node)
            )
            return nil
        }
        do throws(ExpressionSyntaxError) {
            var parser = SliceParser(scalar, at: node.range)
            let (piece, uses) = try parser.run()
            check(uses, in: node)
            guard case .run(let start?, let end?, let step, _) = piece else {
                findings.append(.openRun(name, scalar.text, at: node.range))
                return nil
            }
            return .run(start: start, end: end, step: step)
        } catch {
            report(error, "run", code: Diagnostic.runCode, in: node, scalar)
            return nil
        }
    }

    /// Lists that advance together are of one length.
    private mutating func checkLengths(of variables: [StackItem.Variable], at range: SourceRange?) {
        var lengths: [(name: String, count: Int)] = []
        for variable in variables {
            if case .list(let values) = variable.values { lengths.append((variable.name.value, values.count)) }
        }
        guard let first = lengths.first, let other = lengths.first(where: { $0.count != first.count }) else { return }
        findings.append(.unequalLists(first, other, at: range))
    }

    private mutating func window(_ node: YAMLNode) -> StackItem.Content? {
        guard let item = fields(of: node, as: .windowItem), let window = item["window"],
            let fields = fields(of: window, as: .window)
        else { return nil }
        let of = fields["of"].flatMap { slice($0, "'of'") }
        let size = fields["size"].flatMap { expression($0, "'size'", .integer) }
        let step = fields["step"].flatMap { expression($0, "'step'", .integer) }
        for (subject, value) in [("'size'", size), ("'step'", step)] {
            if let value, case .integer(let count) = value.value, count < 1 {
                findings.append(.tooFew(subject, count, least: 1, at: value.range))
            }
        }
        guard let of, let size, let step else { return nil }
        return .window(of: of, size: size, step: step)
    }

    private mutating func interleave(_ node: YAMLNode) -> StackItem.Content? {
        guard let fields = fields(of: node, as: .interleaveItem) else { return nil }
        let strips = fields["interleave"].map { node in
            list(node, "'interleave'", of: "strips").compactMap { slice($0, "'interleave'") }
        }
        let run = fields["run"].flatMap { expression($0, "'run'", .integer) }
        if let run, case .integer(let count) = run.value, count < 1 {
            findings.append(.tooFew("'run'", count, least: 1, at: run.range))
        }
        guard let strips, !strips.isEmpty else {
            if let list = fields["interleave"], list.elements?.isEmpty == true {
                findings.append(.wrongType("'interleave'", needs: "at least one strip", found: list))
            }
            return nil
        }
        return .interleave(strips, run: run ?? Marked(.integer(1), at: nil))
    }
}

extension Diagnostic {
    fileprivate static func inlineOperator(_ name: String, at range: SourceRange) -> Diagnostic {
        Diagnostic(
            code: "inline-operator",
            "an item of a stack is layers of an input or node, and '\(name)' makes a node",
            at: range,
            fix: FixIt("give it a name of its own, and stack that: graph: {mixed: {\(name): …}, out: {stack: [mixed]}}")
        )
    }

    fileprivate static func nestedList(at range: SourceRange) -> Diagnostic {
        Diagnostic(
            code: "nested-list",
            "an item of a stack is layers or a mapping, found a list",
            at: range,
            fix: FixIt("in '[…]' and '{…}' a slice needs quotes: \"base[0:24]\"")
        )
    }

    /// A count that is too small.
    static func tooFew(_ subject: String, _ count: Int, least: Int, at range: SourceRange?) -> Diagnostic {
        Diagnostic(
            code: "too-few",
            "\(subject) is at least \(least), found \(count)",
            at: range,
            fix: FixIt("write \(least)", replacing: "\(least)")
        )
    }

    fileprivate static func shadowedName(_ name: Marked<String>) -> Diagnostic {
        duplicateName(
            name,
            "'\(name.value)' is a loop variable here and has another meaning outside",
            fix: "give the loop variable another name"
        )
    }

    fileprivate static func openRun(_ name: String, _ text: String, at range: SourceRange) -> Diagnostic {
        Diagnostic(
            code: "open-run",
            "loop variable '\(name)' runs from a start to an end, '\(text)' lacks one",
            at: range,
            fix: FixIt("write start:end, such as \"0:4\"")
        )
    }

    fileprivate static func unequalLists(
        _ first: (name: String, count: Int),
        _ other: (name: String, count: Int),
        at range: SourceRange?
    ) -> Diagnostic {
        Diagnostic(
            code: "unequal-lists",
            "loop variables advance together, and '\(first.name)' has \(first.count) values, "
                + "'\(other.name)' \(other.count)",
            at: range,
            fix: FixIt("give both as many values, or put one loop into the other")
        )
    }
}

extension StackItem {
    fileprivate var printed: PrintedYAML {
        switch content {
        case .layers(let layers): return layers.printed
        case .foreach(let variables, let body):
            return .mapping([
                ("foreach", .mapping(variables.map { ($0.name.value, $0.values.printed) })),
                ("do", .list(body.map(\.printed))),
            ])
        case .window(let of, let size, let step):
            return .mapping([
                (
                    "window",
                    .mapping([("of", of.printed), ("size", size.value.scalar), ("step", step.value.scalar)])
                )
            ])
        case .interleave(let strips, let run):
            return .mapping([("interleave", .list(strips.map(\.printed))), ("run", run.value.scalar)])
        }
    }
}

extension StackItem.Layers {
    fileprivate var printed: PrintedYAML {
        guard repetitions != nil || isReversed != nil || scale != nil || set != nil else { return from.printed }
        var pairs = [("from", from.printed)]
        if let repetitions { pairs.append(("repeat", repetitions.value.scalar)) }
        if let isReversed { pairs.append(("reverse", isReversed.value.scalar)) }
        if let scale { pairs.append(("scale", scale.printedByRole)) }
        if let set { pairs.append(("set", set.printedByRole)) }
        return .mapping(pairs)
    }

    fileprivate func mergekitPieces(in printer: inout MergekitPrinter) -> [MergekitPiece]? {
        guard var pieces = printer.pieces(of: from) else { return nil }
        if let isReversed, isReversed.value == .boolean(true) {
            pieces = pieces.reversed().flatMap { $0.layers.reversed() }
        }
        pieces = printer.changed(pieces, scale: scale, set: set)
        guard let repetitions else { return pieces }
        guard case .integer(let count) = repetitions.value, (1...1000).contains(count) else {
            printer.refuse("the count \(repetitions.value.text)")
            return nil
        }
        return (0..<count).flatMap { _ in pieces }
    }
}

extension StackItem.Variable.Values {
    fileprivate var printed: PrintedYAML {
        switch self {
        case .list(let values): .list(values.map { $0.value.scalar })
        case .run(let start, let end, let step):
            // `1:30` is a number to YAML 1.1, so a run has quotes always.
            .literal(
                PrintedYAML.doubleQuoted(SliceExpression.Piece.run(start: start, end: end, step: step, range: nil).text)
            )
        }
    }
}
