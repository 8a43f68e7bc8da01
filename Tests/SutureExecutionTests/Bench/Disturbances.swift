import Glibc
import SutureCheckpoints
import Synchronization
import SystemPackage

/// Gives a file a new time of change.
func touch(_ path: FilePath) throws {
    guard utimes(path.string, nil) == 0 else { throw Errno(rawValue: errno) }
}

/// Gives a file a time of change, in nanoseconds since 1970.
func setTime(of path: FilePath, to time: Int) throws {
    let second = 1_000_000_000
    let times = Array(repeating: timespec(tv_sec: time / second, tv_nsec: time % second), count: 2)
    guard utimensat(AT_FDCWD, path.string, times, 0) == 0 else { throw Errno(rawValue: errno) }
}

/// Takes all bytes from a file.
func truncate(_ path: FilePath) throws {
    guard Glibc.truncate(path.string, 0) == 0 else { throw Errno(rawValue: errno) }
}

/// Makes a symbolic link.
func symlink(_ target: String, at path: FilePath) throws {
    guard Glibc.symlink(target, path.string) == 0 else { throw Errno(rawValue: errno) }
}

/// System calls that misbehave as disks and signals make them.
enum Disturbance: String, CaseIterable, Sendable {
    /// Every call moves a few bytes only.
    case shortTransfers
    /// Every other call is interrupted by a signal.
    case interruptions
    /// The disk is full after some writes.
    case fullDisk
    /// The disk fails after some writes.
    case brokenDisk
    /// The disk becomes read-only after some writes.
    case readOnlyDisk
    /// The disk fails when bytes are to be made durable.
    case brokenSync
    /// A source cannot be read any more after some reads.
    case brokenSource

    /// Whether a build survives it.
    var isHarmless: Bool { self == .shortTransfers || self == .interruptions }

    /// The calls, of which the first `healthy` writes, syncs or reads go well.
    func calls(healthy: Int) -> FileCalls {
        let counter = CallCounter()
        let system = FileCalls.system
        var calls = system
        switch self {
        case .shortTransfers:
            calls.read = { system.read($0, .init(rebasing: $1.prefix(1 + $1.count / 3)), $2) }
            calls.write = { system.write($0, .init(rebasing: $1.prefix(1 + $1.count / 3)), $2) }
        case .interruptions:
            calls.read = { counter.next() % 2 == 0 ? -Int(EINTR) : system.read($0, $1, $2) }
            calls.write = { counter.next() % 2 == 0 ? -Int(EINTR) : system.write($0, $1, $2) }
            calls.sync = { counter.next() % 2 == 0 ? -Int(EINTR) : system.sync($0) }
            calls.allocate = { counter.next() % 2 == 0 ? -Int(EINTR) : system.allocate($0, $1) }
        case .fullDisk: calls.write = { counter.next() < healthy ? system.write($0, $1, $2) : -Int(ENOSPC) }
        case .brokenDisk: calls.write = { counter.next() < healthy ? system.write($0, $1, $2) : -Int(EIO) }
        case .readOnlyDisk: calls.write = { counter.next() < healthy ? system.write($0, $1, $2) : -Int(EROFS) }
        case .brokenSync: calls.sync = { counter.next() < healthy ? system.sync($0) : -Int(EIO) }
        case .brokenSource: calls.read = { counter.next() < healthy ? system.read($0, $1, $2) : -Int(EIO) }
        }
        return calls
    }
}

/// Counts calls from any thread.
private final class CallCounter: Sendable {
    private let count = Atomic(0)

    func next() -> Int { count.wrappingAdd(1, ordering: .relaxed).oldValue }
}
