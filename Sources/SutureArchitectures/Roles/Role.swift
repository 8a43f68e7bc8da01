/// The half of a layer that a tensor belongs to.
package enum Sublayer: String, Hashable, Sendable, CaseIterable {
    /// The token mixer and its norms: attention, a state-space or a convolution block.
    case attention

    /// The channel mixer and its norms: an MLP, or router and experts.
    case mlp

    /// One norm that feeds both halves of a parallel block.
    case shared

    /// Travels with its layer and belongs to neither half.
    case other
}

/// What a tensor does, under one name for all families: `attn.q`, `expert[3].down`, `norm.mlp`.
///
/// A weight, its bias and its quantization companions have the same role.
package struct Role: Hashable, Sendable, CustomStringConvertible {
    /// The first part of a role's name.
    package enum Group: String, Hashable, Sendable, CaseIterable {
        /// Self-attention.
        case attention = "attn"

        /// Attention to another stack's output.
        case crossAttention = "cross_attn"

        /// A token mixer that is not softmax attention: state space, linear attention, convolution.
        case ssm

        /// A dense MLP.
        case mlp

        /// What chooses experts.
        case router

        /// One of the experts, or all in one tensor.
        case expert

        /// An expert that every token passes.
        case sharedExpert = "shared_expert"

        /// A norm between the sublayers, or the final one.
        case norm

        /// The embedding of tokens, positions or segments.
        case embed

        /// The head, or what feeds it.
        case head

        /// Whatever has no name in the field.
        case other
    }

    /// The first part of the name.
    package let group: Group

    /// The part after the dot, such as `q`, `down` or `other:self_attn.sinks`; empty where there is none.
    package let part: String

    /// Which expert; `nil` where there is but one, or where one tensor holds them all.
    package let expert: Int?

    /// The half of the layer it belongs to; `.other` outside the layers.
    package let sublayer: Sublayer

    /// Whether it is the last that a branch of a block does before it is added to the residual stream.
    ///
    /// So are the projection that attention or an MLP ends in, its bias, and the bias of a norm behind it.
    package let isWayOut: Bool

    /// Creates a role.
    package init(
        _ group: Group,
        _ part: String = "",
        expert: Int? = nil,
        sublayer: Sublayer,
        isWayOut: Bool = false
    ) {
        self.group = group
        self.part = part
        self.expert = expert
        self.sublayer = sublayer
        self.isWayOut = isWayOut
    }

    /// The name, as a selector would have it: `attn.q`, `expert[3].down`, `expert[*].gate_up`, `router`.
    package var description: String {
        let head =
            switch group {
            case .expert: "expert[\(expert.map(String.init) ?? "*")]"
            case .other: part.isEmpty ? "other" : "other:\(part)"
            default: group.rawValue
            }
        return part.isEmpty || group == .other ? head : "\(head).\(part)"
    }

    /// Whether it is a norm between the sublayers, or the final one.
    package var isNorm: Bool { group == .norm }

    /// Whether it makes its half of the layer the kind of thing that it is: neither a norm nor the way out.
    ///
    /// Which window and which positions attention has was learnt by its queries and keys.
    package var decidesKind: Bool { !isNorm && !part.hasSuffix("_norm") && !Self.waysOut.contains(part) }

    private static let waysOut: Set<String> = ["o", "o_a", "down", "out_proj", "o_proj"]
}

extension Role {
    /// What the last part of a tensor's name says about its numbers.
    package enum Leaf: Hashable, Sendable {
        /// The numbers of the module: `weight`, a norm's `gamma`, or a bare parameter.
        case weight

        /// Its bias.
        case bias

        /// What a quantized weight needs beside it, such as `scales` or `weight_scale_inv`.
        case companion(String)
    }

    /// The module that a weight, its bias and its companions belong to: `mlp.down_proj` of `mlp.down_proj.scales`.
    package static func module(of suffix: String) -> String { RoleNamer.modules(of: suffix).joined(separator: ".") }

    /// Whether a tensor is a quantizer's text about a weight, whose length follows the digits of its numbers.
    ///
    /// bitsandbytes writes JSON as bytes, under `weight.quant_state.bitsandbytes__nf4`.
    package static func isText(_ suffix: String) -> Bool { suffix.contains(".quant_state.") }

    /// The leaf of a suffix such as `mlp.down_proj.weight_scale`.
    package static func leaf(of suffix: String) -> Leaf {
        let last = suffix.split(separator: ".").last.map(String.init) ?? suffix
        switch last {
        case "weight", "gamma", "qweight", "weight_packed": return .weight
        case "bias", "beta": return .bias
        default: break
        }
        // `weight.absmax` and `weight.quant_state.…` are bitsandbytes' companions of `weight`.
        if suffix.contains(".weight.") { return .companion(last) }
        if NameWords.leaves.contains(last) { return .companion(last) }
        guard let ending = NameWords.companionEndings.first(where: { last.hasSuffix($0) && last.count > $0.count })
        else { return .weight }
        if ending == "_bias" { return .bias }
        return ending == "_blocks" ? .weight : .companion(String(ending.dropFirst()))
    }
}
