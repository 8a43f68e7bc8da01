import SutureDiagnostics

extension Operation {
    /// The operator and what it works on.
    var printed: PrintedYAML {
        switch self {
        case .slice(let slice): .mapping([("slice", slice.printed)])
        case .stack(let items): .mapping([("stack", .list(items.map(\.printed)))])
        case .splice(let splice): .mapping([("splice", splice.printed)])
        case .blend(let blend): .mapping([("blend", blend.printed)])
        case .expand(let expansion): .mapping([("expand", expansion.printed)])
        case .edit(let edit): .mapping([("edit", edit.printed)])
        case .use(let use): .mapping([("use", use.printed)])
        }
    }
}

extension SliceExpression {
    /// The slice as a recipe writes it.
    package var text: String {
        guard let pieces else { return target.value }
        return target.value + "[" + pieces.map(\.text).joined(separator: ", ") + "]"
    }

    var printed: PrintedYAML { .text(text) }
}

extension SliceExpression.Piece {
    /// The part as it stands between the brackets.
    package var text: String {
        switch self {
        case .layer(let index): index.value.text
        case .run(let start, let end, let step, _):
            (start?.value.text ?? "") + ":" + (end?.value.text ?? "") + (step.map { ":" + $0.value.text } ?? "")
        }
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

extension Splice {
    fileprivate var printed: PrintedYAML {
        let takes = takes.map { take -> PrintedYAML in
            var pairs = [("where", take.selector.printed), ("from", take.from.printed)]
            if let blend = take.blend {
                var inner = [("method", blend.method.value.scalar)]
                if !blend.parameters.isEmpty { inner.append(("params", blend.parameters.printed)) }
                pairs.append(("blend", .mapping(inner)))
            }
            return .mapping(pairs)
        }
        return .mapping([("onto", onto.printed), ("take", .list(takes))])
    }
}

extension Blend {
    fileprivate var printed: PrintedYAML {
        var pairs = [("method", method.value.scalar)]
        if let base { pairs.append(("base", base.printed)) }
        let inputs = inputs.map { input -> PrintedYAML in
            guard !input.parameters.isEmpty else { return input.from.printed }
            return .mapping([("from", input.from.printed)] + input.parameters.map { ($0.name.value, $0.value.printed) })
        }
        pairs.append(("inputs", .list(inputs)))
        if !parameters.isEmpty { pairs.append(("params", parameters.printed)) }
        return .mapping(pairs)
    }
}

extension [Argument] {
    fileprivate var printed: PrintedYAML { .mapping(map { ($0.name.value, $0.value.printed) }) }
}

extension Expansion {
    fileprivate var printed: PrintedYAML {
        var pairs = [("from", from.printed)]
        switch places {
        case .every(let step): pairs.append(("every", step.value.scalar))
        case .after(let layers): pairs.append(("after", .list(layers.map { $0.value.scalar })))
        }
        var insert: [(String, PrintedYAML)] = [("copy", .text(donor.rawValue))]
        if let scale { insert.append(("scale", scale.printedByRole)) }
        if let set { insert.append(("set", set.printedByRole)) }
        pairs.append(("insert", .mapping(insert)))
        return .mapping(pairs)
    }
}

extension Edit {
    fileprivate var printed: PrintedYAML {
        var pairs = [("from", from.printed)]
        if let scale { pairs.append(("scale", scale.printedByRole)) }
        if let set { pairs.append(("set", set.printedByRole)) }
        return .mapping(pairs)
    }
}

extension Use {
    fileprivate var printed: PrintedYAML {
        var pairs: [(String, PrintedYAML)] = [("recipe", .text(recipe.value))]
        if !inputs.isEmpty { pairs.append(("inputs", .mapping(inputs.map { ($0.name.value, $0.value.printed) }))) }
        if !parameters.isEmpty { pairs.append(("params", parameters.printed)) }
        if let node { pairs.append(("node", .text(node.value))) }
        return .mapping(pairs)
    }
}

extension Value {
    /// The value where one number, a curve or a first-match list may stand.
    var printed: PrintedYAML {
        switch content {
        case .constant(let expression): return expression.scalar
        case .curve(let points, let axis):
            return .mapping([("curve", .list(points.map { $0.value.scalar })), ("over", .text(axis.rawValue))])
        case .cases(let cases):
            return .list(
                cases.map { entry in
                    var pairs: [(String, PrintedYAML)] = []
                    if let selector = entry.selector { pairs.append(("where", selector.printed)) }
                    pairs.append(("value", entry.value.printed))
                    return .mapping(pairs)
                }
            )
        }
    }

    /// The value where a mapping from role may stand too.
    fileprivate var printedByRole: PrintedYAML {
        guard case .cases(let cases) = content else { return printed }
        var pairs: [(String, PrintedYAML)] = []
        for entry in cases {
            guard let selector = entry.selector, selector.excluding.isEmpty, selector.including.count == 1,
                case .text(let role)? = selector.including.first?.printed, !role.hasPrefix("x-"),
                !pairs.contains(where: { $0.0 == role }), role != "value", role != "curve"
            else { return printed }
            pairs.append((role, entry.value.printed))
        }
        return pairs.isEmpty ? printed : .mapping(pairs)
    }
}

extension Selector {
    fileprivate var printed: PrintedYAML {
        if excluding.isEmpty, including.count == 1 { return including[0].printed }
        return .list(including.map(\.printed) + excluding.map { .mapping([("not", $0.printed)]) })
    }
}

extension Selector.Term {
    fileprivate var printed: PrintedYAML {
        switch self {
        case .role(let role): .text(role.value)
        case .layers(let pieces, let role):
            .text("layers[" + pieces.map(\.text).joined(separator: ", ") + "].\(role.value)")
        case .name(let glob): .mapping([("name", .text(glob.value))])
        }
    }
}
