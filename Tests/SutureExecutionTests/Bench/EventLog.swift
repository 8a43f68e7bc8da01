import SutureExecution
import Synchronization

/// Remembers what a run told, from any thread.
final class EventLog: Sendable {
    private let kept = Mutex<[ExecutionEvent]>([])

    /// What was told, in order.
    var events: [ExecutionEvent] { kept.withLock { $0 } }

    /// The bytes that were written or shared.
    var movedBytes: Int {
        events.reduce(0) { sum, event in
            switch event {
            case .wrote(let bytes), .shared(let bytes): sum + bytes
            default: sum
            }
        }
    }

    /// Remembers an event.
    func note(_ event: ExecutionEvent) {
        kept.withLock { $0.append(event) }
    }
}
