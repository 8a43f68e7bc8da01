import SutureDiagnostics
import SutureMerging
import SutureRecipes

/// Tells the reader of a mergekit file where what is computed is not what mergekit computes.
enum MergekitDifferences {
    /// A note for a method whose documented meaning is not always mergekit's.
    static func notes(on method: String, in graph: SliceGraph) -> [Diagnostic] {
        guard let descriptor = MergeRegistry[named: method]?.descriptor, !descriptor.decisions.isEmpty else {
            return []
        }
        let place = graph.nodes.lazy.compactMap { node -> SourceRange? in
            guard case .blend(let blend) = node.operation, blend.method.value == .text(method) else { return nil }
            return blend.method.range
        }.first
        return [.computedAsDocumented(descriptor, at: place)]
    }
}

extension Diagnostic {
    /// A method is computed as documented, and mergekit differs.
    fileprivate static func computedAsDocumented(_ method: MergeDescriptor, at range: SourceRange?) -> Diagnostic {
        let facts = method.decisions.map { "mergekit: \($0.mergekit); here: \($0.documented)" }
        return Diagnostic(
            .note,
            code: "computed-as-documented",
            "'\(method.name)' is computed as it is documented, which is not always what mergekit computes",
            at: range,
            fix: FixIt("--bug-compatible gives mergekit's numbers"),
            notes: facts.map { Note($0, at: nil) }
        )
    }
}
