import Synchronization

/// Counts the bytes that came, and tells of them.
package final class Meter: Sendable {
    private let count = Atomic(0)
    private let listener = Mutex<(@Sendable (Int) -> Void)?>(nil)

    /// Counts from nothing.
    package init() {}

    /// The bytes that came so far.
    package var byteCount: Int { count.load(ordering: .relaxed) }

    /// Tells somebody of all that comes from now on, on the threads that it comes on.
    package func tell(_ listener: (@Sendable (Int) -> Void)?) { self.listener.withLock { $0 = listener } }

    func add(_ bytes: Int) {
        count.add(bytes, ordering: .relaxed)
        listener.withLock { $0 }?(bytes)
    }
}
