import SutureDiagnostics

extension RecipeReader {
    static func mergekit(_ documents: [YAMLNode], file: SourceFile, vocabulary: RecipeVocabulary) -> (
        graph: SliceGraph, findings: RecipeFindings
    ) {
        (SliceGraph(dialect: .mergekit, file: file), RecipeFindings())
    }
}
