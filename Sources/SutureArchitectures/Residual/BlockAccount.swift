/// All that one block does to the residual stream, tensor by tensor.
package struct BlockAccount: Sendable {
    /// What each tensor is to the stream, in their order.
    package let parts: [StreamPart]

    /// Takes account of a block.
    ///
    /// A tensor that the field has a name for is inside a branch where a way out stands in the same module, such as
    /// `self_attn`, or one of the same group in the layer: `fc1` beside `fc2`.
    ///
    /// - Parameters:
    ///   - tensors: The names of its tensors in the layer, and their roles.
    ///   - stream: What is known of the family.
    package init(_ tensors: [(suffix: String, role: Role)], in stream: ResidualStream) {
        let told = tensors.map { stream.part(of: $0.suffix, role: $0.role) }
        var modules: Set<String> = []
        var branches: Set<Branch> = []
        var weights: Set<String> = []
        for (tensor, part) in zip(tensors, told) {
            if Role.leaf(of: tensor.suffix) != .bias { weights.insert(Role.module(of: tensor.suffix)) }
            guard part == .wayOut, !tensor.role.isNorm else { continue }
            modules.insert(Self.outerModule(of: tensor.suffix))
            branches.formUnion(Branch.ended(by: tensor.role))
        }
        parts = zip(tensors, told).map { tensor, part in
            if let part { return part }
            let role = tensor.role
            if Role.leaf(of: tensor.suffix) == .bias {
                // What a module without a weight adds may be added behind the way out, and so may a norm's bias.
                let isBare = tensor.suffix.hasSuffix(".bias") && !weights.contains(Role.module(of: tensor.suffix))
                if isBare || role.part == "norm" { return .unknown }
            }
            let isNamed = !role.part.hasPrefix("other:")
            if modules.contains(Self.outerModule(of: tensor.suffix)) {
                return isNamed || Self.isAside(tensor.suffix) ? .inside : .unknown
            }
            return isNamed && branches.contains(Branch(of: role)) ? .inside : .unknown
        }
    }

    /// Whether a name has a word for something that shapes what a branch works out, and adds nothing to it.
    private static func isAside(_ suffix: String) -> Bool {
        suffix.split(separator: ".").contains { asides.areWhole(NameWords.folded($0)) }
    }

    private static let asides = WordPattern.list(
        """
        indexer compressor a_proj b_proj f_proj f_a_proj f_b_proj g_a_proj g_b_proj o_norm r_proj lambda_q# lambda_k# \
        softmax_offset attention_sink attn_sink attn_sink_proj learnable_sink_param attention_sink_bias linear_gate \
        gate_attn ssmax_scaling k_sconv v_sconv wk_dv wq_du wr_du wv_dv exclusive_self_attention linear_x linear_y q_attn k_rope_only_layernorm \
        q_l2_clip rel_l2_clip
        """
    )

    /// The module of the layer that a tensor lies in, with its number where it has one: `self_attn`, `layer.0`.
    private static func outerModule(of suffix: String) -> String {
        let modules = suffix.split(separator: ".").filter { !$0.hasPrefix("{") }
        guard modules.count > 1 else { return suffix }
        let isNumbered = modules.count > 2 && Int(modules[1]) != nil
        return isNumbered ? "\(modules[0]).\(modules[1])" : String(modules[0])
    }

    /// Tensors that one way out serves.
    private struct Branch: Hashable {
        let group: Role.Group
        let expert: Int?

        init(_ group: Role.Group, expert: Int? = nil) {
            self.group = group
            self.expert = expert
        }

        init(of role: Role) {
            self.init(role.group, expert: role.expert)
        }

        /// The branches that a way out ends: experts are chosen by their router.
        static func ended(by role: Role) -> [Branch] {
            role.group == .expert ? [Branch(of: role), Branch(.router)] : [Branch(of: role)]
        }
    }
}
