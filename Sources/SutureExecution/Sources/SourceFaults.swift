package import SutureDiagnostics

// What can have become of a source's file since the plan was made.

extension Diagnostic {
    /// A file that is not what it was.
    package static func sourceChanged(
        _ path: String,
        _ fact: String = "the file is not the one that the plan was made with",
        fix: FixIt = FixIt("plan again when nothing writes to the source any more")
    ) -> Diagnostic {
        Diagnostic(code: "source-changed", fact, at: .file(path, tensor: nil), fix: fix)
    }

    /// A file that is gone.
    static func sourceVanished(
        _ path: String,
        _ fact: String = "the file was there when the plan was made and is gone",
        fix: FixIt = FixIt("put it back, or plan again")
    ) -> Diagnostic {
        Diagnostic(code: "source-vanished", fact, at: .file(path, tensor: nil), fix: fix)
    }
}
