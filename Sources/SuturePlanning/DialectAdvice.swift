import SutureDiagnostics
import SutureRecipes

extension Diagnostic {
    /// The message with advice that can be followed in the recipe's own dialect.
    ///
    /// Fixes are written for the native language. A mergekit file has no `output`: what is accepted is named on the
    /// command line there, and the rest is said in the file's native form.
    func advised(for graph: SliceGraph) -> Diagnostic {
        guard graph.dialect == .mergekit, let fix, fix.hint.contains("output: {") else { return self }
        var hint = Self.acceptOption(in: fix.hint)
        if hint.contains("output: {") {
            hint += " in its native form, which 'suture recipe convert \(graph.file.path) --to native' prints"
        }
        return Diagnostic(severity, code: code, message, at: place, fix: FixIt(hint), notes: notes)
    }

    /// The hint with `--accept NAME` where it says `output: {accept: [NAME]}`.
    private static func acceptOption(in hint: String) -> String {
        let (start, end) = ("output: {accept: [", "]}")
        guard let opening = hint.firstRange(of: start), let closing = hint[opening.upperBound...].firstRange(of: end)
        else { return hint }
        let name = hint[opening.upperBound..<closing.lowerBound]
        return hint[..<opening.lowerBound] + "--accept \(name)" + hint[closing.upperBound...]
    }
}
