import Dispatch
import Synchronization

/// State that threads share, and whose changes they can wait for.
package final class Monitor<State: Sendable>: Sendable {
    private struct Guarded: Sendable {
        var state: State
        var sleepers = 0
    }

    private let guarded: Mutex<Guarded>
    private let bell = DispatchSemaphore(value: 0)

    /// Guards a state.
    package init(_ state: State) {
        guarded = Mutex(Guarded(state: state))
    }

    /// Looks at the state, or changes what nobody waits for.
    package func withLock<Value: Sendable>(_ body: (inout State) -> Value) -> Value {
        guarded.withLock { body(&$0.state) }
    }

    /// Changes the state, and wakes all who wait.
    package func change<Value: Sendable>(_ body: (inout State) -> Value) -> Value {
        let (value, sleepers) = guarded.withLock { guarded in
            defer { guarded.sleepers = 0 }
            return (body(&guarded.state), guarded.sleepers)
        }
        for _ in 0..<sleepers { bell.signal() }
        return value
    }

    /// Waits until the state gives what is wanted, looking anew after each change.
    ///
    /// - Parameter body: Takes what it wants from the state, or returns `nil` to sleep until the next change.
    /// - Returns: What it took.
    package func wait<Value: Sendable>(_ body: (inout State) -> Value?) -> Value {
        while true {
            let value = guarded.withLock { guarded in
                let value = body(&guarded.state)
                if value == nil { guarded.sleepers += 1 }
                return value
            }
            if let value { return value }
            bell.wait()
        }
    }
}
