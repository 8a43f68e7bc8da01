import Synchronization

/// Buffers of one size that threads take and give back, so that memory is touched once and not for every window.
final class BufferPool: Sendable {
    /// The bytes of a buffer.
    let byteCount: Int

    private let idle = Mutex<[[UInt8]]>([])

    /// Creates an empty pool; buffers are made when they are first wanted.
    init(byteCount: Int) {
        self.byteCount = byteCount
    }

    /// Lends a buffer; what it holds is left over from whoever had it before.
    ///
    /// - Parameter body: Works on it.
    /// - Returns: What `body` returns.
    /// - Throws: What `body` throws.
    func withBuffer<Value, Failure: Error>(
        _ body: (UnsafeMutableRawBufferPointer) throws(Failure) -> Value
    ) throws(Failure) -> Value {
        var buffer = idle.withLock { $0.popLast() } ?? [UInt8](repeating: 0, count: byteCount + Self.alignment)
        defer { idle.withLock { $0.append(buffer) } }
        return try unsafe buffer.withUnsafeMutableBufferPointer { (elements) throws(Failure) in
            let bytes = UnsafeMutableRawBufferPointer(elements)
            // From the start of a page, the kernel's copy is fastest.
            let skipped = -Int(bitPattern: bytes.baseAddress) & (Self.alignment - 1)
            return try unsafe body(UnsafeMutableRawBufferPointer(rebasing: bytes[skipped..<skipped + byteCount]))
        }
    }

    private static let alignment = 4096
}
