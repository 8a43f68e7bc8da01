import Glibc
import Synchronization

/// Threads of our own that work through numbered items, handed out in order.
///
/// Items block in reads and writes, which on Swift's cooperative pool would stop everything else.
struct Crew: Sendable {
    /// The number of threads, the caller's among them; at least 1.
    let width: Int

    /// Works on every item and returns when all are done.
    ///
    /// After a failure no new item is begun.
    ///
    /// - Parameters:
    ///   - items: The numbers of the items.
    ///   - work: The work on one item.
    /// - Throws: The failure of the lowest item that failed.
    func forEach<Failure: Error>(
        _ items: Range<Int>,
        _ work: @escaping @Sendable (Int) throws(Failure) -> Void
    ) throws(Failure) {
        let round = Round<Failure>(items)
        let body: @Sendable () -> Void = { round.run(work) }
        let threads = (1..<max(1, min(width, items.count))).compactMap { _ in start(body) }
        body()
        for thread in threads { pthread_join(thread, nil) }
        if let failure = round.failure { throw failure }
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
            unsafe context.toOpaque()
        )
        guard code == 0 else {
            unsafe context.release()
            return nil
        }
        return thread
    }
}

/// What the threads of one round share.
private final class Round<Failure: Error>: Sendable {
    private let next: Atomic<Int>
    private let end: Int
    private let firstFailure = Mutex<(item: Int, error: Failure)?>(nil)

    init(_ items: Range<Int>) {
        next = Atomic(items.lowerBound)
        end = items.upperBound
    }

    var failure: Failure? { firstFailure.withLock { $0?.error } }

    func run(_ work: (Int) throws(Failure) -> Void) {
        while true {
            let item = next.wrappingAdd(1, ordering: .relaxed).oldValue
            guard item < end else { return }
            do throws(Failure) { try work(item) } catch {
                next.store(end, ordering: .relaxed)
                firstFailure.withLock { first in
                    if first.map({ item < $0.item }) ?? true { first = (item, error) }
                }
                return
            }
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
