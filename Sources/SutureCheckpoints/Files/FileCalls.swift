import Glibc
import SystemPackage

/// The system calls that move bytes, so that a test can make them fail as a disk would.
///
/// Each returns what its namesake returns, or the negative of `errno`.
@safe package struct FileCalls: Sendable {
    /// `pread`: descriptor, buffer, offset.
    package var read: @Sendable (Int32, UnsafeMutableRawBufferPointer, Int) -> Int

    /// `pwrite`: descriptor, bytes, offset.
    package var write: @Sendable (Int32, UnsafeRawBufferPointer, Int) -> Int

    /// `fallocate`: descriptor, byte count.
    package var allocate: @Sendable (Int32, Int) -> Int

    /// `fsync`: descriptor.
    package var sync: @Sendable (Int32) -> Int

    /// `sync_file_range`: descriptor, offset, byte count, flags.
    package var writeBack: @Sendable (Int32, Int, Int, UInt32) -> Int

    /// The system's own calls.
    package static let system = unsafe FileCalls(
        read: { unsafe result(pread($0, $1.baseAddress, $1.count, $2)) },
        write: { unsafe result(pwrite($0, $1.baseAddress, $1.count, $2)) },
        allocate: { result(Int(fallocate($0, 0, 0, $1))) },
        sync: { result(Int(fsync($0))) },
        writeBack: { result(Int(sync_file_range($0, $1, $2, $3))) }
    )
}

/// The negative of `errno` where a call failed.
private func result(_ value: Int) -> Int { value < 0 ? -Int(Glibc.errno) : value }

/// What the last failed call left behind.
var lastErrno: Errno { Errno(rawValue: Glibc.errno) }

/// Repeats a call that a signal interrupts and gives its failure a step and a path.
@discardableResult
func call(_ step: FileError.Step, _ path: FilePath, _ body: () -> Int32) throws(FileError) -> Int32 {
    while true {
        let value = body()
        if value >= 0 { return value }
        guard Glibc.errno == EINTR else { throw FileError(step, path, lastErrno) }
    }
}
