import SutureArchitectures
import SutureCheckpoints
import SutureDiagnostics
import SutureJSON
import SystemPackage

/// The small files of the config's donor that name layers, and so must follow them: `generation_config.json`,
/// and what quantizers leave beside the weights.
struct FollowingDocuments {
    let composition: Composition

    /// The files that had to change, and what was found on the way; all others are copied as they are.
    func write() -> (documents: [Plan.Document], findings: [Diagnostic]) {
        var documents: [Plan.Document] = []
        var findings: [Diagnostic] = []
        let sources: [ConfigSurgery.Source] = composition.sources.map {
            ($0.checkpoint.config, $0.anatomy, $0.name)
        }
        let layers = composition.strip.layers.map { ($0.attention, $0.mlp) }
        let donor = composition.configDonor
        var generation: JSONObject?
        for companion in composition.donor.checkpoint.companions where companion.followsLayers {
            guard let own = read(companion, &findings) else { continue }
            let place = Diagnostic.Place.file(companion.path.string, tensor: nil)
            let outcome: ConfigSurgery.Outcome
            let result: JSONObject
            if companion.group == .generation {
                outcome = ConfigSurgery.rewriteGeneration(own, sources: sources, donor: donor, layers: layers)
                let tokens = SpecialTokens(composition)
                var settings = outcome.config
                findings += tokens.follow(in: &settings)
                let completed = tokens.complete(settings, at: place)
                result = completed.0
                findings += completed.1
                generation = result
            } else {
                // The others' own files are read in the same breath: their layers bring their names along.
                let files = composition.sources.map { source -> JSONObject? in
                    if source.index == donor { return own }
                    let file = source.checkpoint.companions.first { $0.name == companion.name }
                    return file.flatMap { read($0, &findings) }
                }
                outcome = ConfigSurgery.rewriteNames(files, sources: sources, donor: donor, layers: layers)
                result = outcome.config
            }
            findings += outcome.findings.map { Diagnostic($0, at: place, in: composition) }
            guard result != own else { continue }
            let text = JSONPrinter.print(.object(result), indent: 2) + "\n"
            documents.append(Plan.Document(name: companion.name, text: text))
        }
        return (documents, findings + SpecialTokens(composition).findings(generation: generation))
    }

    /// The object in a file; `nil` where there is none, which is reported.
    private func read(_ companion: CompanionFile, _ findings: inout [Diagnostic]) -> JSONObject? {
        if let object = SmallFile.object(companion.path) { return object }
        findings.append(.unreadableCompanion(companion))
        return nil
    }
}

extension CompanionFile {
    /// Whether the file may name layers.
    fileprivate var followsLayers: Bool {
        name.hasSuffix(".json") && (name == "generation_config.json" || group == .quantization)
    }
}

extension Diagnostic {
    /// A file that may name layers and is no JSON object.
    static func unreadableCompanion(_ file: CompanionFile) -> Diagnostic {
        Diagnostic(
            .warning,
            code: "companion-unreadable",
            "'\(file.name)' may name layers, and it is no JSON object, so it is copied as it is",
            at: .file(file.path.string, tensor: nil),
            fix: FixIt("repair or remove it")
        )
    }
}
