import Glibc
import SutureDiagnostics
import SutureTensors

/// How much memory a run may take, and what that leaves for windows, threads and statistics.
struct MemoryBudget: Hashable, Sendable {
    /// What the whole process may take, in bytes.
    let byteCount: Int

    /// The number of threads.
    let threads: Int

    /// The bytes of a window.
    let windowByteCount: Int

    /// The bytes of statistics that may be held at once.
    let statisticsByteCount: Int

    /// What a run needs.
    struct Needs: Hashable, Sendable {
        /// Bytes that are needed whatever the number of threads: the plan and a header.
        var fixed = 0

        /// Bytes that a thread needs to compute a tensor.
        var workspace = 0

        /// Bytes of statistics of the tensor that needs most; each thread has its own, and one is their sum.
        var statistics = 0

        /// Bytes that a survey of a tensor collects from all threads together, at most.
        var collected = 0
    }

    /// Deals memory out.
    ///
    /// Smaller windows down to 1 MiB come before fewer threads, and fewer threads before yet smaller windows: those
    /// would cost more than a thread brings.
    ///
    /// - Parameters:
    ///   - options: What the caller wants.
    ///   - needs: What the run needs.
    /// - Throws: ``ExecutionError`` where one thread with the smallest windows needs more than there is.
    init(_ options: ExecutionOptions, needs: Needs) throws(ExecutionError) {
        byteCount = options.memory ?? Self.defaultByteCount
        // A program that holds much for other ends cannot be kept to a limit that nobody asked for.
        let taken = min(options.memoryTaken ?? 0, options.memory == nil ? byteCount / 4 : .max / 2)
        let fixed = max(Self.processBytes, taken + Self.codeBytes) + needs.fixed + needs.statistics + needs.collected
        let perThread = Self.threadBytes + needs.workspace + needs.statistics
        let available = byteCount - fixed
        let wanted = Self.powerOfTwo(notAbove: options.windowByteCount)
        var threads = max(1, min(options.threads ?? Self.coreCount, Self.mostThreads))
        var window = wanted
        while threads * (window + perThread) > available {
            if window > 1 << 20 {
                window /= 2
            } else if threads > 1 {
                threads -= 1
            } else if window > Self.leastWindow {
                window /= 2
            } else {
                // A little more than it takes now: a process does not begin with the same memory each time.
                let least = (fixed + perThread + window + (1 << 20)) / 1_000_000 * 1_000_000 + 1_000_000
                throw ExecutionError(.system, .memoryTooSmall(needed: least, given: byteCount))
            }
        }
        self.threads = threads
        windowByteCount = window
        let spare = available - threads * (window + perThread)
        statisticsByteCount = needs.statistics * (threads + 1) + needs.collected + spare / 2
    }

    /// The bytes that so many threads make use of.
    static func wanted(_ needs: Needs, threads: Int, windowByteCount: Int) -> Int {
        processBytes + needs.fixed + needs.statistics + needs.collected
            + threads * (threadBytes + needs.workspace + needs.statistics + windowByteCount)
    }

    /// An eighth of what the process may have, at least 128 MB.
    static var defaultByteCount: Int { max(128_000_000, (ProcessMemory.limit ?? 0) / 8) }

    /// The cores this process may run on.
    static var coreCount: Int {
        var set = cpu_set_t()
        guard unsafe sched_getaffinity(0, MemoryLayout<cpu_set_t>.size, &set) == 0 else { return 1 }
        return max(1, unsafe withUnsafeBytes(of: set) { bytes in unsafe bytes.reduce(0) { $0 + $1.nonzeroBitCount } })
    }

    /// What a process takes that has done nothing yet.
    private static let processBytes = 24 << 20

    /// What of the program's own code and tables comes into memory during a run.
    private static let codeBytes = 6 << 20

    /// What a thread takes beside what it asks for: its stack, and what the allocator keeps for it.
    private static let threadBytes = 4 << 20

    private static let leastWindow = 64 << 10
    private static let mostThreads = 512

    /// A size of windows, at least a page.
    private static func powerOfTwo(notAbove wanted: Int) -> Int {
        var window = 4096
        while window <= wanted / 2, window < 1 << 30 { window *= 2 }
        return window
    }
}

extension Diagnostic {
    fileprivate static func memoryTooSmall(needed: Int, given: Int) -> Diagnostic {
        Diagnostic(
            code: "memory-too-small",
            "the build needs \(ByteSize.format(needed)) of memory and may take \(ByteSize.format(given))",
            at: Diagnostic.Place?.none,
            fix: FixIt("give it more with --memory")
        )
    }
}
