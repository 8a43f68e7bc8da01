import Glibc
import SutureKit
import Synchronization

/// Turns SIGINT and SIGTERM into a request to stop, so that a command ends cleanly and leaves no half output.
enum Interruption {
    private static let count = Atomic<Int>(0)
    private static let isWorkBegun = Atomic<Bool>(false)

    /// Whether somebody asked to stop.
    static var isRequested: Bool { count.load(ordering: .relaxed) > 0 }

    /// Begins to listen before there is anything that stops by itself: until ``watch()``, a request ends the process,
    /// with the word and the exit code that it has later.
    static func endOnRequest(json: Bool) {
        guard Terminal.listener == nil else { return }
        listen()
        Task.detached {
            while !isWorkBegun.load(ordering: .relaxed) {
                if isRequested {
                    let said = [Diagnostic.cancelled()]
                    Terminal.show(said)
                    if json { Terminal.answer(PlanJSON().print(said)) }
                    exit(3)
                }
                try await Task.sleep(for: .milliseconds(20))
            }
        }
    }

    /// Begins to listen for what asks ``isRequested`` itself; the second request ends the process at once.
    static func watch() {
        isWorkBegun.store(true, ordering: .relaxed)
        listen()
    }

    private static func listen() {
        // A test's process is not ours to stop.
        guard Terminal.listener == nil else { return }
        for number in [SIGINT, SIGTERM] {
            var action = sigaction()
            unsafe action.__sigaction_handler.sa_handler = { _ in
                if Interruption.count.add(1, ordering: .relaxed).newValue > 1 { _exit(130) }
            }
            // A prompt goes on waiting, rather than take the signal for the end of what is typed.
            action.sa_flags = SA_RESTART
            unsafe sigaction(number, &action, nil)
        }
    }
}
