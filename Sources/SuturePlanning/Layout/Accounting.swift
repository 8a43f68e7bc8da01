import SutureArchitectures
import SutureCheckpoints
import SutureDiagnostics
import SutureRecipes
import SutureTensors

/// Says what becomes of every tensor of every source; what no rule speaks of stops the plan.
struct Accounting {
    let composition: Composition
    let tensors: [Plan.Tensor]
    let dropped: [Int: Set<String>]

    /// What becomes of a tensor that a source has.
    enum Fate: String, CaseIterable {
        /// It is read for the output.
        case used
        /// An adapter of its model has a tensor of its own for the place.
        case adapted = "replaced by the adapter"
        /// An adapter's tensor, added or put in place.
        case adapter = "of the adapter, used"
        /// An adapter's tensor for a part that is left out.
        case idleAdapter = "of the adapter, for parts left out"
        /// Its layer is in the output, with another tensor in its place.
        case replaced
        /// Its layer was not asked for.
        case outside = "outside the ranges"
        /// No program reads it: keys and values of a layer that reads another's, what a quantizer left behind.
        case unread = "read by no program, not stored by every model"
        /// `output.drop` names it.
        case dropped = "dropped by the recipe"
        /// An end of which the output has another model's.
        case otherEnd = "another model's is written"
        /// A head that is stored although the output's is its embedding.
        case tied = "the head is the embedding"
        /// A draft (MTP) layer, trained behind another stack.
        case draft = "draft layers left behind"
        /// A vision or audio tower, a projector or connector of a model that does not give the config.
        case tower = "towers left behind, the config donor's count"
        /// An encoder, or another stack whose layers are not operated on, of such a model.
        case stack = "other stacks left behind, the config donor's count"
        /// A buffer that every program makes anew from the config.
        case buffer = "buffers that are made anew"
        /// The output has the config donor's of the same name.
        case counterpart = "the config donor's is written"
        /// The recipe takes nothing of its source.
        case notAsked = "not asked for"
        /// Nothing is known of it.
        case unaccounted = "unaccounted for"
    }

    /// The accounts, by source and fate, and what was found wrong with them.
    func settle() -> (accounts: [Plan.Account], findings: [Diagnostic]) {
        let unblended = UnblendedRest(in: composition)
        let table = FateTable(composition: composition, tensors: tensors, dropped: dropped, unblended: unblended)
        var accounts: [Plan.Account] = []
        var findings = unblended.finding.map { [$0] } ?? []
        let told = findings.isEmpty ? [] : unblended.sources.map(\.index)
        for source in composition.sources {
            var sums: [Fate: (tensors: Int, bytes: Int)] = [:]
            var lost: [TensorSpec] = []
            func add(_ spec: TensorSpec, _ fate: Fate) {
                let sum = sums[fate] ?? (0, 0)
                let (bytes, overflow) = sum.bytes.addingReportingOverflow(spec.byteCount)
                sums[fate] = (sum.tensors + 1, overflow ? .max : bytes)
                if fate == .unaccounted { lost.append(spec) }
            }
            for (tensor, part) in zip(source.checkpoint.tensors, source.anatomy.parts) {
                let isReplaced = source.isReplacedByAdapter(tensor.spec.name)
                add(tensor.spec, isReplaced ? .adapted : table.fate(of: tensor.spec, part, in: source))
            }
            for tensor in source.adapter?.adapter.tensors ?? [] {
                add(tensor.spec, table.isUsed(tensor.spec.name, in: source) ? .adapter : .idleAdapter)
            }
            for fate in Fate.allCases {
                guard let sum = sums[fate] else { continue }
                accounts.append(
                    Plan.Account(
                        source: source.name,
                        fate: fate.rawValue,
                        tensorCount: sum.tensors,
                        byteCount: sum.bytes
                    )
                )
                guard !told.contains(source.index) else { continue }
                if fate == .tower || fate == .stack || fate == .draft && source.index != composition.configDonor {
                    findings.append(.leftBehind(fate, source.name, sum, donor: composition.donor.name))
                }
            }
            if let first = lost.first, let sum = sums[.unaccounted] {
                let isAccepted = composition.graph.output.accept.contains { $0.value == "unaccounted" }
                findings.append(.unaccounted(source, first, sum, isAccepted ? .note : .error))
            }
        }
        return (accounts, findings)
    }
}

extension Diagnostic {
    /// Parts of a model that the output has no place for.
    static func leftBehind(
        _ fate: Accounting.Fate,
        _ source: String,
        _ sum: (tensors: Int, bytes: Int),
        donor: String
    ) -> Diagnostic {
        let what =
            switch fate {
            case .tower: "the towers"
            case .draft: "the draft layers"
            default: "the other stacks"
            }
        return Diagnostic(
            .note,
            code: "left-behind",
            "\(what) of '\(source)' (\(sum.tensors) tensors, \(ByteSize.format(sum.bytes))) are left behind: "
                + "what lies outside the layers is that of '\(donor)', which gives the config",
            at: nil as SourceRange?,
            fix: fate == .draft ? nil : FixIt("to keep them: output: {config: \(source)}")
        )
    }

    /// Tensors of a source in use that no rule speaks of.
    static func unaccounted(
        _ source: ResolvedSource,
        _ first: TensorSpec,
        _ sum: (tensors: Int, bytes: Int),
        _ severity: Severity
    ) -> Diagnostic {
        let others = sum.tensors == 1 ? "" : " and \(sum.tensors - 1) more"
        return Diagnostic(
            severity,
            code: "unaccounted",
            "'\(first.name)'\(others) of '\(source.name)' (\(ByteSize.format(sum.bytes))) would vanish: "
                + "nothing takes \(sum.tensors == 1 ? "its" : "their") place and nothing drops \(sum.tensors == 1 ? "it" : "them")",
            at: source.range,
            fix: severity == .note ? nil : FixIt("leave them out by name: output: {drop: [\"\(first.name)\"]}")
        )
    }
}
