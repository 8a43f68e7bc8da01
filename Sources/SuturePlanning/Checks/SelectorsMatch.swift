import SutureDiagnostics
import SutureRecipes

extension Lowering {
    /// Reports every selector that was asked about tensors and meant none of them.
    ///
    /// In a recipe of ours that is a slip and an error. A mergekit filter that matches nothing has no
    /// effect there, and published files have them, so it is a warning.
    mutating func reportUnmatchedSelectors() {
        let unmatched = selectorUses.filter { $0.value == 0 }.keys
        let ordered = unmatched.sorted { a, b in
            (a.selector.range?.start ?? SourceMark(line: 0, column: 0))
                < (b.selector.range?.start ?? SourceMark(line: 0, column: 0))
        }
        for key in ordered { findings.append(.matchesNothing(key.selector, isFilter: key.isFilter)) }
    }
}

extension Diagnostic {
    /// A selector that means no tensor.
    static func matchesNothing(_ selector: Selector, isFilter: Bool) -> Diagnostic {
        Diagnostic(
            isFilter ? .warning : .error,
            code: "matches-nothing",
            "'\(selector.shortName)' matches no tensor of the strip",
            at: selector.range,
            fix: FixIt(
                isFilter
                    ? "a filter is a part of a tensor's name, such as 'self_attn' or 'mlp'"
                    : selector.meansWaysOut
                        ? "'residual' is what layers of any family add; 'suture inspect MODEL' lists a model's roles"
                        : "'suture inspect MODEL' lists the roles a model has"
            )
        )
    }
}

extension Selector {
    /// Whether it asks for projections that branches of most families end in.
    fileprivate var meansWaysOut: Bool {
        including.contains { term in
            switch term {
            case .role(let pattern), .layers(_, let pattern): ["attn.o", "mlp.down"].contains(pattern.value)
            case .name: false
            }
        }
    }
}
