import SuturePlanning
import SutureTensors

/// What lies where in one output file, as few long stretches.
struct ShardMap: Sendable {
    /// A stretch of the file and what fills it.
    struct Segment: Hashable, Sendable {
        /// The bytes of the output file.
        var range: Range<Int>
        /// What fills them.
        var content: Content
    }

    /// What fills a stretch.
    enum Content: Hashable, Sendable {
        /// The file's header.
        case header

        /// Bytes of a source file, by its number in ``SourceNumbering``, from an offset on.
        case extent(file: Int, offset: Int)

        /// Zeros: what a format has between tensors, and blocks of numbers that are filled with 0.
        case padding

        /// Bytes of a source tensor that do not lie in its file as they are written, from one of them on.
        case tensor(StoredTensorReference, from: Int)

        /// Blocks of stored tensors, parted in memory.
        case gathered(GatheredBytes, offset: Int)

        /// A tensor whose numbers are computed, by its number in the plan.
        case computed(tensor: Int)
    }

    /// The file's length.
    let byteCount: Int

    /// What it holds, from its first byte to its last.
    let segments: [Segment]

    /// Maps a shard of a plan that has passed ``PlanGuard``.
    ///
    /// Tensors that are neighbours both in the output and in a source become one stretch.
    init(_ shard: Plan.Shard, of plan: Plan, files: SourceNumbering) {
        byteCount = shard.byteCount
        if let original = shard.original {
            let number = files.number(of: original)
            segments = [Segment(range: 0..<shard.byteCount, content: .extent(file: number, offset: 0))]
            return
        }
        var segments = [Segment(range: 0..<shard.dataStart, content: .header)]
        for index in shard.tensors {
            let tensor = plan.tensors[index]
            let range = tensor.offset..<tensor.offset + tensor.spec.byteCount
            guard !range.isEmpty else { continue }
            let end = segments.last?.range.upperBound ?? 0
            if end < range.lowerBound { segments.append(Segment(range: end..<range.lowerBound, content: .padding)) }
            if let stored = tensor.movedBytes {
                guard stored.strides == nil,
                    plan.sources[stored.source].files[stored.file].unpackedByteCount == nil
                else {
                    segments.append(Segment(range: range, content: .tensor(stored, from: 0)))
                    continue
                }
                segments.addExtent(range, file: files.number(of: stored), offset: stored.offset)
            } else if let gathered = tensor.gatheredBytes {
                let isPlain = gathered.references.allSatisfy { reference in
                    reference.strides == nil
                        && plan.sources[reference.source].files[reference.file].unpackedByteCount == nil
                }
                guard isPlain, let extents = gathered.extents else {
                    segments.append(Segment(range: range, content: .gathered(gathered, offset: 0)))
                    continue
                }
                var start = range.lowerBound
                for extent in extents {
                    let end = start + extent.byteCount
                    if let reference = extent.reference {
                        segments.addExtent(start..<end, file: files.number(of: reference), offset: extent.offset)
                    } else {
                        segments.append(Segment(range: start..<end, content: .padding))
                    }
                    start = end
                }
            } else if tensor.isZeroBytes {
                segments.append(Segment(range: range, content: .padding))
            } else {
                segments.append(Segment(range: range, content: .computed(tensor: index)))
            }
        }
        let end = segments.last?.range.upperBound ?? 0
        if end < byteCount { segments.append(Segment(range: end..<byteCount, content: .padding)) }
        self.segments = segments
    }

    /// The segments that have bytes in a range of the file, cut to it.
    func segments(in range: Range<Int>) -> [Segment] {
        var result: [Segment] = []
        var index = segments.firstIndex(endingAfter: range.lowerBound)
        while index < segments.count, segments[index].range.lowerBound < range.upperBound {
            result.append(segments[index].cut(to: range))
            index += 1
        }
        return result
    }
}

extension ShardMap.Segment {
    /// The part of it that lies in a range of the file.
    func cut(to bounds: Range<Int>) -> ShardMap.Segment {
        let part = range.clamped(to: bounds)
        let skipped = part.lowerBound - range.lowerBound
        switch content {
        case .header, .padding, .computed: return ShardMap.Segment(range: part, content: content)
        case .extent(let file, let offset):
            return ShardMap.Segment(range: part, content: .extent(file: file, offset: offset + skipped))
        case .tensor(let reference, let start):
            return ShardMap.Segment(range: part, content: .tensor(reference, from: start + skipped))
        case .gathered(let bytes, let offset):
            return ShardMap.Segment(range: part, content: .gathered(bytes, offset: offset + skipped))
        }
    }
}

extension [ShardMap.Segment] {
    /// Adds bytes of a source file, to the last stretch where they follow on it.
    fileprivate mutating func addExtent(_ range: Range<Int>, file: Int, offset: Int) {
        if let last, case .extent(file, let start) = last.content, start + last.range.count == offset {
            self[count - 1].range = last.range.lowerBound..<range.upperBound
        } else {
            append(ShardMap.Segment(range: range, content: .extent(file: file, offset: offset)))
        }
    }

    /// The first segment that ends after an offset, by halving; they are in order.
    fileprivate func firstIndex(endingAfter offset: Int) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if self[middle].range.upperBound <= offset { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

extension Plan.Tensor {
    /// The stored tensor whose bytes it takes as they are, where it does.
    var movedBytes: StoredTensorReference? {
        guard case .stored(let reference) = expression, reference.spec.dtype == spec.dtype else { return nil }
        return reference
    }

    /// Whether all its bytes are zeros: numbers in blocks that are filled with 0.
    var isZeroBytes: Bool { expression == .filled(0) && spec.dtype.isGGML && spec.dtype.isZeroInZeroBytes }

    /// The blocks whose bytes it takes as they are, where it does.
    var gatheredBytes: GatheredBytes? {
        guard case .gathered(let gathered) = expression, gathered.commonDType == spec.dtype else { return nil }
        return GatheredBytes(gathered)
    }
}
