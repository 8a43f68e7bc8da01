import SutureDiagnostics
import SutureRecipes

extension Flattening {
    mutating func slice(_ slice: SliceExpression, in scope: Int, locals: Locals) -> SliceExpression? {
        let name = slice.target.value
        if name.hasPrefix("caller."), let caller = lowering.scopes[scope].caller {
            var inner = slice
            inner.target = slice.target.map { String($0.dropFirst("caller.".count)) }
            guard let pieces = absolute(slice, in: scope, locals: locals) else { return nil }
            guard let whole = self.slice(SliceExpression(target: inner.target, range: nil), in: caller, locals: [:])
            else {
                return nil
            }
            return combine(pieces, of: whole, range: slice.range)
        }
        guard let pieces = absolute(slice, in: scope, locals: locals) else { return nil }
        if lowering.scopes[scope].node(name) != nil {
            guard let flatName = node(name, in: scope) else { return nil }
            let whole = SliceExpression(target: Marked(flatName, at: slice.target.range), range: slice.range)
            return combine(pieces, of: whole, range: slice.range)
        }
        switch lowering.scopes[scope].inputs[name] {
        case .source(let index):
            let input = flatInput(index, called: name)
            return combine(
                pieces,
                of: SliceExpression(target: Marked(input, at: slice.target.range), range: slice.range),
                range: slice.range
            )
        case .slice(let bound, let outer):
            guard let whole = self.slice(bound, in: outer, locals: [:]) else { return nil }
            return combine(pieces, of: whole, range: slice.range)
        case nil:
            return nil
        }
    }

    /// The name of a source in the flat recipe; what only an imported recipe names is declared.
    private mutating func flatInput(_ index: Int, called name: String) -> String {
        let reference = lowering.sources[index].reference
        if let known = flat.inputs.first(where: { $0.reference?.value == reference }) { return known.name.value }
        var free = name
        while !taken.insert(free).inserted { free += "_" }
        flat.inputs.append(
            SliceGraph.InputDeclaration(name: Marked(free, at: nil), reference: Marked(reference, at: nil))
        )
        return free
    }

    /// The layers of a slice by number; an empty optional where it means all.
    private mutating func absolute(_ slice: SliceExpression, in scope: Int, locals: Locals) -> [Int]?? {
        guard let pieces = slice.pieces else { return .some(nil) }
        let whole = SliceExpression(target: slice.target, range: slice.range)
        guard let strip = lowering.strip(of: whole, in: scope, at: 0, locals: locals),
            let numbers = lowering.layers(pieces, of: strip.layers.count, slice: slice, in: scope, locals: locals)
        else { return nil }
        return .some(numbers)
    }

    private func combine(_ numbers: [Int]?, of whole: SliceExpression, range: SourceRange?) -> SliceExpression {
        guard let numbers else { return whole }
        let inner = whole.absoluteLayers
        let layers = inner.map { inner in numbers.map { inner[$0] } } ?? numbers
        return SliceExpression(target: whole.target, pieces: Self.pieces(layers), range: range)
    }

    /// Layer numbers as the fewest runs of constant step.
    static func pieces(_ numbers: [Int]) -> [SliceExpression.Piece] {
        func marked(_ value: Int) -> Marked<Expression> { Marked(.integer(value), at: nil) }
        var pieces: [SliceExpression.Piece] = []
        var start = 0
        while start < numbers.count {
            var end = start + 1
            let step = end < numbers.count ? numbers[end] - numbers[start] : 1
            while end < numbers.count, numbers[end] - numbers[end - 1] == step, step == 1 || step == -1 { end += 1 }
            let last = numbers[end - 1]
            if end - start == 1 {
                pieces.append(.layer(marked(numbers[start])))
            } else {
                pieces.append(
                    .run(
                        start: marked(numbers[start]),
                        end: step == -1 && last == 0 ? nil : marked(last + step),
                        step: step == 1 ? nil : marked(step),
                        range: nil
                    )
                )
            }
            start = end
        }
        return pieces
    }

    /// The arguments of a method; what it does not know has no effect and is left out.
    mutating func arguments(_ arguments: [Argument], of method: RecipeVocabulary.Method, in scope: Int) -> [Argument] {
        let known = Set(method.parameters.map(\.name))
        return arguments.filter { known.contains($0.name.value) }.compactMap { argument in
            value(argument.value, in: scope, locals: [:]).map { Argument(name: argument.name, value: $0) }
        }
    }

    mutating func value(_ value: Value, in scope: Int, locals: Locals) -> Value? {
        switch value.content {
        case .constant(.name(let name)):
            if locals[name] == nil, let (given, owner) = lowering.argument(name, in: scope), !given.isConstant {
                return self.value(given, in: owner, locals: [:])
            }
            return constant(Marked(.name(name), at: value.range), in: scope, locals: locals)
                .map { Value(.constant($0.value), range: value.range) }
        case .constant(let expression):
            return constant(Marked(expression, at: value.range), in: scope, locals: locals)
                .map { Value(.constant($0.value), range: value.range) }
        case .curve(let points, let axis):
            let points = points.compactMap { constant($0, in: scope, locals: locals) }
            return Value(.curve(points, over: axis), range: value.range)
        case .cases(let cases):
            let flat = cases.compactMap { entry in
                self.value(entry.value, in: scope, locals: locals).map {
                    Value.Case(selector: entry.selector, value: $0)
                }
            }
            return Value(.cases(flat), range: value.range)
        }
    }

    mutating func constant(
        _ expression: Marked<Expression>,
        in scope: Int,
        locals: Locals
    ) -> Marked<Expression>? {
        // Names of models and architectures stand bare.
        if case .name(let name) = expression.value, lowering.scopes[scope].inputs[name] != nil {
            return Marked(.text(name), at: expression.range)
        }
        guard let value = lowering.evaluate(expression, in: scope, locals: locals) else { return nil }
        let literal: Expression =
            switch value {
            case .integer(let number): .integer(number)
            case .number(let number): .number(number)
            case .boolean(let truth): .boolean(truth)
            case .text(let text): .text(text)
            }
        return Marked(literal, at: expression.range)
    }
}

extension SliceExpression {
    /// The layers that a flat slice means; `nil` for all of them.
    var absoluteLayers: [Int]? {
        pieces?.flatMap { piece -> [Int] in
            switch piece {
            case .layer(let index): [index.value.literal ?? 0]
            case .run(let start, let end, let step, _):
                Array(
                    stride(from: start?.value.literal ?? 0, to: end?.value.literal ?? -1, by: step?.value.literal ?? 1)
                )
            }
        }
    }
}

extension Expression {
    /// The whole number that it says outright.
    fileprivate var literal: Int? {
        if case .integer(let value) = self { value } else { nil }
    }
}
