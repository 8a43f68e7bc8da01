import SutureDiagnostics

/// Puts other names and expressions in place of those in a graph.
struct GraphRewriter {
    /// The name that an input or node gets.
    var target: (String) -> String
    /// What stands for a name in an expression.
    var name: (String) -> Expression
    /// What stands for a name that is a whole value, where that is no expression: a curve, say.
    var value: (String) -> Value.Content? = { _ in nil }
    /// Loop variables at hand, which keep their names.
    private var locals: Set<String> = []

    init(
        target: @escaping (String) -> String,
        name: @escaping (String) -> Expression,
        value: @escaping (String) -> Value.Content? = { _ in nil }
    ) {
        self.target = target
        self.name = name
        self.value = value
    }

    func rewrite(_ expression: Expression) -> Expression {
        switch expression {
        case .integer, .number, .boolean, .text: expression
        case .name(let name): locals.contains(name) ? expression : self.name(name)
        case .unary(let operation, let operand): .unary(operation, rewrite(operand))
        case .binary(let operation, let left, let right): .binary(operation, rewrite(left), rewrite(right))
        case .call(let name, let arguments): .call(name, arguments.map(rewrite))
        case .template(let parts): .template(parts.map(rewrite))
        }
    }

    func rewrite(_ expression: Marked<Expression>) -> Marked<Expression> { expression.map(rewrite) }

    func rewrite(_ name: Marked<String>) -> Marked<String> { name.map(target) }

    func rewrite(_ slice: SliceExpression) -> SliceExpression {
        SliceExpression(target: rewrite(slice.target), pieces: slice.pieces?.map(rewrite), range: slice.range)
    }

    private func rewrite(_ piece: SliceExpression.Piece) -> SliceExpression.Piece {
        switch piece {
        case .layer(let index): .layer(rewrite(index))
        case .run(let start, let end, let step, let range):
            .run(start: start.map(rewrite), end: end.map(rewrite), step: step.map(rewrite), range: range)
        }
    }

    func rewrite(_ value: Value) -> Value {
        switch value.content {
        case .constant(.name(let name)):
            if !locals.contains(name), let content = self.value(name) { return Value(content, range: value.range) }
            return Value(.constant(rewrite(.name(name))), range: value.range)
        case .constant(let expression): return Value(.constant(rewrite(expression)), range: value.range)
        case .curve(let points, let axis): return Value(.curve(points.map(rewrite), over: axis), range: value.range)
        case .cases(let cases):
            let rewritten = cases.map { Value.Case(selector: $0.selector.map(rewrite), value: rewrite($0.value)) }
            return Value(.cases(rewritten), range: value.range)
        }
    }

    private func rewrite(_ selector: Selector) -> Selector {
        Selector(
            including: selector.including.map(rewrite),
            excluding: selector.excluding.map(rewrite),
            range: selector.range
        )
    }

    private func rewrite(_ term: Selector.Term) -> Selector.Term {
        switch term {
        case .role, .name: term
        case .layers(let pieces, let role): .layers(pieces.map(rewrite), role: role)
        }
    }

    private func rewrite(_ arguments: [Argument]) -> [Argument] {
        arguments.map { Argument(name: $0.name, value: rewrite($0.value)) }
    }

    // MARK: - Operators

    func rewrite(_ operation: Operation) -> Operation {
        switch operation {
        case .slice(let slice): .slice(rewrite(slice))
        case .stack(let items): .stack(items.map(rewrite))
        case .splice(let splice):
            .splice(Splice(onto: rewrite(splice.onto), takes: splice.takes.map(rewrite)))
        case .blend(let blend):
            .blend(
                Blend(
                    method: rewrite(blend.method),
                    inputs: blend.inputs.map {
                        Blend.Input(from: rewrite($0.from), parameters: rewrite($0.parameters))
                    },
                    base: blend.base.map(rewrite),
                    parameters: rewrite(blend.parameters)
                )
            )
        case .expand(let expansion): .expand(rewrite(expansion))
        case .edit(let edit):
            .edit(Edit(from: rewrite(edit.from), scale: edit.scale.map(rewrite), set: edit.set.map(rewrite)))
        case .use(let use):
            .use(
                Use(
                    recipe: use.recipe,
                    inputs: use.inputs.map { Use.Binding(name: $0.name, value: rewrite($0.value)) },
                    parameters: rewrite(use.parameters),
                    node: use.node,
                    graph: use.graph
                )
            )
        }
    }

    private func rewrite(_ take: Splice.Take) -> Splice.Take {
        Splice.Take(
            selector: rewrite(take.selector),
            from: rewrite(take.from),
            blend: take.blend.map {
                Splice.TakeBlend(method: rewrite($0.method), parameters: rewrite($0.parameters))
            },
            range: take.range
        )
    }

    private func rewrite(_ expansion: Expansion) -> Expansion {
        let places: Expansion.Places =
            switch expansion.places {
            case .every(let step): .every(rewrite(step))
            case .after(let layers): .after(layers.map(rewrite))
            }
        return Expansion(
            from: rewrite(expansion.from),
            places: places,
            donor: expansion.donor,
            scale: expansion.scale.map(rewrite),
            set: expansion.set.map(rewrite)
        )
    }

    private func rewrite(_ item: StackItem) -> StackItem {
        switch item.content {
        case .layers(let layers):
            let rewritten = StackItem.Layers(
                from: rewrite(layers.from),
                repetitions: layers.repetitions.map(rewrite),
                isReversed: layers.isReversed.map(rewrite),
                scale: layers.scale.map(rewrite),
                set: layers.set.map(rewrite)
            )
            return StackItem(.layers(rewritten), range: item.range)
        case .foreach(let variables, let body):
            var inner = self
            inner.locals.formUnion(variables.map(\.name.value))
            let rewritten = variables.map { StackItem.Variable(name: $0.name, values: rewrite($0.values)) }
            return StackItem(.foreach(variables: rewritten, body: body.map(inner.rewrite)), range: item.range)
        case .window(let of, let size, let step):
            return StackItem(.window(of: rewrite(of), size: rewrite(size), step: rewrite(step)), range: item.range)
        case .interleave(let strips, let run):
            return StackItem(.interleave(strips.map(rewrite), run: rewrite(run)), range: item.range)
        }
    }

    private func rewrite(_ values: StackItem.Variable.Values) -> StackItem.Variable.Values {
        switch values {
        case .list(let values): .list(values.map(rewrite))
        case .run(let start, let end, let step):
            .run(start: rewrite(start), end: rewrite(end), step: step.map(rewrite))
        }
    }
}
