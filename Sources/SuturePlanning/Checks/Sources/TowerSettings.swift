import SutureArchitectures
import SutureDiagnostics

/// Holds what configs say of towers against each other where the towers are blended.
enum TowerSettings: CompositionCheck {
    static func findings(in composition: Composition) -> [Diagnostic] {
        let rest = composition.strip.rest
        guard rest.isBlend, !rest.tensors.isEmpty, rest.sources.contains(composition.configDonor) else { return [] }
        let sources = composition.sources.map { ($0.config, $0.anatomy, $0.name) }
        return rest.sources.filter { $0 != composition.configDonor }.flatMap { other in
            Compatibility.compareTowers(sources[composition.configDonor], sources[other]).map { finding in
                Diagnostic(finding, at: rest.range.map(Diagnostic.Place.source), in: composition)
            }
        }
    }
}
