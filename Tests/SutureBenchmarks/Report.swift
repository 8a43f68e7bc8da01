import Glibc

/// Prints one line for each measurement: its rate, and that rate as a part of the first line's.
struct Report {
    private var firstRate: Double?
    private let filter: String?

    init(only filter: String? = nil) {
        self.filter = filter
    }

    /// Runs `body` once to warm up and some times to measure, and prints the fastest.
    mutating func measure(_ name: String, bytes: Int, runs: Int = 15, _ body: () -> Void) {
        guard firstRate == nil || filter.map(name.contains) ?? true else { return }
        body()
        // The thread's own time: what else runs on the machine does not count.
        let best = (0..<runs).map { _ in threadSeconds(body) }.min() ?? 0
        let rate = Double(bytes) / best / 1e9
        firstRate = firstRate ?? rate
        print(padded(name, 34), padded("\(rounded(rate)) GB/s", 14), "\(rounded(rate / (firstRate ?? rate))) of copy")
    }

    private func threadSeconds(_ body: () -> Void) -> Double {
        let start = threadTime()
        body()
        return threadTime() - start
    }

    private func threadTime() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }

    private func rounded(_ value: Double) -> Double { Double(Int(value * 100 + 0.5)) / 100 }

    private func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }
}
