import SutureDiagnostics
import SutureRecipes

extension LayerStack: LoweredOperator {
    func strip(by lowering: inout Lowering, node: SliceGraph.Node, in scope: Int, at position: Int) -> Strip? {
        lowering.stack(items, node: node, in: scope, at: position)
    }

    func flat(by flattening: inout Flattening, in scope: Int) -> Operation? {
        flattening.items(items, in: scope, locals: [:]).map { .stack(LayerStack($0)) }
    }

    func computesNumbers(depth: Int) -> Bool { items.contains(where: \.hasArithmetic) }
}

extension Lowering {
    /// Lowers a stack: its items' layers one after another.
    ///
    /// The embedding is the first item's, the final norm and the head are the last one's; an item
    /// without layers still counts, since that is how a mergekit file names whose head is written.
    mutating func stack(
        _ items: [StackItem],
        node: SliceGraph.Node,
        in scope: Int,
        at position: Int,
        locals: Locals = [:]
    ) -> Strip? {
        var builder = StackBuilder(position: position)
        add(items, to: &builder, in: scope, locals: locals)
        guard builder.isSound else { return nil }
        guard let strip = builder.strip else {
            findings.append(.emptyStack(node.name))
            return nil
        }
        return strip
    }

    /// The stack so far.
    struct StackBuilder {
        /// The output layer of the stack's first layer.
        let position: Int
        private(set) var strip: Strip?
        var isSound = true

        init(position: Int) {
            self.position = position
        }

        /// Where the next layer will stand.
        var next: Int { position + (strip?.layers.count ?? 0) }

        /// Puts layers on top.
        mutating func add(_ item: Strip) {
            guard var whole = strip else {
                strip = item
                return
            }
            whole.layers += item.layers
            whole.ends.norm = item.ends.norm
            whole.ends.head = item.ends.head
            whole.sources += item.sources.filter { !whole.sources.contains($0) }
            strip = whole
        }
    }

    private mutating func add(_ items: [StackItem], to builder: inout StackBuilder, in scope: Int, locals: Locals) {
        for item in items {
            guard builder.next - builder.position <= Self.mostLayers else {
                findings.append(.tooManyLayers(at: item.range, most: Self.mostLayers))
                builder.isSound = false
                return
            }
            switch item.content {
            case .layers(let layers): add(layers, to: &builder, in: scope, locals: locals)
            case .foreach(let variables, let body):
                addForeach(variables, body: body, to: &builder, in: scope, locals: locals)
            case .window(let slice, let size, let step):
                addWindows(of: slice, size: size, step: step, to: &builder, in: scope, locals: locals)
            case .interleave(let slices, let run):
                addInterleaved(slices, run: run, to: &builder, in: scope, locals: locals)
            }
        }
    }

    private mutating func add(
        _ item: StackItem.Layers,
        to builder: inout StackBuilder,
        in scope: Int,
        locals: Locals
    ) {
        let repetitions = item.repetitions.map { integer($0, in: scope, locals: locals) } ?? 1
        let isReversed = item.isReversed.map { number($0, in: scope, locals: locals).map { $0 != 0 } } ?? false
        guard let repetitions, let isReversed,
            let count = strip(of: item.from, in: scope, at: builder.next, locals: locals)?.layers.count
        else {
            builder.isSound = false
            return
        }
        guard repetitions >= 1, repetitions <= Self.mostLayers, count * repetitions <= Self.mostLayers else {
            findings.append(.badRepetition(repetitions, at: item.repetitions?.range, most: Self.mostLayers))
            builder.isSound = false
            return
        }
        var strip: Strip?
        var dependsOnPlace = true
        for _ in 0..<repetitions {
            if dependsOnPlace {
                let asked = namesAsked
                let place = builder.next
                let taken = self.strip(of: item.from, in: scope, at: place, locals: locals) { layers in
                    isReversed ? layers.reversed() : Array(layers)
                }
                guard var taken else {
                    builder.isSound = false
                    return
                }
                apply(scale: item.scale, set: item.set, to: &taken, in: scope, at: place, locals: locals)
                strip = taken
                dependsOnPlace = namesAsked > asked
            }
            if let strip { builder.add(strip) }
        }
    }

    private mutating func addForeach(
        _ variables: [StackItem.Variable],
        body: [StackItem],
        to builder: inout StackBuilder,
        in scope: Int,
        locals: Locals
    ) {
        guard let rows = rows(of: variables, in: scope, locals: locals) else {
            builder.isSound = false
            return
        }
        for row in rows {
            add(body, to: &builder, in: scope, locals: row)
            guard builder.isSound else { return }
        }
    }

    /// What the variables of a `foreach` are worth in each of its rounds, beside those known already.
    mutating func rows(of variables: [StackItem.Variable], in scope: Int, locals: Locals) -> [Locals]? {
        var columns: [(name: String, values: [ExpressionValue])] = []
        for variable in variables {
            guard let values = values(of: variable, in: scope, locals: locals) else { return nil }
            columns.append((variable.name.value, values))
        }
        guard let count = columns.first?.values.count else { return [] }
        if let odd = columns.first(where: { $0.values.count != count }) {
            findings.append(
                .foreachLengths(columns[0].name, count, odd.name, odd.values.count, at: variables.last?.name.range)
            )
            return nil
        }
        return (0..<count).map { row in
            var inner = locals
            for column in columns { inner[column.name] = column.values[row] }
            return inner
        }
    }

    private mutating func values(
        of variable: StackItem.Variable,
        in scope: Int,
        locals: Locals
    ) -> [ExpressionValue]? {
        switch variable.values {
        case .list(let expressions):
            let values = expressions.map { evaluate($0, in: scope, locals: locals) }
            return values.contains { $0 == nil } ? nil : values.compactMap(\.self)
        case .run(let start, let end, let step):
            guard let first = integer(start, in: scope, locals: locals),
                let last = integer(end, in: scope, locals: locals),
                let stride = step.map({ integer($0, in: scope, locals: locals) }) ?? 1
            else { return nil }
            guard stride != 0 else {
                findings.append(.zeroStep(at: step?.range))
                return nil
            }
            let (span, overflows) = last.subtractingReportingOverflow(first)
            guard !overflows, span.magnitude / stride.magnitude <= UInt(Self.mostLayers) else {
                findings.append(.tooManyLayers(at: start.range, most: Self.mostLayers))
                return nil
            }
            return Swift.stride(from: first, to: last, by: stride).map(ExpressionValue.integer)
        }
    }

    private mutating func addWindows(
        of slice: SliceExpression,
        size: Marked<Expression>,
        step: Marked<Expression>,
        to builder: inout StackBuilder,
        in scope: Int,
        locals: Locals
    ) {
        guard let windows = windows(of: slice, size: size, step: step, in: scope, locals: locals) else {
            builder.isSound = false
            return
        }
        for layers in windows { add(layers, of: slice, to: &builder, in: scope, locals: locals) }
    }

    /// The layers of each window of a strip.
    mutating func windows(
        of slice: SliceExpression,
        size: Marked<Expression>,
        step: Marked<Expression>,
        in scope: Int,
        locals: Locals
    ) -> [Range<Int>]? {
        guard let length = integer(size, in: scope, locals: locals),
            let stride = integer(step, in: scope, locals: locals),
            let count = strip(of: slice, in: scope, at: 0, locals: locals)?.layers.count
        else { return nil }
        guard length >= 1, stride >= 1, length <= count else {
            findings.append(.badWindow(size: length, step: stride, of: count, at: size.range))
            return nil
        }
        let leftOver = (count - length) % stride
        if leftOver > 0 {
            findings.append(.windowLeavesLayers(leftOver, of: slice.target.value, at: size.range))
        }
        return Swift.stride(from: 0, through: count - length, by: stride).map { $0..<$0 + length }
    }

    private mutating func addInterleaved(
        _ slices: [SliceExpression],
        run: Marked<Expression>,
        to builder: inout StackBuilder,
        in scope: Int,
        locals: Locals
    ) {
        guard let runs = interleaved(slices, run: run, in: scope, locals: locals) else {
            builder.isSound = false
            return
        }
        for layers in runs {
            for slice in slices { add(layers, of: slice, to: &builder, in: scope, locals: locals) }
        }
    }

    /// Stacks some of the layers that a slice means.
    private mutating func add(
        _ layers: Range<Int>,
        of slice: SliceExpression,
        to builder: inout StackBuilder,
        in scope: Int,
        locals: Locals
    ) {
        let part = strip(of: slice, in: scope, at: builder.next, locals: locals) { Array($0[layers]) }
        if let part { builder.add(part) } else { builder.isSound = false }
    }

    /// The layers that each strip of an interleaving gives in turn.
    mutating func interleaved(
        _ slices: [SliceExpression],
        run: Marked<Expression>,
        in scope: Int,
        locals: Locals
    ) -> [Range<Int>]? {
        guard let length = integer(run, in: scope, locals: locals) else { return nil }
        let counts = slices.map { strip(of: $0, in: scope, at: 0, locals: locals)?.layers.count }
        guard let first = counts.first.flatMap(\.self), !counts.contains(nil) else { return nil }
        guard length >= 1 else {
            findings.append(.badRun(length, at: run.range))
            return nil
        }
        for (slice, count) in zip(slices, counts) {
            guard let count, count != first else { continue }
            findings.append(
                .lengthsDiffer(
                    "interleave",
                    slices[0].target.value,
                    first,
                    slice.target.value,
                    count,
                    at: slice.range ?? slice.target.range
                )
            )
            return nil
        }
        return Swift.stride(from: 0, to: first, by: length).map { $0..<min($0 + length, first) }
    }
}

extension Flattening {
    fileprivate mutating func items(_ items: [StackItem], in scope: Int, locals: Locals) -> [StackItem]? {
        var flat: [StackItem] = []
        for item in items {
            switch item.content {
            case .layers(var layers):
                guard let from = slice(layers.from, in: scope, locals: locals) else { return nil }
                layers.from = from
                layers.repetitions = layers.repetitions.flatMap { constant($0, in: scope, locals: locals) }
                if layers.repetitions?.value == .integer(1) { layers.repetitions = nil }
                layers.isReversed = layers.isReversed.flatMap { constant($0, in: scope, locals: locals) }
                if layers.isReversed?.value == .boolean(false) { layers.isReversed = nil }
                layers.scale = layers.scale.flatMap { value($0, in: scope, locals: locals) }
                layers.set = layers.set.flatMap { value($0, in: scope, locals: locals) }
                flat.append(StackItem(.layers(layers), range: item.range))
            case .foreach(let variables, let body):
                guard let rows = lowering.rows(of: variables, in: scope, locals: locals) else { return nil }
                for row in rows {
                    guard let part = self.items(body, in: scope, locals: row) else { return nil }
                    flat += part
                }
            case .window(let of, let size, let step):
                guard let windows = lowering.windows(of: of, size: size, step: step, in: scope, locals: locals),
                    let whole = slice(of, in: scope, locals: locals)
                else { return nil }
                flat += windows.map { part($0, of: whole, range: item.range) }
            case .interleave(let slices, let run):
                guard let runs = lowering.interleaved(slices, run: run, in: scope, locals: locals) else { return nil }
                var wholes: [SliceExpression] = []
                for inner in slices {
                    guard let whole = slice(inner, in: scope, locals: locals) else { return nil }
                    wholes.append(whole)
                }
                flat += runs.flatMap { run in wholes.map { part(run, of: $0, range: item.range) } }
            }
        }
        return flat
    }

    /// Some of the layers that a flat slice means.
    private func part(_ layers: Range<Int>, of whole: SliceExpression, range: SourceRange?) -> StackItem {
        let numbers = whole.absoluteLayers.map { Array($0[layers]) } ?? Array(layers)
        let slice = SliceExpression(target: whole.target, pieces: Self.pieces(numbers), range: whole.range)
        return StackItem(.layers(StackItem.Layers(from: slice)), range: range)
    }
}

extension StackItem {
    fileprivate var hasArithmetic: Bool {
        switch content {
        case .layers(let layers): layers.scale != nil || layers.set != nil
        case .foreach(_, let body): body.contains(where: \.hasArithmetic)
        case .window, .interleave: false
        }
    }
}
