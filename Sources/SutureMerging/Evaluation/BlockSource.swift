/// Where the bytes of a tree's sources come from.
package protocol BlockSource: Sendable {
    /// Reads a run of elements of one source, as they are stored.
    ///
    /// Called from any number of threads at once.
    ///
    /// - Parameters:
    ///   - elements: Which elements.
    ///   - source: The number of the source in the tree.
    ///   - bytes: Exactly as long as the elements.
    /// - Throws: ``BlockSourceError`` with whatever went wrong.
    func read(_ elements: Range<Int>, of source: Int, into bytes: inout MutableRawSpan) throws(BlockSourceError)
}

/// Why a source could not be read: the error of whoever reads, carried through unseen.
package struct BlockSourceError: Error {
    /// What went wrong.
    package let underlying: any Error

    /// Wraps an error.
    package init(_ underlying: any Error) {
        self.underlying = underlying
    }
}

/// Why a tree's numbers could not be computed.
package enum MergeEvaluationError: Error {
    /// A source could not be read.
    case unreadable(source: Int, BlockSourceError)

    /// A source holds NaN or infinity at that element.
    case nonfinite(source: Int, element: Int)

    /// The sources are finite and the result at that element is not, or is too large for the output's dtype.
    case overflow(element: Int)

    /// The element of the tensor at which it was found, where there is one.
    package var element: Int? {
        switch self {
        case .unreadable: nil
        case .nonfinite(_, let element), .overflow(let element): element
        }
    }
}

/// Runs pieces of work, side by side or one after another.
package protocol ParallelLoop: Sendable {
    /// Calls `body` once for each index below `count` and returns when all calls have.
    ///
    /// - Parameters:
    ///   - count: The number of calls; indices are best started in their order.
    ///   - makeState: Makes what one worker keeps between its calls, on that worker.
    ///   - body: The work on one index.
    func run<State>(
        _ count: Int,
        state makeState: @Sendable () -> State,
        _ body: @Sendable (_ index: Int, _ state: inout State) -> Void
    )
}

/// One worker: the thread that calls.
package struct SerialLoop: ParallelLoop {
    /// Creates the loop.
    package init() {}

    package func run<State>(
        _ count: Int,
        state makeState: @Sendable () -> State,
        _ body: @Sendable (_ index: Int, _ state: inout State) -> Void
    ) {
        var state = makeState()
        for index in 0..<count { body(index, &state) }
    }
}
