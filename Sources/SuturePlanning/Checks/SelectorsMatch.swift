import SutureArchitectures
import SutureDiagnostics
import SutureRecipes

/// What the terms of a selector have matched.
struct SelectorUse: Hashable {
    /// Whether each term that names tensors has named one.
    var including: [Bool]
    /// Whether each term that takes tensors away has taken one.
    var excluding: [Bool]

    init(_ selector: Selector) {
        including = selector.including.map { _ in false }
        excluding = selector.excluding.map { _ in false }
    }
}

extension Lowering {
    /// Reports every selector that was asked about tensors and meant none of them, and every term of a list that
    /// added nothing to it or took nothing away.
    ///
    /// A selector without a tensor is a slip and an error; a term of a list is a warning, since one recipe may serve
    /// several families. A mergekit filter that matches nothing has no effect there, and published files have them,
    /// so it is a warning.
    mutating func reportUnmatchedSelectors() {
        let start = SourceMark(line: 0, column: 0)
        let ordered = selectorUses.sorted { a, b in
            (a.key.selector.range?.start ?? start) < (b.key.selector.range?.start ?? start)
        }
        let roles = RolesAtHand(sources)
        for (key, use) in ordered {
            guard use.including.contains(true) else {
                findings.append(.matchesNothing(key.selector, isFilter: key.isFilter, among: roles))
                continue
            }
            for (term, isUsed) in zip(key.selector.including, use.including) where !isUsed {
                findings.append(.termMatchesNothing(term, takesAway: false, among: roles))
            }
            for (term, isUsed) in zip(key.selector.excluding, use.excluding) where !isUsed {
                findings.append(.termMatchesNothing(term, takesAway: true, among: roles))
            }
        }
    }
}

/// The roles that the tensors of a recipe's models have.
struct RolesAtHand {
    private let roles: Set<String>

    init(_ sources: [ResolvedSource]) {
        var roles: Set<Role> = []
        for source in sources {
            for layer in source.strip.layers { roles.formUnion(layer.slots.lazy.map(\.role)) }
            let ends = source.strip.ends
            roles.formUnion((ends.embed.slots + ends.norm.slots + ends.head.slots).lazy.map(\.role))
        }
        self.roles = Set(roles.map { $0.group == .expert ? "expert[*].\($0.part)" : $0.description })
    }

    /// What to write in place of a pattern that none of them fits.
    func fix(for pattern: String) -> Diagnostic.FixIt {
        let named = roles.filter { !$0.contains("other") }
        let group = pattern.prefix { $0 != "." && $0 != "[" }
        let part = pattern.drop { $0 != "." }
        let alike = named.filter { $0.hasPrefix(group) || part.count > 1 && $0.hasSuffix(part) }
        let shown = (alike.isEmpty ? named : alike).sorted()
        guard !shown.isEmpty else { return Diagnostic.FixIt("'suture inspect MODEL' lists the roles a model has") }
        let list = shown.prefix(8).joined(separator: ", ") + (shown.count > 8 ? ", …" : "")
        return Diagnostic.FixIt("the models have \(list); 'suture inspect MODEL' lists the roles of one")
    }
}

extension Diagnostic {
    /// A glob of `output.drop` that names nothing.
    static func dropMatchesNothing(_ glob: Marked<String>) -> Diagnostic {
        Diagnostic(
            code: "matches-nothing",
            "'\(glob.value)' under 'drop' matches no tensor of the result",
            at: glob.range,
            fix: FixIt("names are those of the output, where layers are numbered anew: see 'suture plan'")
        )
    }

    /// A selector that means no tensor.
    static func matchesNothing(_ selector: Selector, isFilter: Bool, among roles: RolesAtHand) -> Diagnostic {
        Diagnostic(
            isFilter ? .warning : .error,
            code: "matches-nothing",
            "'\(selector.shortName)' matches no tensor of the strip",
            at: selector.range,
            fix: isFilter
                ? FixIt("a filter is a part of a tensor's name, such as 'self_attn' or 'mlp'")
                : selector.meansWaysOut
                    ? FixIt("'residual' is what layers of any family add; 'suture inspect MODEL' lists a model's roles")
                    : selector.including.first?.fix(among: roles)
        )
    }

    /// A term of a selector that means no tensor, where others do.
    static func termMatchesNothing(_ term: Selector.Term, takesAway: Bool, among roles: RolesAtHand) -> Diagnostic {
        Diagnostic(
            .warning,
            code: "matches-nothing",
            takesAway
                ? "'\(term.text)' under 'not' matches none of the tensors that it is to be taken from"
                : "'\(term.text)' matches no tensor of the strip; the rest of its list does",
            at: term.range,
            fix: term.fix(among: roles)
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

extension Selector.Term {
    /// What is written.
    var text: String {
        switch self {
        case .role(let pattern): pattern.value
        case .layers(_, let pattern): "layers[…].\(pattern.value)"
        case .name(let glob): glob.value
        }
    }

    /// Where it is written.
    var range: SourceRange? {
        switch self {
        case .role(let word), .layers(_, let word), .name(let word): word.range
        }
    }

    fileprivate func fix(among roles: RolesAtHand) -> Diagnostic.FixIt {
        switch self {
        case .role(let pattern), .layers(_, let pattern): roles.fix(for: pattern.value)
        case .name: Diagnostic.FixIt("names are those of the output, where layers are numbered anew: see 'suture plan'")
        }
    }
}
