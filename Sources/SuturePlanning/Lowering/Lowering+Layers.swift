import SutureArchitectures
import SutureDiagnostics
import SutureRecipes

extension Lowering {
    /// The layers that the brackets of a slice mean, absolute and in order.
    ///
    /// Python's rules, but what lies past the end and what is empty is an error.
    ///
    /// - Returns: The layer numbers, or `nil` when something was wrong and has been reported.
    mutating func layers(
        _ pieces: [SliceExpression.Piece],
        of count: Int,
        slice: SliceExpression,
        in scope: Int,
        locals: Locals
    ) -> [Int]? {
        var chosen: [Int] = []
        var isSound = true
        for piece in pieces {
            guard let part = layers(piece, of: count, slice: slice, in: scope, locals: locals) else {
                isSound = false
                continue
            }
            guard chosen.count + part.count <= Self.mostLayers else {
                findings.append(.tooManyLayers(at: slice.range, most: Self.mostLayers))
                return nil
            }
            chosen += part
        }
        return isSound ? chosen : nil
    }

    /// More layers than any model has; a recipe that asks for more is a slip or an attack.
    static var mostLayers: Int { 100_000 }

    private mutating func layers(
        _ piece: SliceExpression.Piece,
        of count: Int,
        slice: SliceExpression,
        in scope: Int,
        locals: Locals
    ) -> [Int]? {
        let owner = Owner(name: describe(slice.target.value, in: scope), count: count)
        let dialect = scopes[scope].graph.dialect
        switch piece {
        case .layer(let expression):
            guard let index = integer(expression, in: scope, locals: locals) else { return nil }
            let absolute = index < 0 ? index + count : index
            guard (0..<count).contains(absolute) else {
                findings.append(.layerPastEnd(index, owner: owner, at: expression.range ?? slice.range))
                return nil
            }
            return [absolute]
        case .run(let start, let end, let step, let range):
            return run(
                start: start,
                end: end,
                step: step,
                range: range ?? slice.range,
                of: owner,
                dialect: dialect,
                in: scope,
                locals: locals
            )
        }
    }

    private mutating func run(
        start: Marked<Expression>?,
        end: Marked<Expression>?,
        step: Marked<Expression>?,
        range: SourceRange?,
        of owner: Owner,
        dialect: SliceGraph.Dialect,
        in scope: Int,
        locals: Locals
    ) -> [Int]? {
        let stride = step.map { integer($0, in: scope, locals: locals) } ?? 1
        let first = start.map { integer($0, in: scope, locals: locals) }
        let last = end.map { integer($0, in: scope, locals: locals) }
        guard let stride, first != .some(nil), last != .some(nil) else { return nil }
        guard stride != 0, stride > -Self.mostLayers, stride < Self.mostLayers else {
            findings.append(.zeroStep(at: step?.range ?? range))
            return nil
        }
        let count = owner.count
        let isForward = stride > 0
        // Counted from the end where negative; beyond the last layer is never clamped.
        let from = first.flatMap { $0 }.map { $0 < 0 && dialect == .native ? $0 + count : $0 }
        let to = last.flatMap { $0 }.map { $0 < 0 && dialect == .native ? $0 + count : $0 }
        let begin = from ?? (isForward ? 0 : count - 1)
        let stop = to ?? (isForward ? count : -1)

        var isSound = true
        let word = dialect == .mergekit ? "layer_range" : "range"
        if let from, from < 0 || from > (isForward ? count : count - 1) {
            findings.append(.rangeStartOutside(first.flatMap { $0 } ?? from, word, owner, at: start?.range ?? range))
            isSound = false
        }
        if let to, to < 0 || to > count {
            findings.append(.rangeEndOutside(last.flatMap { $0 } ?? to, word, owner, at: end?.range ?? range))
            isSound = false
        }
        guard isSound else { return nil }
        let layers = Array(Swift.stride(from: begin, to: stop, by: stride))
        guard layers.isEmpty else { return layers }
        if dialect == .mergekit, begin == count, stop == count {
            findings.append(.rangeGivesEndsOnly(owner, at: range))
            return []
        }
        findings.append(.emptyRange(begin, stop, word, owner, at: range))
        return nil
    }

    /// What a name stands for in words: an input's reference where there is one.
    private func describe(_ name: String, in scope: Int) -> String {
        guard case .source(let index)? = scopes[scope].inputs[name] else { return name }
        return scopes[scope].graph.dialect == .mergekit ? sources[index].reference : name
    }

    /// Whose layers a slice takes.
    struct Owner {
        let name: String
        let count: Int
        var layers: String { count == 1 ? "the 1 layer of '\(name)'" : "the \(count) layers of '\(name)'" }
    }
}

extension Diagnostic {
    /// A layer number past the end.
    static func layerPastEnd(_ index: Int, owner: Lowering.Owner, at range: SourceRange?) -> Diagnostic {
        Diagnostic(
            code: "layer-past-end",
            "layer \(index) is past \(owner.layers)",
            at: range,
            fix: owner.count > 0 ? FixIt("the last is \(owner.count - 1)", replacing: "\(owner.count - 1)") : nil
        )
    }

    /// A range that begins outside.
    static func rangeStartOutside(
        _ start: Int,
        _ word: String,
        _ owner: Lowering.Owner,
        at range: SourceRange?
    ) -> Diagnostic {
        Diagnostic(
            code: "range-outside",
            "\(word) start \(start) is \(start < 0 ? "before" : "past") \(owner.layers)",
            at: range,
            fix: FixIt("layers are counted from 0 to \(owner.count - 1)")
        )
    }

    /// A range that ends outside.
    static func rangeEndOutside(
        _ end: Int,
        _ word: String,
        _ owner: Lowering.Owner,
        at range: SourceRange?
    ) -> Diagnostic {
        Diagnostic(
            code: "range-outside",
            "\(word) end \(end) is \(end < 0 ? "before" : "past") \(owner.layers)",
            at: range,
            fix: FixIt("end at \(owner.count)", replacing: "\(owner.count)")
        )
    }

    /// A range without layers.
    static func emptyRange(
        _ start: Int,
        _ end: Int,
        _ word: String,
        _ owner: Lowering.Owner,
        at range: SourceRange?
    ) -> Diagnostic {
        emptyRange(
            start == end
                ? "\(word) from \(start) to \(end) has no layers: the end is not included (\(owner.layers) are 0 to \(owner.count - 1))"
                : "\(word) from \(start) to \(end) has no layers of \(owner.layers)",
            at: range,
            fix: start == end
                ? FixIt("for layer \(start) alone, end at \(start + 1)")
                : FixIt("did you mean \(end) to \(start)?")
        )
    }

    /// mergekit's way of naming whose head is written.
    static func rangeGivesEndsOnly(_ owner: Lowering.Owner, at range: SourceRange?) -> Diagnostic {
        Diagnostic(
            .note,
            code: "range-gives-ends",
            "layer_range from \(owner.count) to \(owner.count) has no layers; '\(owner.name)' gives its ends only",
            at: range,
            fix: FixIt("a native recipe says it with 'output: {ends: {norm: …, head: …}}'")
        )
    }

    /// A step that leads nowhere.
    static func zeroStep(at range: SourceRange?) -> Diagnostic {
        Diagnostic(code: "zero-step", "a step of 0 never reaches the end", at: range, fix: FixIt("leave it out for 1"))
    }

    /// A recipe that asks for more layers than anybody can mean.
    static func tooManyLayers(at range: SourceRange?, most: Int) -> Diagnostic {
        Diagnostic(
            code: Finding.tooManyLayersCode,
            "the recipe asks for more than \(most) layers",
            at: range,
            fix: FixIt("check 'repeat', 'foreach' and 'window' for a slip")
        )
    }
}
