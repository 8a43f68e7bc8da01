import Glibc
import SutureCheckpoints
import SystemPackage

/// What a fair timing of a disk needs on a virtual machine.
enum Disk {
    /// Touches the memory that nobody uses.
    ///
    /// A host takes back what its guest does not use, and gives it again page by page; the first who writes a file
    /// would pay for that, and the second not.
    static func touchFreeMemory(_ byteCount: Int) {
        // Some is left to others, and what files are cached in must stay cached.
        let count = min(byteCount, freeMemory - (3 << 29))
        guard count > 0, let memory = mmap(nil, count, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
            memory != MAP_FAILED
        else { return }
        for offset in stride(from: 0, to: count, by: 4096) {
            memory.storeBytes(of: 1, toByteOffset: offset, as: UInt8.self)
        }
        munmap(memory, count)
    }

    /// Waits until everything that was written before is on the disk.
    static func settle() {
        Glibc.sync()
    }

    /// Sees a file to the disk.
    static func sync(_ path: FilePath) throws {
        let descriptor = try FileDescriptor.open(path, .readOnly)
        defer { try? descriptor.close() }
        guard fsync(descriptor.rawValue) == 0 else { throw Errno(rawValue: errno) }
    }

    /// Copies the files of a folder with `cp`, sees them to the disk, and returns the seconds it took.
    static func copy(_ source: FilePath, to target: FilePath) throws -> Double {
        let start = ContinuousClock.now
        let outcome = ChildProcess.run("cp", ["-r", "--reflink=never", source.string, target.string])
        guard outcome.succeeded else { throw Errno.ioError }
        for name in try FileSystem.list(target) { try sync(target.appending(name)) }
        try FileSystem.syncFolder(target)
        return ChildProcess.seconds(since: start)
    }

    private static var freeMemory: Int {
        guard let file = try? FileDescriptor.open("/proc/meminfo", .readOnly) else { return 0 }
        defer { try? file.close() }
        var bytes = [UInt8](repeating: 0, count: 4096)
        guard let count = try? bytes.withUnsafeMutableBytes({ try file.read(into: $0) }) else { return 0 }
        let lines = String(decoding: bytes[..<count], as: UTF8.self).split(separator: "\n")
        let line = lines.first { $0.hasPrefix("MemFree:") } ?? ""
        return (Int(line.filter(\.isNumber)) ?? 0) * 1024
    }
}
