import Glibc
import Synchronization

/// Turns SIGINT and SIGTERM into a request to stop, so that a build ends cleanly and leaves no half output.
enum Interruption {
    private static let count = Atomic<Int>(0)

    /// Whether somebody asked to stop.
    static var isRequested: Bool { count.load(ordering: .relaxed) > 0 }

    /// Begins to listen; the second request ends the process at once.
    static func watch() {
        for number in [SIGINT, SIGTERM] {
            var action = sigaction()
            unsafe action.__sigaction_handler.sa_handler = { _ in
                if Interruption.count.add(1, ordering: .relaxed).newValue > 1 { _exit(130) }
            }
            unsafe sigaction(number, &action, nil)
        }
    }
}
