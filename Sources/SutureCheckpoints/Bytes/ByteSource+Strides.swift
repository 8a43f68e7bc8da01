package import SutureTensors

extension ByteSource {
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
        guard let width = spec.dtype.elementByteCount else { preconditionFailure("blocks of elements have no strides") }
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
                let start = offset + (source + done * sourceStep) * width
                let bytes = try self.read(start..<start + reach)
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
}
