package import SutureTensors
import SystemPackage

/// A file seen as the bytes that tensors lie in, whatever the form in which it is stored.
package final class ContentFile: Sendable {
    /// The file as it is stored.
    package let file: InputFile

    /// Where its frames are, where it is packed.
    package let layout: SeekableLayout?

    /// The bytes that can be read.
    package var byteCount: Int { layout?.contentByteCount ?? file.byteCount }

    private let frames: FrameCache?

    /// Sees a file as it is.
    package init(_ file: InputFile) {
        self.file = file
        (layout, frames) = (nil, nil)
    }

    /// Sees a packed file as its content.
    ///
    /// - Parameters:
    ///   - file: The file.
    ///   - frames: Where frames are kept of which a part is wanted.
    /// - Throws: ``FileError`` with `corrupt` where its table of frames is no good.
    package init(packed file: InputFile, keeping frames: FrameCache) throws(FileError) {
        layout = try SeekableLayout.read(file)
        self.file = file
        self.frames = frames
    }

    /// Fills a buffer with the bytes from an offset on.
    ///
    /// - Throws: ``FileError`` with `endsEarly` if there are fewer.
    package func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(FileError) {
        guard let layout else { return try unsafe file.read(into: buffer, at: offset) }
        guard offset >= 0, buffer.count <= layout.contentByteCount, offset <= layout.contentByteCount - buffer.count
        else { throw FileError(.read, file.path, .endsEarly(byteCount: layout.contentByteCount)) }
        var done = 0
        while done < buffer.count, let number = layout.frame(at: offset + done) {
            let frame = layout.frames[number].content
            let part = offset + done..<min(frame.upperBound, offset + buffer.count)
            let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[done..<done + part.count])
            if part == frame {
                try unsafe FrameRestorer().restore(layout.frames[number], of: file, into: rest)
            } else {
                let content = try content(of: number, in: layout)
                unsafe rest.copyBytes(
                    from: content[part.lowerBound - frame.lowerBound..<part.upperBound - frame.lowerBound]
                )
            }
            done += part.count
        }
    }

    /// The content of a frame.
    private func content(of number: Int, in layout: SeekableLayout) throws(FileError) -> [UInt8] {
        let frame = layout.frames[number]
        let restored = { () throws(FileError) -> [UInt8] in
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
        guard let frames else { return try restored() }
        return try frames.content(FrameCache.Key(file: file.identity, frame: number), restore: restored)
    }

    /// The bytes of a range; for small ones.
    ///
    /// - Throws: ``FileError`` with `endsEarly` if there are fewer.
    package func read(_ range: Range<Int>) throws(FileError) -> [UInt8] {
        // Asked first, so that a wild range cannot ask for wild memory.
        guard range.upperBound <= byteCount else { throw FileError(.read, file.path, .endsEarly(byteCount: byteCount)) }
        return try bytes(at: range.lowerBound, count: range.count)
    }

    /// Fills a buffer with a part of a tensor's bytes, in the order of its elements.
    ///
    /// - Parameters:
    ///   - spec: The tensor.
    ///   - offset: Its first byte.
    ///   - strides: The steps between neighbours, in elements; `nil` where they follow each other.
    ///   - bytes: Which of its bytes, counted from its first.
    ///   - buffer: As many bytes.
    /// - Throws: ``FileError``.
    /// - Precondition: The strides suit the tensor: ``StridedLayout/reach(of:strides:)`` is known.
    package func read(
        _ spec: TensorSpec,
        at offset: Int,
        strides: [Int]?,
        bytes: Range<Int>,
        into buffer: UnsafeMutableRawBufferPointer
    ) throws(FileError) {
        precondition(bytes.count == buffer.count, "buffer and range differ in length")
        guard let strides else { return try unsafe read(into: buffer, at: offset + bytes.lowerBound) }
        let width = spec.dtype.bitWidth / 8
        var place = bytes.lowerBound
        // A window may begin or end inside an element, so elements are gathered apart.
        while place < bytes.upperBound {
            let first = place / width
            let last = min((bytes.upperBound + width - 1) / width, first + 1 << 18)
            let gathered = try gather(first..<last, of: spec, at: offset, strides, width)
            let part = place..<min(bytes.upperBound, last * width)
            let target = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[(place - bytes.lowerBound)...])
            unsafe target.copyBytes(from: gathered[part.lowerBound - first * width..<part.upperBound - first * width])
            place = part.upperBound
        }
    }

    /// The bytes of some elements, brought together.
    private func gather(
        _ elements: Range<Int>,
        of spec: TensorSpec,
        at offset: Int,
        _ strides: [Int],
        _ width: Int
    ) throws(FileError) -> [UInt8] {
        var result = [UInt8](repeating: 0, count: elements.count * width)
        try StridedLayout.forEachRun(elements, shape: spec.shape, strides: strides) {
            (source, target, count, sourceStep, targetStep) throws(FileError) in
            // Neighbours a page apart are read one by one, nearer ones with what lies between them.
            let most = sourceStep * width > 4096 ? 1 : max(1, (1 << 16) / max(1, sourceStep * width))
            var done = 0
            while done < count {
                let run = min(sourceStep == 0 ? count : most, count - done)
                let reach = sourceStep == 0 ? width : ((run - 1) * sourceStep + 1) * width
                let bytes = try self.bytes(at: offset + (source + done * sourceStep) * width, count: reach)
                for i in 0..<run {
                    let from = i * sourceStep * width
                    let to = (target + (done + i) * targetStep) * width
                    for byte in 0..<width { result[to + byte] = bytes[from + byte] }
                }
                done += run
            }
        }
        return result
    }

    private func bytes(at offset: Int, count: Int) throws(FileError) -> [UInt8] {
        var failure: FileError?
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            do throws(FileError) {
                try unsafe read(
                    into: UnsafeMutableRawBufferPointer(start: buffer.baseAddress, count: count),
                    at: offset
                )
                filled = count
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        return bytes
    }
}
