import SutureMerging

/// The memory of one thread that computes, for the tensor it is at.
final class Workspaces {
    private var current: (key: Int, workspace: MergeWorkspace)?

    /// The memory to compute a tensor in; another tensor's is made over.
    func workspace(of key: Int, for evaluator: MergeEvaluator) -> MergeWorkspace {
        if let current, current.key == key { return current.workspace }
        let old = current?.workspace
        // Where it is too small, it goes before a larger one comes.
        current = nil
        let workspace = evaluator.makeWorkspace(from: old)
        current = (key, workspace)
        return workspace
    }
}
