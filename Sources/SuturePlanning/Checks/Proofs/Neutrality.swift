import SutureArchitectures
import SutureMerging
import SutureTensors

/// Whether blocks of a family leave the residual stream as it is, told from what their tensors are made of.
///
/// All that a block does to the stream must be known: each tensor is a norm, lies inside a branch whose way out is
/// known, or is such a way out and zero. What is not known stands in the way, whatever it is made of.
struct Neutrality {
    /// What is known of the family's class.
    let stream: ResidualStream

    /// The family, for messages.
    let family: String

    /// What the names of merge methods mean.
    let methods: MergeRegistry

    /// The family of a source.
    init(of source: ResolvedSource, methods: MergeRegistry) {
        self.methods = methods
        stream = source.anatomy.stream
        family = source.anatomy.families.first ?? source.anatomy.modelType
    }

    /// Why a block is not neutral, and what to do about it.
    struct Obstacle: Hashable {
        let words: String
        let fix: String
    }

    /// Why no block of the family is neutral, whatever its tensors are; `nil` where some are.
    var objection: Obstacle? {
        switch stream.form {
        case .sum: nil
        case .other(let words):
            Obstacle(
                words: "blocks of '\(family)' \(words)",
                fix: "no zeros make such a block do nothing: promise nothing of it"
            )
        case .unknown:
            Obstacle(
                words: "it is not known what blocks of '\(family)' do to the residual stream",
                fix: "promise nothing of it, and compare what the two models compute"
            )
        }
    }

    /// Why a block may change the residual stream, or `nil` where it leaves it as it is.
    func obstacle(in layer: Strip.Layer) -> Obstacle? {
        if let objection { return objection }
        let account = BlockAccount(layer.slots.map { ($0.suffix, $0.role) }, in: stream)
        for (slot, part) in zip(layer.slots, account.parts) {
            switch part {
            case .unknown: return notUnderstood(slot)
            case .wayOut where slot.expression.constant(by: methods) != 0:
                return Obstacle(words: "its \(slot.roleInWords) is not zero", fix: silencing(layer, account))
            case .factor where slot.expression.constant(by: methods) != 1:
                let words = "its \(slot.role), by which the residual stream is multiplied, is not 1"
                return Obstacle(words: words, fix: silencing(layer, account))
            case .wayOut, .factor, .norm, .inside: continue
            }
        }
        return nil
    }

    /// Why what a block adds to the residual stream cannot be multiplied by scaling its ways out; `nil` where it can.
    func obstacleToScaling(_ layer: Strip.Layer) -> Obstacle? {
        if let objection { return objection }
        let account = BlockAccount(layer.slots.map { ($0.suffix, $0.role) }, in: stream)
        for (slot, part) in zip(layer.slots, account.parts) {
            if part == .unknown { return notUnderstood(slot) }
            guard part == .norm, slot.role.part.hasSuffix("_post") else { continue }
            return Obstacle(
                words: "its \(slot.role) norms what the branch puts out, whatever that is multiplied by",
                fix: "scale what stands behind it, or leave such blocks as they are"
            )
        }
        return nil
    }

    private func notUnderstood(_ slot: Strip.Slot) -> Obstacle {
        Obstacle(
            words: "it is not known what '\(slot.spec.name)' does to the residual stream",
            fix: "promise nothing of it, and compare what the two models compute"
        )
    }

    /// What makes a block of this kind neutral, in the words of a recipe.
    private func silencing(_ layer: Strip.Layer, _ account: BlockAccount) -> String {
        func roles(_ wanted: StreamPart) -> [String] {
            var seen: Set<String> = []
            return zip(layer.slots, account.parts).compactMap { slot, part in
                let name = slot.role.withoutExpert
                return part == wanted && seen.insert(name).inserted ? name : nil
            }
        }
        let factors = roles(.factor).map { ", \"\($0)\": 1" }.joined()
        return "such a block is neutral with set: {\(RoleSelector.residual): 0\(factors)}, which zeroes "
            + roles(.wayOut).joined(separator: ", ")
    }
}

extension Strip.Slot {
    /// Its role, told apart from that of its weight where it is a bias.
    fileprivate var roleInWords: String {
        Role.leaf(of: suffix) == .bias ? "\(role) bias" : "\(role)"
    }
}

extension Role {
    /// Its name for all experts.
    fileprivate var withoutExpert: String { Role(group, part, sublayer: sublayer).description }
}
