import Glibc
import SutureKit
import Synchronization

/// A line on a terminal that says how far a build is, how fast, and how long it will take.
///
/// Where standard error is no terminal, a line every ten seconds says the same.
final class ProgressLine: Sendable {
    private struct State {
        var done = 0
        var doneAtStart = 0
        var total: Int
        var start = ContinuousClock.now
        var lastDrawn: ContinuousClock.Instant?
        var isShown = false
        /// The bytes that are wanted of the hub, those that are here, and those that were at the start.
        var fetch: (total: Int, done: Int, doneAtStart: Int)?
    }

    private let state: Mutex<State>

    /// Creates the line of a build of so many bytes.
    init(total: Int) {
        state = Mutex(State(total: total))
    }

    /// Takes note of progress, and draws the line ten times a second at most.
    func hear(_ progress: Surgery.Progress) {
        let line = state.withLock { state -> String? in
            switch progress {
            case .started(let total, let done):
                state.total = total
                state.done = done
                state.doneAtStart = done
                state.start = .now
            case .wrote(let bytes): state.done += bytes
            case .fetching(let total, let done):
                state.fetch = (total, done, done)
                state.start = .now
            case .fetched(let bytes): state.fetch?.done += bytes
            case .publishing: break
            }
            let now = ContinuousClock.now
            let pause: Duration = Terminal.showsProgress ? .milliseconds(100) : .seconds(10)
            // What is done within seconds is worth no line in a log.
            let last = state.lastDrawn ?? (Terminal.showsProgress ? nil : state.start)
            guard last.map({ now - $0 > pause }) ?? true else { return nil }
            state.lastDrawn = now
            state.isShown = Terminal.showsProgress
            return Self.text(state, at: now, draws: Terminal.showsProgress)
        }
        guard let line else { return }
        Terminal.write(Terminal.showsProgress ? "\r\u{1B}[K" + line : line + "\n", to: STDERR_FILENO)
    }

    /// Takes the line away.
    func finish() {
        let isShown = state.withLock { $0.isShown }
        if isShown { Terminal.write("\r\u{1B}[K", to: STDERR_FILENO) }
    }

    private static func text(_ state: State, at now: ContinuousClock.Instant, draws: Bool) -> String {
        // What is fetched alone is the whole work.
        if state.total == 0, let fetch = state.fetch {
            var own = state
            (own.total, own.done, own.doneAtStart, own.fetch) = (fetch.total, fetch.done, fetch.doneAtStart, nil)
            return text(own, at: now, draws: draws)
        }
        let share = state.total > 0 ? min(1, Double(state.done) / Double(state.total)) : 1
        let filled = Int(share * 24)
        let bar = String(repeating: "#", count: filled) + String(repeating: "-", count: 24 - filled)
        let seconds = (now - state.start) / .seconds(1)
        let moved = Double(state.done - state.doneAtStart)
        var text =
            (draws ? "[\(bar)] " : "")
            + "\(Int(share * 100)) %  \(ByteSize.format(state.done)) of \(ByteSize.format(state.total))"
        if seconds > 0.3, moved > 0 {
            let rate = moved / seconds
            var left = Double(state.total - state.done) / rate
            text += "  \(ByteSize.format(Int(rate)))/s"
            if let fetch = state.fetch, fetch.done > fetch.doneAtStart {
                let rate = Double(fetch.done - fetch.doneAtStart) / seconds
                left = max(left, Double(fetch.total - fetch.done) / rate)
            }
            text += "  \(clock(left)) left"
        }
        if let fetch = state.fetch, fetch.total > 0 {
            text += "  fetched \(ByteSize.format(fetch.done)) of \(ByteSize.format(fetch.total))"
            if seconds > 0.3 { text += ", \(ByteSize.format(Int(Double(fetch.done - fetch.doneAtStart) / seconds)))/s" }
        }
        return text
    }

    private static func clock(_ seconds: Double) -> String {
        let whole = Int(max(0, min(seconds, 359_999)).rounded(.up))
        let parts = (whole / 3600, whole / 60 % 60, whole % 60)
        let tail = parts.2 < 10 ? "0\(parts.2)" : "\(parts.2)"
        guard parts.0 > 0 else { return "\(parts.1):\(tail)" }
        return "\(parts.0):\(parts.1 < 10 ? "0" : "")\(parts.1):\(tail)"
    }
}
