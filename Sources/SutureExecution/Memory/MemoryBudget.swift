import Glibc

/// How much memory a run may take, and what that leaves for windows and threads.
struct MemoryBudget: Hashable, Sendable {
    /// What the whole process may take, in bytes.
    let byteCount: Int

    /// The number of threads.
    let threads: Int

    /// The bytes of a window.
    let windowByteCount: Int

    /// Deals memory out.
    ///
    /// Fewer threads come before smaller windows than 1 MiB: those would cost more than a thread brings.
    ///
    /// - Parameters:
    ///   - options: What the caller wants.
    ///   - fixedBytes: What is needed whatever the number of threads: plan, headers, statistics.
    ///   - bytesPerThread: What a thread needs beside its window.
    init(_ options: ExecutionOptions, fixedBytes: Int, bytesPerThread: Int) {
        byteCount = options.memory ?? Self.defaultByteCount
        let available = max(0, byteCount - Self.processBytes - fixedBytes)
        let wanted = Self.window(options.windowByteCount)
        var threads = max(1, min(options.threads ?? Self.coreCount, Self.mostThreads))
        var window = wanted
        while threads * (window + bytesPerThread) > available {
            if window > min(wanted, 1 << 20) {
                window /= 2
            } else if threads > 1 {
                threads -= 1
            } else if window > Self.leastWindow {
                window /= 2
            } else {
                break
            }
        }
        self.threads = threads
        windowByteCount = window
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

    private static let leastWindow = 64 << 10
    private static let mostThreads = 512

    /// The largest power of two that is no more than what is wanted, and at least a page.
    private static func window(_ wanted: Int) -> Int {
        var window = 4096
        while window <= wanted / 2, window < 1 << 30 { window *= 2 }
        return window
    }
}
