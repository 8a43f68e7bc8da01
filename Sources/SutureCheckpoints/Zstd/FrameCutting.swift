import SutureTensors

/// How the content of a weight file is cut into frames: a tensor begins a frame or shares one with whole neighbours.
package struct FrameCutting: Hashable, Sendable {
    /// A frame to be.
    package struct Frame: Hashable, Sendable {
        /// The bytes of content that it holds.
        package let content: Range<Int>

        /// Whether all of it is numbers of two bytes that planes suit.
        package let isSplit: Bool
    }

    /// The frames, in order.
    package let frames: [Frame]

    /// The bytes of a frame of a large tensor: enough to pack well, little enough to restore for a part of it.
    package static let frameByteCount = 2 << 20

    /// Cuts a file whose tensors are known.
    ///
    /// - Parameters:
    ///   - weights: Its tensors.
    ///   - byteCount: Its length.
    ///   - splitsPlanes: Whether numbers of two bytes are to be taken apart.
    package init(_ weights: WeightFile, byteCount: Int, splitsPlanes: Bool) {
        var frames: [Frame] = []
        func add(_ range: Range<Int>, _ isSplit: Bool) {
            var start = range.lowerBound
            while start < range.upperBound {
                let end = min(start + Self.frameByteCount, range.upperBound)
                frames.append(Frame(content: start..<end, isSplit: isSplit))
                start = end
            }
        }
        // What has been gathered and is in no frame yet.
        var pending = 0..<0
        var isSplit = false
        for entry in weights.entries {
            let range = entry.offset..<entry.offset + entry.spec.byteCount
            let suits = splitsPlanes && (entry.spec.dtype == .bfloat16 || entry.spec.dtype == .float16)
            if range.upperBound - pending.lowerBound > Self.frameByteCount || suits != isSplit {
                add(pending.lowerBound..<range.lowerBound, isSplit)
                (pending, isSplit) = (range, suits)
            } else {
                pending = pending.lowerBound..<range.upperBound
            }
        }
        add(pending.lowerBound..<byteCount, isSplit)
        self.frames = frames
    }
}
