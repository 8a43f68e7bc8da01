/// A run of layers that the checkpoint numbers from 0.
package struct Stack: Hashable, Sendable {
    /// What stands before a layer's number in its tensors' names, such as `model.layers`.
    package let prefix: String

    /// How many layers it has, drafts not counted.
    package let layerCount: Int

    /// Where the config says how many there are, such as `["text_config", "num_hidden_layers"]`.
    package let countPaths: [[String]]

    /// Whether it is the one that surgery works on.
    package let isMain: Bool

    /// The numbers of draft (MTP) layers past the count; empty where there are none.
    package let extraLayers: Range<Int>

    /// The name of a tensor of one of its layers.
    ///
    /// - Parameters:
    ///   - layer: The layer.
    ///   - suffix: The tensor's name inside a layer; a `{}` in it is the place of the number in families
    ///     that number the parts of a layer one by one, and each `^` before it a step up from the layers.
    /// - Returns: The whole name.
    package func name(layer: Int, suffix: String) -> String {
        if let name = SideList.name(prefix: prefix, layer: layer, suffix: suffix) { return name }
        guard let place = suffix.utf8.firstIndex(of: UInt8(ascii: "{")), suffix[place...].hasPrefix("{}") else {
            return "\(prefix).\(layer).\(suffix)"
        }
        return "\(prefix).\(suffix[..<place])\(layer)\(suffix[place...].dropFirst(2))"
    }
}

/// What a tensor is a part of.
package enum ModelPart: Hashable, Sendable {
    /// One layer of a stack.
    case layer(stack: Int, layer: Int, suffix: String, role: Role)

    /// What stands before the first or after the last layer.
    case end(End)

    /// A draft (MTP) layer past the count of its stack.
    case extraLayer(stack: Int, layer: Int, suffix: String)

    /// A draft module with names of its own, such as `mtp.*`.
    case draft(String)

    /// A vision or audio tower, a projector, or whatever else is not the language model.
    case tower(String)

    /// Something that no rule knows.
    case other

    /// The role, which selectors match.
    package var role: Role {
        switch self {
        case .layer(_, _, _, let role): role
        case .end(let end): end.role
        case .extraLayer, .draft, .tower, .other: Role(.other, sublayer: .other)
        }
    }
}

/// What stands before the first layer or after the last.
package enum End: Hashable, Sendable {
    /// The embedding of tokens.
    case embed

    /// What belongs with it: positions, segments, its norm. The name is the role's part.
    case embedCompanion(String)

    /// The norm after the last layer.
    case norm

    /// The head that makes logits, or its bias.
    case head

    /// What belongs with it: poolers, transforms, scores. The name is the role's part.
    case headCompanion(String)

    /// Which choice of an output decides where it comes from.
    package enum Owner: String, Hashable, Sendable, CaseIterable {
        /// The donor of the embedding.
        case embed

        /// The donor of the final norm.
        case norm

        /// The donor of the head.
        case head
    }

    /// The donor it is taken from.
    package var owner: Owner {
        switch self {
        case .embed, .embedCompanion: .embed
        case .norm: .norm
        case .head, .headCompanion: .head
        }
    }

    /// The role, which selectors match.
    package var role: Role {
        switch self {
        case .embed: Role(.embed, sublayer: .other)
        case .embedCompanion(let part): Role(.embed, part, sublayer: .other)
        case .norm: Role(.norm, "final", sublayer: .other)
        case .head: Role(.head, sublayer: .other)
        case .headCompanion(let part): Role(.head, part, sublayer: .other)
        }
    }
}
