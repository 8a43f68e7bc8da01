import Dispatch
import SutureMerging
import Synchronization

/// Workers on threads of their own.
struct ThreadedLoop: ParallelLoop {
    let workerCount: Int

    func run<State>(
        _ count: Int,
        state makeState: @Sendable () -> State,
        _ body: @Sendable (_ index: Int, _ state: inout State) -> Void
    ) {
        let next = Atomic(0)
        withoutActuallyEscaping(body) { body in
            withoutActuallyEscaping(makeState) { makeState in
                DispatchQueue.concurrentPerform(iterations: workerCount) { _ in
                    var state = makeState()
                    while case let index = next.add(1, ordering: .relaxed).oldValue, index < count {
                        body(index, &state)
                    }
                }
            }
        }
    }
}
