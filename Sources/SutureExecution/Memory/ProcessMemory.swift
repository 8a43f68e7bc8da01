import SystemPackage

/// What the system says about memory.
package enum ProcessMemory {
    /// The most RAM that this process has had so far, in bytes; `nil` where the system does not tell.
    package static var peak: Int? {
        guard let status = text(of: "/proc/self/status") else { return nil }
        return kilobytes(after: "VmHWM:", in: status)
    }

    /// The RAM that this process may have: the machine's, or less where its control groups say so.
    static var limit: Int? {
        var limits: [Int] = []
        if let info = text(of: "/proc/meminfo"), let total = kilobytes(after: "MemTotal:", in: info) {
            limits.append(total)
        }
        for line in (text(of: "/proc/self/cgroup") ?? "").split(separator: "\n") {
            let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard parts.count == 3 else { continue }
            if parts[1].isEmpty {
                limits += groupLimits("/sys/fs/cgroup", String(parts[2]), file: "memory.max")
            } else if parts[1].split(separator: ",").contains("memory") {
                limits += groupLimits("/sys/fs/cgroup/memory", String(parts[2]), file: "memory.limit_in_bytes")
            }
        }
        return limits.min()
    }

    /// The limits of a group and of those it lies in.
    private static func groupLimits(_ root: FilePath, _ group: String, file: String) -> [Int] {
        var folder = root.appending(FilePath(group).components.filter { $0.kind == .regular })
        var limits: [Int] = []
        while folder.starts(with: root) {
            if let text = text(of: folder.appending(file)), let limit = Int(text.prefix { $0 != "\n" }) {
                limits.append(limit)
            }
            guard folder.removeLastComponent() else { break }
        }
        return limits
    }

    private static func kilobytes(after key: String, in text: String) -> Int? {
        guard let line = text.split(separator: "\n").first(where: { $0.hasPrefix(key) }) else { return nil }
        guard let count = Int(line.dropFirst(key.count).filter(\.isNumber)), count < 1 << 50 else { return nil }
        return count * 1024
    }

    /// The text of one of the kernel's files, which do not know their own length.
    private static func text(of path: FilePath) -> String? {
        guard let file = try? FileDescriptor.open(path, .readOnly) else { return nil }
        defer { try? file.close() }
        var bytes = [UInt8](repeating: 0, count: 1 << 16)
        var end = 0
        while end < bytes.count {
            let count = unsafe bytes.withUnsafeMutableBytes { buffer in
                unsafe (try? file.read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[end...]))) ?? 0
            }
            guard count > 0 else { break }
            end += count
        }
        return String(decoding: bytes[..<end], as: UTF8.self)
    }
}
