package import SutureDiagnostics
package import SutureMerging
import SutureRecipes
import SutureTensors

/// Tells the reader of another program's file where what is computed may not be what that computes, and whoever asks for
/// a release's numbers where those cannot be had.
///
/// Of a method's decisions those are told that may change a tensor of this very plan, as far as parameters, shapes and
/// dtypes tell; which do, only the numbers say, and the build's notices with them.
struct ReleaseDifferences {
    private let graph: SliceGraph
    private let methods: MergeRegistry
    private let emulation: any MergeEmulation
    private let release: MergeRelease?
    private var found: [String: Set<MergeDecision>] = [:]

    /// Looks at every blend of a plan; `nil` where no other program has a word in it.
    init?(_ plan: Plan, of graph: SliceGraph) {
        self.graph = graph
        methods = plan.methods
        release = plan.settings.compatibility
        guard let emulation = methods.emulation, release != nil || graph.dialect == .mergekit else { return nil }
        self.emulation = emulation
        for tensor in plan.tensors {
            look(at: tensor.expression, shape: tensor.spec.shape, dtype: tensor.spec.dtype)
        }
    }

    /// A note for each method whose documented meaning may not be mergekit's, or a warning for each whose numbers a
    /// release has otherwise.
    func notes() -> [Diagnostic] {
        found.sorted { $0.key < $1.key }.compactMap { name, decisions in
            guard let method = methods[named: name], !decisions.isEmpty else { return nil }
            let place = graph.nodes.lazy.compactMap { node -> SourceRange? in
                guard case .blend(let blend) = node.operation, blend.method.value == .text(name) else { return nil }
                return blend.method.range
            }.first
            let told = (emulation.decisions(on: method) + [emulation.doubles]).filter(decisions.contains)
            return release.map { .notComputedAs($0, name, told, by: emulation, at: place) }
                ?? .computedAsDocumented(name, told, by: emulation, at: place)
        }
    }

    private mutating func look(at expression: TensorExpression, shape: Shape, dtype: DType) {
        switch expression {
        case .stored, .filled, .adapted: break
        case .scaled(let inner, _), .rounded(let inner, _): look(at: inner, shape: shape, dtype: dtype)
        case .gathered(let gathered):
            guard let (first, rows, rest) = gathered.joined else { return }
            if case .blended(let blend) = first,
                let decision = methods[named: blend.method].flatMap({ emulation.rowsDecision(on: $0) })
            {
                note(decision, of: blend, dtype)
            }
            look(at: first, shape: Shape([rows] + shape.dimensions.dropFirst()), dtype: dtype)
            if let rest { look(at: rest, shape: shape, dtype: dtype) }
        case .blended(let blend):
            for decision in decisions(on: blend, shape: shape, dtype: dtype) { note(decision, of: blend, dtype) }
            for input in blend.inputs { look(at: input, shape: shape, dtype: dtype) }
            if let base = blend.base { look(at: base, shape: shape, dtype: dtype) }
        }
    }

    private mutating func note(_ decision: MergeDecision, of blend: BlendExpression, _ dtype: DType) {
        let working = graph.output.computeDType?.value ?? dtype
        let isTold =
            release.map { emulation.lacks(decision, in: $0, working) }
            ?? (emulation.mayDepart(from: decision, in: working) && decision.subject != .draws)
        if isTold { found[blend.method, default: []].insert(decision) }
    }

    private func decisions(on blend: BlendExpression, shape: Shape, dtype: DType) -> [MergeDecision] {
        guard let method = methods[named: blend.method] else { return [] }
        let own = methods.possibleDecisions(
            of: blend.method,
            MergeParameters(global: blend.parameters, inputs: blend.inputParameters),
            layout: MergeLayout(shape: shape, inputCount: blend.inputs.count, hasBase: blend.base != nil)
        )
        let widens = graph.output.keepsFloat32 && dtype.bitWidth <= 16
        let known = emulation.decisions(on: method)
        return own + known.filter { $0.subject == .dtype && widens } + decisionsOnModels(blend, known)
    }

    /// What is decided on the dtypes of what is merged.
    private func decisionsOnModels(_ blend: BlendExpression, _ known: [MergeDecision]) -> [MergeDecision] {
        guard let release = release ?? methods.releases.last else { return [] }
        let requested = graph.output.computeDType?.value
        let parties = blend.inputs + (blend.base.map { [$0] } ?? [])
        let isMixed = requested == nil && Set(parties.map { $0.storedDType(by: methods, in: release) }).count > 1
        let isDouble = requested ?? blend.workingDType(by: methods, in: release) == .float64
        return known.filter { $0.subject == .models && isMixed } + (isDouble ? [emulation.doubles] : [])
    }
}

extension Diagnostic {
    /// A method is computed as documented, and mergekit may differ.
    fileprivate static func computedAsDocumented(
        _ method: String,
        _ decisions: [MergeDecision],
        by emulation: any MergeEmulation,
        at range: SourceRange?
    ) -> Diagnostic {
        Diagnostic(
            .note,
            code: "computed-as-documented",
            "'\(method)' is computed as it is documented, which is not always what mergekit computes",
            at: range,
            fix: .compatibility(with: emulation.reproducing(decisions)),
            notes: decisions.map { Note("\(emulation.words(for: $0)); here: \($0.documented)", at: nil) }
        )
    }

    /// A release's numbers are asked for, and those of a method cannot all be had.
    fileprivate static func notComputedAs(
        _ release: MergeRelease,
        _ method: String,
        _ decisions: [MergeDecision],
        by emulation: any MergeEmulation,
        at range: SourceRange?
    ) -> Diagnostic {
        Diagnostic(
            .warning,
            code: "not-as-mergekit",
            "'\(method)' cannot in all things be computed as \(release.program) \(release.version) computes it",
            at: range,
            fix: FixIt("take what is said of it as it is, or give no --compat"),
            notes: decisions.map {
                let words = emulation.departure(from: $0, in: release)?.words ?? ""
                return Note("\(release.program): \(words); here: \($0.documented)", at: nil)
            }
        )
    }
}

extension Diagnostic.FixIt {
    /// How to have the numbers of the releases that do otherwise, where those can be had.
    package static func compatibility(with releases: [MergeRelease]) -> Self? {
        guard let program = releases.first?.program else { return nil }
        return Self("--compat \(releases.map(\.name).joined(separator: " or ")) gives \(program)'s numbers")
    }
}

extension Diagnostic {
    /// A release whose numbers nobody here computes.
    package static func unknownRelease(_ release: MergeRelease, in methods: MergeRegistry) -> Diagnostic {
        let known = methods.releases.map(\.name).joined(separator: ", ")
        return Diagnostic(
            code: "unknown-release",
            "the numbers of '\(release.name)' are asked for, and this suture does not compute them",
            at: nil as SourceRange?,
            fix: FixIt(known.isEmpty ? "take the documented ones" : "ask for those of \(known)")
        )
    }
}
