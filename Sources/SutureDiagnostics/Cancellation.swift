extension Diagnostic {
    private static let cancellation = "cancelled"

    /// Somebody asked to stop, and what was being done has stopped.
    package static func cancelled(
        _ message: String = "stopped, as asked",
        at place: Place? = nil,
        fix: FixIt? = nil
    ) -> Diagnostic {
        Diagnostic(code: cancellation, message, at: place, fix: fix)
    }

    /// Whether it says that somebody asked to stop.
    package var isCancellation: Bool { code == Self.cancellation }
}
