@testable import SutureExecution
import Synchronization
import Testing

@Suite("A crew of threads")
struct CrewTests {
    struct Failure: Error, Equatable {
        let item: Int
    }

    @Test("works on each item once", arguments: [1, 2, 8, 64], [0, 1, 7, 5000])
    func eachOnce(width: Int, count: Int) {
        let seen = Mutex<[Int]>([])

        Crew(width: width).run(count, state: { 0 }) { index, _ in seen.withLock { $0.append(index) } }

        #expect(seen.withLock { $0.sorted() } == Array(0..<count))
    }

    @Test("keeps a state for each thread, which no other sees", arguments: [1, 4])
    func ownState(width: Int) {
        let sums = Mutex<[Int]>([])
        final class Sum {
            let sums: @Sendable (Int) -> Void
            var value = 0
            init(_ sums: @escaping @Sendable (Int) -> Void) { self.sums = sums }
            deinit { sums(value) }
        }

        Crew(width: width).run(1000, state: { Sum { sum in sums.withLock { $0.append(sum) } } }) { index, state in
            state.value += index
        }

        let all = sums.withLock { $0 }
        #expect((1...width).contains(all.count))
        #expect(all.reduce(0, +) == 499_500)
    }

    @Test("stops after a failure and tells the one of the lowest item", arguments: [1, 2, 8])
    func stopAfterFailure(width: Int) {
        let begun = Atomic(0)

        let failure = #expect(throws: Failure.self) {
            try Crew(width: width).forEach(10..<100_000, state: {}) { item, _ throws(Failure) in
                begun.wrappingAdd(1, ordering: .relaxed)
                if item >= 50 { throw Failure(item: item) }
            }
        }

        #expect(failure == Failure(item: 50))
        #expect(begun.load(ordering: .relaxed) < 50_000)
    }
}
