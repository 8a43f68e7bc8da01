import SutureJSON

/// What the blocks of a model do to its residual stream: a fact of the family's class and of the config.
package struct ResidualStream: Hashable, Sendable {
    /// How blocks meet the stream.
    package enum Form: Hashable, Sendable {
        /// A block adds to the stream what its branches put out, and does nothing else to it.
        case sum

        /// It does something else, said as what blocks do: "norm the sum of the stream and what they add".
        case other(String)

        /// Nobody has looked at the family's class.
        case unknown
    }

    /// How blocks meet the stream.
    package let form: Form

    /// Tensors whose part no rule can tell.
    let marks: [StreamMark]

    /// Reads what is known of a family.
    ///
    /// - Parameters:
    ///   - families: The names under which it may be known.
    ///   - config: The config of the language model.
    init(families: [String], config: JSONObject) {
        guard let entry = families.lazy.compactMap(ResidualTable.entry).first else {
            (form, marks) = (.unknown, [])
            return
        }
        form = entry.form(under: config)
        marks = entry.marks
    }

    /// The part of a tensor, as far as it can be told without the others of its layer.
    ///
    /// - Parameters:
    ///   - suffix: The tensor's name in its layer.
    ///   - role: Its role.
    /// - Returns: The part; `nil` for something of a branch whose way out must be looked for among the others.
    func part(of suffix: String, role: Role) -> StreamPart? {
        let plain = suffix.split(separator: ".").filter { !$0.hasPrefix("{") }.joined(separator: ".")
        if let mark = marks.first(where: { $0.means(plain) }) { return mark.part }
        if role.isNorm {
            // A module with a norm in its name may hold more than norms.
            guard NameWords.isNorm(Self.lastModule(of: plain)) else { return nil }
            // A norm behind a branch passes its bias on whatever the branch puts out.
            let isBehind = role.part.hasSuffix("_post") && Role.leaf(of: suffix) == .bias
            return isBehind ? .wayOut : .norm
        }
        if role.sublayer == .other { return Self.inert.areWhole(Self.lastModule(of: plain)) ? .inside : .unknown }
        return role.endsBranch ? .wayOut : nil
    }

    /// A role with what is known of the stream added to it: whether it is a way out, and if so its name in the field.
    func role(_ role: Role, of suffix: String) -> Role {
        let isWayOut = part(of: suffix, role: role) == .wayOut
        guard isWayOut else { return role }
        var name = role.part
        if name.isEmpty || name.hasPrefix("other:") {
            switch role.group {
            case .attention, .crossAttention: name = "o"
            case .mlp, .expert, .sharedExpert: name = "down"
            case .ssm, .router, .norm, .embed, .head, .other: break
            }
        }
        return Role(role.group, name, expert: role.expert, sublayer: role.sublayer, isWayOut: true)
    }

    /// Tables of positions, which the class works out by itself.
    private static let inert = WordPattern.list("rotary_emb* inv_freq masked_bias")

    private static func lastModule(of suffix: String) -> [UInt8] {
        let modules = Role.module(of: suffix).split(separator: ".").map { NameWords.folded($0) }
        return modules.last { !$0.allSatisfy(isDigit) } ?? []
    }
}

extension Role {
    /// Whether it is the projection that a branch ends in.
    var endsBranch: Bool {
        switch group {
        case .attention, .crossAttention: part == "o"
        case .mlp, .expert, .sharedExpert: part == "down"
        case .ssm: Self.ssmWaysOut.contains(part)
        case .router, .norm, .embed, .head, .other: false
        }
    }

    /// Modules of state-space blocks go by their own names.
    private static let ssmWaysOut: Set<String> = ["out_proj", "o_proj", "linear_out", "output_proj", "wo"]
}
