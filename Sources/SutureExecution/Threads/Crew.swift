import Glibc
import SutureMerging
import Synchronization

/// Threads of our own that work through numbered items, handed out in order.
///
/// Items block in reads and writes, which on Swift's cooperative pool would stop everything else.
package struct Crew: ParallelLoop {
    /// The number of threads, the caller's among them; at least 1.
    package let width: Int

    /// Sees to a number of threads.
    package init(width: Int) {
        self.width = width
    }

    /// Works on every item and returns when all are done.
    ///
    /// - Parameters:
    ///   - count: The number of items.
    ///   - makeState: Makes what one thread keeps between its items, on that thread.
    ///   - body: The work on one item.
    package func run<State>(
        _ count: Int,
        state makeState: @Sendable () -> State,
        _ body: @Sendable (_ index: Int, _ state: inout State) -> Void
    ) {
        guard count > 0 else { return }
        let next = Counter()
        let work: @Sendable () -> Void = {
            var index = next.take()
            guard index < count else { return }
            var state = makeState()
            while index < count {
                body(index, &state)
                index = next.take()
            }
        }
        // They have all been joined when this returns, so nothing escapes.
        withoutActuallyEscaping(work) { work in
            let threads = (1..<max(1, min(width, count))).compactMap { _ in start(work) }
            work()
            for thread in threads { pthread_join(thread, nil) }
        }
    }

    /// Works on every item and returns when all are done; after a failure no new item is begun.
    ///
    /// - Throws: The failure of the lowest item that failed.
    package func forEach<State, Failure: Error>(
        _ items: Range<Int>,
        state makeState: @Sendable () -> State,
        _ body: @Sendable (_ item: Int, _ state: inout State) throws(Failure) -> Void
    ) throws(Failure) {
        let first = FirstFailure<Failure>()
        run(items.count, state: makeState) { index, state in
            guard first.failure == nil else { return }
            do throws(Failure) { try body(items.lowerBound + index, &state) } catch { first.note(error, of: index) }
        }
        if let failure = first.failure { throw failure }
    }

    /// Starts a thread, or returns `nil` where the system has none left: the others then do the work.
    private func start(_ body: @escaping @Sendable () -> Void) -> pthread_t? {
        var thread = pthread_t()
        let context = unsafe Unmanaged.passRetained(ThreadBody(body))
        let code = unsafe pthread_create(
            &thread,
            nil,
            { context in
                if let context = unsafe context {
                    unsafe Unmanaged<ThreadBody>.fromOpaque(context).takeRetainedValue().run()
                }
                return nil
            },
            context.toOpaque()
        )
        guard code == 0 else {
            unsafe context.release()
            return nil
        }
        return thread
    }
}

/// Hands out numbers from 0 on.
private final class Counter: Sendable {
    private let next = Atomic(0)

    func take() -> Int { next.wrappingAdd(1, ordering: .relaxed).oldValue }
}

/// The failure of the lowest item, whoever failed first.
private final class FirstFailure<Failure: Error>: Sendable {
    private let kept = Mutex<(item: Int, error: Failure)?>(nil)

    var failure: Failure? { kept.withLock { $0?.error } }

    func note(_ error: Failure, of item: Int) {
        kept.withLock { kept in
            if kept.map({ item < $0.item }) ?? true { kept = (item, error) }
        }
    }
}

/// A closure on its way through a C pointer.
private final class ThreadBody: Sendable {
    let run: @Sendable () -> Void

    init(_ run: @escaping @Sendable () -> Void) {
        self.run = run
    }
}
