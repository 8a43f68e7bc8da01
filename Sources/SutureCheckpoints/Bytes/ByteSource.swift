package import SystemPackage

/// Bytes that are read at any offset by any number of threads, wherever they lie: a file, what is packed in one, ranges
/// of an address.
///
/// Who reads weights knows no more of them than this, so that a new place to read from is a type that conforms.
package protocol ByteSource: AnyObject, Sendable {
    /// What messages call it.
    var path: FilePath { get }

    /// The number of bytes that can be read.
    var byteCount: Int { get }

    /// The bytes that they take where they are stored.
    var storedByteCount: Int { get }

    /// What told these bytes from others in their place when the source was opened.
    var version: ByteVersion { get }

    /// The file of this machine whose bytes these are one by one, so that the system can move or share them; `nil` where
    /// they have to be read.
    var plainFile: InputFile? { get }

    /// The SHA-256 of the whole, where it is known without reading it.
    var knownSHA256: SHA256Hash? { get }

    /// Fills a buffer with the bytes from an offset on.
    ///
    /// - Throws: ``FileError`` with `endsEarly` if there are fewer.
    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(FileError)

    /// What tells the bytes from others now.
    func currentVersion() throws(FileError) -> ByteVersion
}

/// What tells bytes from others that may come to their place.
public enum ByteVersion: Hashable, Sendable {
    /// A file of this machine: its number on its device, and when it last changed, in nanoseconds since 1970.
    case file(inode: UInt64, modified: Int)

    /// Bytes that are named by what they are, such as by an entity tag.
    case content(String)
}

extension ByteSource {
    /// As many as can be read, where nothing is packed.
    package var storedByteCount: Int { byteCount }

    /// The bytes of a range; for small ones.
    ///
    /// - Throws: ``FileError`` with `endsEarly` if there are fewer.
    package func read(_ range: Range<Int>) throws(FileError) -> [UInt8] {
        // Asked first, so that a wild range cannot ask for wild memory.
        guard range.upperBound <= byteCount else { throw FileError(.read, path, .endsEarly(byteCount: byteCount)) }
        var failure: FileError?
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: range.count) { buffer, count in
            do throws(FileError) {
                let bytes = unsafe UnsafeMutableRawBufferPointer(start: buffer.baseAddress, count: range.count)
                try unsafe read(into: bytes, at: range.lowerBound)
                count = range.count
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        return bytes
    }

    /// Fills a span with the bytes from an offset on.
    ///
    /// - Throws: ``FileError`` with `endsEarly` if there are fewer.
    package func read(into span: inout MutableRawSpan, at offset: Int) throws(FileError) {
        try unsafe span.withUnsafeMutableBytes { (buffer) throws(FileError) in try unsafe read(into: buffer, at: offset)
        }
    }
}
