extension ByteSource {
    /// The hash of some of its bytes, read in pieces of 256 KiB.
    ///
    /// - Throws: ``FileError`` with `endsEarly` if there are fewer.
    package func contentHash(of range: Range<Int>) throws(FileError) -> ContentHash {
        var hasher = ContentHasher()
        try unsafe forEachPiece(of: range) { unsafe hasher.update($0) }
        return hasher.finish()
    }

    /// Reads bytes in pieces of 256 KiB.
    ///
    /// - Parameters:
    ///   - range: Which bytes.
    ///   - isCancelled: Asked before each piece; the rest is then left out.
    ///   - body: Is given each piece, in order.
    /// - Throws: ``FileError`` with `endsEarly` if there are fewer.
    package func forEachPiece(
        of range: Range<Int>,
        isCancelled: () -> Bool = { false },
        _ body: (UnsafeRawBufferPointer) -> Void
    ) throws(FileError) {
        var buffer = [UInt8](repeating: 0, count: min(256 << 10, range.count))
        var place = range.lowerBound
        while place < range.upperBound, !isCancelled() {
            let count = min(buffer.count, range.upperBound - place)
            try unsafe buffer.withUnsafeMutableBufferPointer { (elements) throws(FileError) in
                let piece = unsafe UnsafeMutableRawBufferPointer(start: elements.baseAddress, count: count)
                try unsafe read(into: piece, at: place)
                unsafe body(UnsafeRawBufferPointer(piece))
            }
            place += count
        }
    }
}

extension ByteSource {
    /// The SHA-256 of the whole file, as it is stored.
    ///
    /// - Parameters:
    ///   - isCancelled: Asked before each piece.
    ///   - onPiece: Told the bytes of each piece that has been read.
    /// - Returns: The hash; `nil` where it was cancelled or the system's libcrypto refuses.
    /// - Throws: ``FileError``.
    package func sha256(
        isCancelled: () -> Bool = { false },
        onPiece: (Int) -> Void = { _ in }
    ) throws(FileError) -> SHA256Hash? {
        var hasher = SHA256Hasher()
        try unsafe forEachPiece(of: 0..<byteCount, isCancelled: isCancelled) { piece in
            unsafe hasher.update(piece)
            onPiece(piece.count)
        }
        return isCancelled() ? nil : hasher.finish()
    }
}
