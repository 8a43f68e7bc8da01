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

    /// The names of all methods, without aliases, in order.
    package static let names: [String] = methods.map { $0.descriptor.name }

    /// The method that recipes call `name`, by its name or an alias.
    package static subscript(named name: String) -> (any MergeMethod.Type)? {
        methods.first { $0.descriptor.name == name || $0.descriptor.aliases.contains(name) }
    }
}
