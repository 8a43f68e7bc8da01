import SutureKernels

/// All merge methods: one line each.
package enum MergeRegistry {
    /// The methods, in the order in which they are listed.
    package static let methods: [any MergeMethod.Type] = [
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
    ]

    /// The names of all methods, in order.
    package static let names: [String] = methods.map { $0.descriptor.name }

    /// The method that recipes call `name`.
    package static subscript(named name: String) -> (any MergeMethod.Type)? {
        methods.first { $0.descriptor.name == name }
    }

    /// The decisions of a method that may change a tensor of that layout with these values; rows and dtypes apart.
    ///
    /// A method that does not exist, or refuses them, decides nothing.
    package static func possibleDecisions(
        of name: String,
        _ parameters: MergeParameters,
        layout: MergeLayout
    ) -> [MergeDecision] {
        guard let type = self[named: name], !type.descriptor.ownDecisions.isEmpty else { return [] }
        let random = RandomKey(seed: 0, node: "", tensor: "")
        return (try? type.init(parameters, layout: layout, random: random))?.possibleDecisions ?? []
    }

    /// Why a method would not merge a tensor of that layout with these values, or `nil` where it would.
    ///
    /// A method that does not exist refuses nothing.
    package static func refusal(
        of name: String,
        _ parameters: MergeParameters,
        layout: MergeLayout
    ) -> MergeParameterError? {
        guard let type = self[named: name] else { return nil }
        do throws(MergeParameterError) {
            _ = try type.init(parameters, layout: layout, random: RandomKey(seed: 0, node: "", tensor: ""))
            return nil
        } catch { return error }
    }
}
