package import SystemPackage

/// What is packed in a file of zstd frames, read by range through them.
package final class PackedFile: ByteSource {
    /// The file as it is stored.
    package let file: any ByteSource

    /// Where its frames are.
    package let layout: SeekableLayout

    private let frames: FrameCache

    /// Sees a packed file as its content.
    ///
    /// - Parameters:
    ///   - file: The file.
    ///   - frames: Where frames are kept of which a part is wanted.
    /// - Throws: ``FileError`` with `corrupt` where its table of frames is no good.
    package init(_ file: any ByteSource, keeping frames: FrameCache) throws(FileError) {
        layout = try SeekableLayout.read(file)
        self.file = file
        self.frames = frames
    }

    /// Where the packed file is.
    package var path: FilePath { file.path }

    /// The bytes of content.
    package var byteCount: Int { layout.contentByteCount }

    /// The bytes of the packed file.
    package var storedByteCount: Int { file.byteCount }

    /// That of the packed file.
    package var version: ByteVersion { file.version }

    /// None: the bytes are in no file as they are.
    package var plainFile: InputFile? { nil }

    /// None: what is known is known of the packed file.
    package var knownSHA256: SHA256Hash? { nil }

    /// That of the packed file now.
    package func currentVersion() throws(FileError) -> ByteVersion { try file.currentVersion() }

    /// Fills a buffer with the content from an offset on.
    ///
    /// - Throws: ``FileError`` with `endsEarly` if there is less, `corrupt` where a frame is no good.
    package func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(FileError) {
        guard offset >= 0, buffer.count <= byteCount, offset <= byteCount - buffer.count else {
            throw FileError(.read, path, .endsEarly(byteCount: byteCount))
        }
        var done = 0
        while done < buffer.count, let number = layout.frame(at: offset + done) {
            let frame = layout.frames[number].content
            let part = offset + done..<min(frame.upperBound, offset + buffer.count)
            let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[done..<done + part.count])
            if part == frame {
                try unsafe FrameRestorer().restore(layout.frames[number], of: file, into: rest)
            } else {
                let content = try content(of: number)
                unsafe rest.copyBytes(
                    from: content[part.lowerBound - frame.lowerBound..<part.upperBound - frame.lowerBound]
                )
            }
            done += part.count
        }
    }

    /// The content of a frame.
    private func content(of number: Int) throws(FileError) -> [UInt8] {
        let frame = layout.frames[number]
        let key = FrameCache.Key(file: file.path, version: file.version, frame: number)
        return try frames.content(key) { () throws(FileError) -> [UInt8] in
            var content = [UInt8](repeating: 0, count: frame.content.count)
            var failure: FileError?
            unsafe content.withUnsafeMutableBytes { target in
                do throws(FileError) {
                    try unsafe FrameRestorer().restore(frame, of: self.file, into: target)
                } catch { failure = error }
            }
            if let failure { throw failure }
            return content
        }
    }
}
