import SutureDiagnostics

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
    var printedByRole: PrintedYAML {
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
    var printed: PrintedYAML {
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

extension [Argument] {
    /// The arguments by their names.
    var printed: PrintedYAML { .mapping(map { ($0.name.value, $0.value.printed) }) }
}
