import SutureDiagnostics

/// A pattern over roles, as recipes write it: `attn.*`, `mlp.down`, `expert[*].up`, `*`.
///
/// `attn.*` is the whole token mixer and `mlp.*` the whole channel mixer, router and experts included,
/// both without the norms around them; every other `group.*` is that group alone. `norm.attn` and `norm.mlp` mean
/// `norm.shared` too, the one norm that feeds both halves of a parallel block. `residual` is whatever adds to the
/// residual stream: the ways out of all branches of a layer, in any family.
package struct RoleSelector: Hashable, Sendable, CustomStringConvertible {
    /// A text that is no selector.
    package struct Unknown: Error, Hashable, Sendable {
        /// What was written.
        package let text: String

        /// What is wrong with it, in words.
        package let reason: String

        /// The selectors it was probably meant to be, likeliest first.
        package let suggestions: [String]
    }

    /// Which experts are meant.
    private enum Experts: Hashable, Sendable {
        case all
        case one(Int)
    }

    /// As it was written.
    package let description: String

    /// Whether it means all that adds to the residual stream.
    package let isResidual: Bool

    private let group: Role.Group?
    private let part: String?
    private let experts: Experts

    /// The selector of all that adds to the residual stream.
    package static let residual = "residual"

    /// Reads a selector.
    ///
    /// - Parameter text: What a recipe says.
    /// - Throws: ``Unknown``, with the nearest selector that exists.
    package init(parsing text: String) throws(Unknown) {
        description = text
        isResidual = text == Self.residual
        if text == "*" || isResidual {
            (group, part, experts) = (nil, nil, .all)
            return
        }
        if text.hasPrefix("other:") {
            (group, part, experts) = (.other, String(text.dropFirst("other:".count)), .all)
            return
        }
        let (head, tail) = Self.halves(of: text)
        let (name, index) = try Self.split(head, in: text)
        guard let group = Role.Group(rawValue: name) else {
            throw Unknown(text: text, reason: "no role is called '\(text)'", suggestions: Self.nearest(to: text))
        }
        if index != nil, group != .expert {
            throw Unknown(text: text, reason: "'\(name)' has no number", suggestions: ["expert[*].down"])
        }
        if let tail, tail != "*", !tail.hasPrefix("other:"), !Self.isKnown(tail, in: group) {
            throw Unknown(
                text: text,
                reason: "'\(name)' has no part called '\(tail)'",
                suggestions: Self.nearest(to: text)
            )
        }
        let namesItself: [Role.Group] = [.router, .embed, .head]
        guard tail != nil || namesItself.contains(group) else {
            throw Unknown(text: text, reason: "'\(text)' is a group of roles", suggestions: ["\(head).*"])
        }
        self.group = group
        part = tail == "*" ? nil : tail ?? ""
        experts = index.flatMap { $0 }.map(Experts.one) ?? .all
    }

    /// Whether a role is one of those meant.
    package func matches(_ role: Role) -> Bool {
        if isResidual { return role.isWayOut }
        guard let group else { return true }
        if case .one(let index) = experts, role.expert != index { return false }
        guard let part else { return Self.isIn(group, role) }
        // The one norm of a parallel block comes before attention, and before the MLP as well.
        if group == .norm, role.sublayer == .shared { return ["shared", "attn", "mlp"].contains(part) }
        return role.group == group && role.part == part
    }

    private static func isIn(_ group: Role.Group, _ role: Role) -> Bool {
        switch group {
        case .attention: !role.isNorm && role.group != .other && role.sublayer == .attention
        case .mlp: !role.isNorm && role.group != .other && role.sublayer == .mlp
        default: role.group == group
        }
    }

    // MARK: - Reading

    private static func halves(of text: String) -> (head: String, tail: String?) {
        guard let dot = text.firstIndex(of: ".") else { return (text, nil) }
        return (String(text[..<dot]), String(text[text.index(after: dot)...]))
    }

    /// `expert[3]` is `expert` and 3, `expert[*]` is `expert` and any.
    private static func split(_ head: String, in text: String) throws(Unknown) -> (name: String, index: Int??) {
        guard let open = head.firstIndex(of: "[") else { return (head, nil) }
        let name = String(head[..<open])
        let inside = head[head.index(after: open)...]
        guard inside.hasSuffix("]") else {
            throw Unknown(text: text, reason: "the bracket in '\(text)' is not closed", suggestions: [])
        }
        let number = inside.dropLast()
        if number == "*" { return (name, .some(nil)) }
        guard let index = Int(number), index >= 0 else {
            throw Unknown(text: text, reason: "'\(number)' is no expert's number", suggestions: ["expert[*].down"])
        }
        return (name, index)
    }

    private static func isKnown(_ part: String, in group: Role.Group) -> Bool {
        switch group {
        // Modules of state-space blocks go by their own names, which differ in every family.
        case .ssm, .other: true
        default: RoleNames.parts[group, default: []].contains(part)
        }
    }

    private static func nearest(to text: String) -> [String] {
        let meant = RoleSuggestion.roles(for: text)
        return meant.isEmpty ? known.nearest(to: text).map { [$0] } ?? [] : meant
    }

    /// Every selector there is a name for.
    package static let known: [String] = {
        var all = ["*", residual]
        for group in Role.Group.allCases where group != .other {
            let head = group == .expert ? "expert[*]" : group.rawValue
            let parts = RoleNames.parts[group, default: []]
            if group == .router || group == .embed || group == .head { all.append(head) }
            if group != .router { all.append(head + ".*") }
            all += parts.sorted().map { "\(head).\($0)" }
        }
        return all
    }()
}
