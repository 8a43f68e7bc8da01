import SutureCheckpoints
import SutureRecipes
import SystemPackage

/// Chooses the files that are copied as they are, each group from the model it belongs to.
enum Companions {
    /// Tokenizer and chat template come from the tokenizer's donor, the rest from the config's.
    ///
    /// - Parameters:
    ///   - composition: What is written.
    ///   - replaced: Names that are written otherwise, or must not be there.
    /// - Returns: The files, by name.
    static func choose(for composition: Composition, replaced: Set<String> = []) -> [Plan.Companion] {
        let tokenizer = composition.sources[composition.tokenizerDonor].checkpoint
        let config = composition.donor.checkpoint
        let written: Set<String> = [
            DocumentNames.config, DocumentNames.card, DocumentNames.manifest,
            DocumentNames.recipe(dialect: composition.graph.dialect.rawValue),
        ]
        let files =
            tokenizer.companions.filter { $0.group.followsTokenizer }
            + config.companions.filter { file in
                // What says how the weights were packed would be wrong beside plain ones.
                !file.group.followsTokenizer && !(file.group == .quantization && composition.donor.isDequantized)
            }
        return files.filter { !written.contains($0.name) && !replaced.contains($0.name) }
            .map { Plan.Companion(name: $0.name, path: $0.path.string, byteCount: $0.byteCount) }
            .sorted { $0.name < $1.name }
    }
}

extension CompanionFile.Group {
    /// Whether files of the group belong to the tokenizer rather than to the config.
    var followsTokenizer: Bool {
        switch self {
        case .tokenizer, .chat: true
        case .generation, .remoteCode, .processor, .retrieval, .quantization, .licence, .other: false
        }
    }
}
