import SutureDiagnostics

/// One thing that a composition is held against before it is laid out.
protocol CompositionCheck: Sendable {
    /// What the check finds; nothing when all is well.
    static func findings(in composition: Composition) -> [Diagnostic]
}

/// All checks: one line each.
enum PlanChecks {
    /// The checks, in the order in which their findings are shown.
    static let all: [any CompositionCheck.Type] = [
        SourceLayersAgree.self,
        AcceptedNames.self,
        SourceCompatibility.self,
        TowerSettings.self,
        LayerShapes.self,
        EndShapes.self,
        StoredTypes.self,
        TravelTogether.self,
        SharedNorms.self,
        TokenizerSettings.self,
        TokenizerSoundness.self,
        LastLayerUsed.self,
        RepeatedLayers.self,
        GGUFOutput.self,
    ]
}
