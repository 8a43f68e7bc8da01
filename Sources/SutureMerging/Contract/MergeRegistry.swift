package import SutureKernels
package import SutureTensors

/// The merge methods that recipes may name, and the program whose numbers may be asked for instead of theirs.
///
/// A value: whoever knows of more methods than ``documented`` adds them to one of their own.
package struct MergeRegistry: Sendable {
    /// The methods, in the order in which they are listed.
    package var methods: [any MergeMethod.Type]

    /// What computes other numbers with the same methods' names, where there is one.
    package var emulation: (any MergeEmulation)?

    /// Creates a registry.
    package init(_ methods: [any MergeMethod.Type], emulation: (any MergeEmulation)? = nil) {
        self.methods = methods
        self.emulation = emulation
    }

    /// All methods of this room: one line each.
    package static let documented = MergeRegistry([
        PassthroughMerge.self,
        LinearMerge.self,
        LerpMerge.self,
        SlerpMerge.self,
        NuSlerpMerge.self,
        MultiSlerpMerge.self,
        KarcherMerge.self,
        TaskArithmeticMerge.self,
        TiesMerge.self,
        DareLinearMerge.self,
        DareTiesMerge.self,
        BreadcrumbsMerge.self,
        BreadcrumbsTiesMerge.self,
        DellaMerge.self,
        DellaLinearMerge.self,
        AddDifferenceMerge.self,
        ModelStockMerge.self,
        SceMerge.self,
        RamMerge.self,
        RamPlusMerge.self,
        MagMaxMerge.self,
        ConsensusMerge.self,
        NearswapMerge.self,
        ArceeFusionMerge.self,
        LinesMerge.self,
        RescaleNormMerge.self,
    ])

    /// The names of all methods, in order.
    package var names: [String] { methods.map { $0.descriptor.name } }

    /// The method that recipes call `name`.
    package subscript(named name: String) -> (any MergeMethod.Type)? { methods.first { $0.descriptor.name == name } }

    /// The releases whose numbers can be had, the oldest first.
    package var releases: [MergeRelease] { emulation?.releases ?? [] }

    /// Makes the merging of one tensor, by the method itself or as a release has it.
    ///
    /// - Throws: ``MergeParameterError`` when the method does not take the values or the inputs.
    package func make(
        _ method: any MergeMethod.Type,
        _ parameters: MergeParameters,
        layout: MergeLayout,
        random: RandomKey = RandomKey(seed: 0, node: "", tensor: "")
    ) throws(MergeParameterError) -> any TensorMerge {
        let values = try MergeValues(parameters, of: method.descriptor, layout)
        guard let emulation, let release = parameters.compatibility.release else {
            return try method.init(values, layout: layout, random: random)
        }
        let rounding = parameters.compatibility.rounding
        return try emulation.make(method, in: release, values, layout: layout, random: random, rounding)
    }

    /// What a method's values tell of its result; in a release, where one is given.
    package func algebra(of name: String, _ values: MergeParameters, in release: MergeRelease?) -> MergeAlgebra {
        guard let method = self[named: name] else { return MergeAlgebra() }
        guard let emulation, release != nil else { return method.algebra(of: values) }
        return emulation.algebra(of: method, values)
    }

    /// The program that is followed, and what it follows by that name.
    private func followed(_ name: String) -> (program: any MergeEmulation, method: any MergeMethod.Type)? {
        guard let emulation, let method = self[named: name] else { return nil }
        return (emulation, method)
    }

    /// The dtype in which a release computes a merge of tensors of these, where the merge itself gives none.
    package func workingDType(of name: String, in release: MergeRelease, base: DType?, inputs: [DType]) -> DType {
        followed(name).map { $0.workingDType(of: $1, in: release, base: base, inputs: inputs) } ?? .float32
    }

    /// Whether the program that is followed writes a method's results in float32, whatever the dtype of the inputs.
    package func writesFloat32(_ name: String) -> Bool { followed(name).map { $0.writesFloat32($1) } ?? false }

    /// Whether a release cuts embeddings of different heights to the rows that all inputs have.
    package func cutsRows(_ name: String, in release: MergeRelease) -> Bool {
        let departure = followed(name).flatMap { program, method in
            program.rowsDecision(on: method).flatMap { program.departure(from: $0, in: release) }
        }
        return departure?.isReproducible ?? false
    }

    /// The decisions of a method that may change a tensor of that layout with these values; rows and dtypes apart.
    ///
    /// A method that does not exist, or refuses them, decides nothing.
    package func possibleDecisions(
        of name: String,
        _ parameters: MergeParameters,
        layout: MergeLayout
    ) -> [MergeDecision] {
        guard let method = self[named: name], !method.descriptor.decisions.isEmpty else { return [] }
        return (try? make(method, parameters, layout: layout))?.possibleDecisions ?? []
    }

    /// Why a method would not merge a tensor of that layout with these values, or `nil` where it would.
    ///
    /// A method that does not exist refuses nothing.
    package func refusal(of name: String, _ parameters: MergeParameters, layout: MergeLayout) -> MergeParameterError? {
        guard let method = self[named: name] else { return nil }
        do throws(MergeParameterError) {
            _ = try make(method, parameters, layout: layout)
            return nil
        } catch { return error }
    }
}

extension MergeRegistry: Hashable {
    /// Whether two know the same methods and releases.
    package static func == (a: MergeRegistry, b: MergeRegistry) -> Bool {
        a.methods.map { ObjectIdentifier($0) } == b.methods.map { ObjectIdentifier($0) } && a.releases == b.releases
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(names)
        hasher.combine(releases)
    }
}
