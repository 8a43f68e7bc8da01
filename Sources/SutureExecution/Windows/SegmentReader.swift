import SuturePlanning

/// Where the bytes of output files come from: sources, what is computed from them, and headers.
struct SegmentReader: Sendable {
    let sources: SourceFiles
    let numbering: SourceNumbering

    /// Fills a buffer with the bytes of a segment.
    ///
    /// - Parameters:
    ///   - place: Where to; exactly as long.
    ///   - segment: Which bytes of the output file.
    ///   - prepared: The computed tensors that have bytes in it, by their numbers in the plan.
    ///   - workspaces: The calling thread's memory.
    ///   - header: Gives the file's header.
    /// - Throws: ``ExecutionError``.
    func fill(
        _ place: UnsafeMutableRawBufferPointer,
        with segment: ShardMap.Segment,
        _ prepared: [Int: PreparedTensor],
        _ workspaces: Workspaces,
        header: () throws(ExecutionError) -> [UInt8]
    ) throws(ExecutionError) {
        switch segment.content {
        case .header: unsafe place.copyBytes(from: try header()[segment.range])
        case .padding: unsafe _ = place.initializeMemory(as: UInt8.self, repeating: 0)
        case .extent(let number, let offset): try unsafe sources.read(number, at: offset, into: place)
        case .tensor(let reference, let start):
            try unsafe sources.read(start..<start + segment.range.count, of: reference, numbering, into: place)
        case .gathered(let bytes, let offset):
            try unsafe bytes.read(offset..<offset + place.count, into: place, from: sources, numbering)
        case .computed(let index):
            guard let tensor = prepared[index] else { preconditionFailure("a tensor was not surveyed") }
            let workspace = workspaces.workspace(of: index, for: tensor.evaluator)
            let start = tensor.numbers.tensor.tensor.offset
            let bytes = segment.range.lowerBound - start..<segment.range.upperBound - start
            try unsafe tensor.compute(bytes, into: place, workspace: workspace)
        }
    }
}
