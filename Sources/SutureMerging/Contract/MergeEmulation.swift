package import SutureKernels
package import SutureTensors

/// Whose meaning and whose rounding a blend follows.
package enum MergeCompatibility: Hashable, Sendable {
    /// The documented meaning, in float32, rounded once at the end.
    case documented

    /// A release's numbers, defects and all, rounded at each step to the dtype in which it computes.
    case release(MergeRelease, DType)

    /// The release whose numbers are asked for, where one's are.
    package var release: MergeRelease? {
        if case .release(let release, _) = self { release } else { nil }
    }

    /// The dtype in which it computes.
    package var dtype: DType? {
        if case .release(_, let dtype) = self { dtype } else { nil }
    }

    /// The rounding after each step: a release's, or none.
    var rounding: StepRounding { dtype.map { StepRounding($0) } ?? .none }
}

/// Another program that merges: what its releases compute otherwise, with its own methods behind the one contract.
package protocol MergeEmulation: Sendable {
    /// The releases whose numbers can be had, the oldest first.
    var releases: [MergeRelease] { get }

    /// Where releases differ in every method, and cannot be followed: merges of float64.
    var doubles: MergeDecision { get }

    /// Where what a method computes is not what some release does, the telling ones first; all but ``doubles``.
    func decisions(on method: any MergeMethod.Type) -> [MergeDecision]

    /// What some releases compute instead; one that is not among them computes what is decided here.
    func departures(from decision: MergeDecision) -> [MergeDeparture]

    /// The dtype in which a release computes a merge of tensors of these, where the merge itself gives none.
    func workingDType(of method: any MergeMethod.Type, in release: MergeRelease, base: DType?, inputs: [DType]) -> DType

    /// The dtype of what it then makes.
    func resultDType(of method: any MergeMethod.Type, in release: MergeRelease, base: DType?, inputs: [DType]) -> DType

    /// Whether it writes float32 whatever the dtype of the inputs, where an output's dtype does not say otherwise.
    func writesFloat32(_ method: any MergeMethod.Type) -> Bool

    /// What a method's values tell of a release's result.
    func algebra(of method: any MergeMethod.Type, _ values: MergeParameters) -> MergeAlgebra

    /// A release's merging of one tensor.
    ///
    /// - Throws: ``MergeParameterError`` when it does not take the values or the inputs.
    func make(
        _ method: any MergeMethod.Type,
        in release: MergeRelease,
        _ values: MergeValues,
        layout: MergeLayout,
        random: RandomKey,
        _ rounding: StepRounding
    ) throws(MergeParameterError) -> any TensorMerge
}

extension MergeEmulation {
    /// What a release does otherwise, or `nil` where it does the same.
    package func departure(from decision: MergeDecision, in release: MergeRelease) -> MergeDeparture? {
        departures(from: decision).first { $0.releases.contains(release) }
    }

    /// Whether some release does otherwise in a merge of that dtype.
    package func mayDepart(from decision: MergeDecision, in dtype: DType) -> Bool {
        departures(from: decision).contains { $0.applies(in: dtype) }
    }

    /// Whether a tensor whose numbers are a release's, as far as they can be, is not what that release makes of it.
    package func lacks(_ decision: MergeDecision, in release: MergeRelease, _ dtype: DType) -> Bool {
        departure(from: decision, in: release).map { !$0.isReproducible && $0.applies(in: dtype) } ?? false
    }

    /// What the program computes, in words: `mergekit: …`, or `mergekit 0.1.4: …; 0.1.5: as here`.
    package func words(for decision: MergeDecision) -> String {
        let departures = departures(from: decision)
        let program = releases.first?.program ?? ""
        if departures.count == 1, departures[0].releases == releases { return "\(program): \(departures[0].words)" }
        let each = releases.map { "\($0.version): \(departure(from: decision, in: $0)?.words ?? "as here")" }
        return "\(program) " + each.joined(separator: "; ")
    }

    /// The releases whose numbers can be had where they are not those computed here.
    package func reproducing(_ decisions: [MergeDecision]) -> [MergeRelease] {
        releases.filter { release in
            decisions.contains { departure(from: $0, in: release)?.isReproducible ?? false }
        }
    }

    /// What is decided on embeddings of which not all have the same number of rows.
    package func rowsDecision(on method: any MergeMethod.Type) -> MergeDecision? {
        decisions(on: method).first { $0.subject == .rows }
    }
}
