import SutureArchitectures
import SutureDiagnostics

/// Finds parts that were trained together and come from different models after a splice.
///
/// Bias and quantization companions share their weight's role and cannot be parted; this looks at what
/// selectors can part: query norms from queries, routers from experts, norms from what reads them.
enum TravelTogether: CompositionCheck {
    static func findings(in composition: Composition) -> [Diagnostic] {
        var reported: Set<String> = []
        var findings: [Diagnostic] = []
        for layer in composition.strip.layers {
            var owners: [String: Set<Int>] = [:]
            for slot in layer.slots {
                guard let owner = slot.expression.owner else { continue }
                owners[slot.role.family, default: []].insert(owner)
            }
            for pair in pairs {
                guard let part = owners[pair.part], part.count == 1,
                    let whole = pair.wholes.lazy.compactMap({ owners[$0] }).first, whole.count == 1,
                    let a = part.first, let b = whole.first, a != b, reported.insert("\(pair.part) \(a) \(b)").inserted
                else { continue }
                findings.append(
                    .partsApart(
                        pair.part,
                        composition.sources[a].name,
                        pair.wholes.first { owners[$0] != nil } ?? pair.wholes[0],
                        composition.sources[b].name,
                        at: layer.range
                    )
                )
            }
        }
        return findings
    }

    private static let pairs: [(part: String, wholes: [String])] = [
        ("attn.q_norm", ["attn.q", "attn.qkv"]),
        ("attn.k_norm", ["attn.k", "attn.qkv"]),
        ("attn.k", ["attn.q"]),
        ("attn.o", ["attn.v", "attn.qkv"]),
        ("norm.attn", ["attn.q", "attn.qkv"]),
        ("norm.mlp", ["mlp.up", "mlp.gate_up", "expert.up", "expert.gate_up"]),
        ("mlp.gate", ["mlp.up"]),
        ("mlp.down", ["mlp.up", "mlp.gate_up"]),
        ("router", ["expert.down"]),
    ]
}

extension Role {
    /// The role without the number of an expert.
    fileprivate var family: String {
        group == .expert ? "expert." + part : description
    }
}

extension TensorExpression {
    /// The one source it is copied from, where it is copied from one.
    var owner: Int? {
        switch self {
        case .stored(let reference), .adapted(let reference, _): reference.source
        case .scaled(let inner, _), .rounded(let inner, _): inner.owner
        case .gathered(let gathered) where gathered.isOfRows:
            gathered.inputs.allSatisfy { $0.owner == gathered.inputs[0].owner } ? gathered.inputs[0].owner : nil
        case .filled, .blended, .gathered: nil
        }
    }
}

extension Diagnostic {
    /// Two parts that belong together come from different models.
    static func partsApart(
        _ part: String,
        _ owner: String,
        _ whole: String,
        _ other: String,
        at range: SourceRange?
    ) -> Diagnostic {
        Diagnostic(
            .warning,
            code: "parts-apart",
            "'\(part)' is from '\(owner)' but '\(whole)', which was trained with it, is from '\(other)'",
            at: range,
            fix: FixIt("take both from one model: where: [\(whole), \(part)]")
        )
    }
}
