import SuturePlanning
import SutureTensors

/// How the bytes of a gathered tensor lie in the tensors that it is gathered from.
///
/// Seen as rows of blocks: one row for each element of the dimensions before the gathered one. With one row
/// the runs are read as they are; else whole rows of each source are read at once and parted in memory. Groups of
/// blocks follow each other, each with rows of its own.
struct GatheredBytes: Hashable, Sendable {
    /// One of the tensors that blocks are taken from.
    private struct Part: Hashable {
        let reference: StoredTensorReference
        let rowBytes: Int
    }

    /// Bytes that lie one after another in a row of the result and in a row of a part; zeros where they are of none.
    private struct Stretch: Hashable {
        let part: Int?
        let source: Range<Int>
        let target: Range<Int>
    }

    private let parts: [Part]

    /// The stretches of a row, for each group.
    private let stretches: [[Stretch]]

    /// The rows of a group.
    private let groupRows: Int

    /// The bytes of a row of the result.
    let rowBytes: Int

    /// The number of rows.
    let rowCount: Int

    /// The most bytes that a thread takes beside what it fills.
    static let scratchByteCount = 1 << 20

    /// Works out the layout of a gathering; `nil` where its blocks do not fit.
    init?(_ gathered: GatheredTensor) {
        guard gathered.shape != nil, let group = gathered.groupShape, let dtype = gathered.commonDType else {
            return nil
        }
        var references: [StoredTensorReference] = []
        for input in gathered.inputs {
            guard case .stored(let reference) = input else { return nil }
            references.append(reference)
        }
        let areBytes = gathered.runs.allSatisfy { run in
            switch run {
            case .blocks: true
            case .filled(let number, _): number == 0 && number.sign == .plus && dtype.isZeroInZeroBytes
            case .mean, .padding: false
            }
        }
        guard areBytes else { return nil }
        let dimensions = group.dimensions
        let inner = Shape([gathered.blockLength] + dimensions[(gathered.dimension + 1)...])
        guard let rows = Shape(Array(dimensions[..<gathered.dimension])).elementCount, let block = inner.elementCount,
            let blockBytes = dtype.block.bytes(of: block)
        else { return nil }
        // Groups of one row each are one row, as a whole.
        let groups = rows == 1 ? 1 : gathered.groups
        let blocksInRow = gathered.blockCount / groups
        guard case (let rowBytes, false) = blockBytes.multipliedReportingOverflow(by: blocksInRow) else { return nil }
        self.rowBytes = rowBytes
        groupRows = rows
        rowCount = rows * groups
        parts = references.map { reference in
            Part(reference: reference, rowBytes: rows > 0 ? reference.spec.byteCount / rows : 0)
        }
        stretches = (0..<groups).map { number in
            var place = 0
            return (groups == 1 ? gathered.runs : gathered.runs(ofGroup: number)).map { run in
                let target = place..<place + run.count * blockBytes
                place = target.upperBound
                guard case .blocks(let input, let numbers) = run else {
                    return Stretch(part: nil, source: 0..<target.count, target: target)
                }
                let source = numbers.lowerBound * blockBytes..<numbers.upperBound * blockBytes
                return Stretch(part: input, source: source, target: target)
            }
        }
    }

    /// The stored tensors whose blocks these are.
    var references: [StoredTensorReference] { parts.map(\.reference) }

    /// The stretches of files that follow one another in the result, of zeros without a file, where it has a single row;
    /// else `nil`.
    var extents: [(reference: StoredTensorReference?, offset: Int, byteCount: Int)]? {
        guard rowCount == 1 else { return nil }
        return stretches[0].map { stretch in
            guard let part = stretch.part else { return (nil, 0, stretch.source.count) }
            let reference = parts[part].reference
            return (reference, reference.offset + stretch.source.lowerBound, stretch.source.count)
        }
    }

    /// Reads some bytes of the result.
    ///
    /// - Parameters:
    ///   - range: Which, counted from its first.
    ///   - buffer: Where to put them; exactly as long.
    ///   - files: Where the tensors are read.
    ///   - numbering: The files' numbers.
    /// - Throws: ``ExecutionError`` of whatever the system refused.
    func read(
        _ range: Range<Int>,
        into buffer: UnsafeMutableRawBufferPointer,
        from files: SourceFiles,
        _ numbering: SourceNumbering
    ) throws(ExecutionError) {
        guard rowBytes > 0, !range.isEmpty else { return }
        let widest = parts.map(\.rowBytes).max() ?? 1
        let rowsAtOnce = max(1, Self.scratchByteCount / max(1, widest))
        var first = range.lowerBound / rowBytes
        let end = (range.upperBound - 1) / rowBytes + 1
        while first < end {
            let group = first / groupRows
            let rows = first..<min(end, first + rowsAtOnce, (group + 1) * groupRows)
            if rowCount == 1 || widest > Self.scratchByteCount {
                try unsafe readDirectly(rows.lowerBound, range, into: buffer, files, numbering)
                first += 1
                continue
            }
            for part in Set(stretches[group].map { $0.part ?? -1 }).sorted() {
                try unsafe readRows(rows, of: part, range, into: buffer, files, numbering)
            }
            first = rows.upperBound
        }
    }

    /// Reads each stretch of one row by itself.
    private func readDirectly(
        _ row: Int,
        _ range: Range<Int>,
        into buffer: UnsafeMutableRawBufferPointer,
        _ files: SourceFiles,
        _ numbering: SourceNumbering,
        zerosAlone: Bool = false
    ) throws(ExecutionError) {
        for stretch in stretches[row / groupRows] where !zerosAlone || stretch.part == nil {
            let whole = row * rowBytes + stretch.target.lowerBound..<row * rowBytes + stretch.target.upperBound
            let wanted = whole.clamped(to: range)
            guard !wanted.isEmpty else { continue }
            let start = wanted.lowerBound - range.lowerBound
            let place = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[start..<start + wanted.count])
            guard let number = stretch.part else {
                unsafe _ = place.initializeMemory(as: UInt8.self, repeating: 0)
                continue
            }
            let part = parts[number]
            let skipped = wanted.lowerBound - whole.lowerBound
            let offset = row % groupRows * part.rowBytes + stretch.source.lowerBound + skipped
            try unsafe files.read(offset..<offset + place.count, of: part.reference, numbering, into: place)
        }
    }

    /// Reads whole rows of one part at once and puts its stretches where they belong.
    private func readRows(
        _ rows: Range<Int>,
        of index: Int,
        _ range: Range<Int>,
        into buffer: UnsafeMutableRawBufferPointer,
        _ files: SourceFiles,
        _ numbering: SourceNumbering
    ) throws(ExecutionError) {
        // Zeros are wherever no part is.
        guard parts.indices.contains(index) else {
            for row in rows { try unsafe readDirectly(row, range, into: buffer, files, numbering, zerosAlone: true) }
            return
        }
        let part = parts[index]
        var scratch = [UInt8](repeating: 0, count: rows.count * part.rowBytes)
        let own = stretches[rows.lowerBound / groupRows].filter { $0.part == index }
        let offset = rows.lowerBound % groupRows * part.rowBytes
        var numbers = scratch.mutableSpan
        var bytes = unsafe numbers.mutableBytes
        try unsafe bytes.withUnsafeMutableBytes { (place) throws(ExecutionError) in
            try unsafe files.read(offset..<offset + place.count, of: part.reference, numbering, into: place)
        }
        for row in rows {
            for stretch in own {
                let whole = row * rowBytes + stretch.target.lowerBound..<row * rowBytes + stretch.target.upperBound
                let wanted = whole.clamped(to: range)
                guard !wanted.isEmpty else { continue }
                let source =
                    (row - rows.lowerBound) * part.rowBytes + stretch.source.lowerBound + wanted.lowerBound
                    - whole.lowerBound
                let start = wanted.lowerBound - range.lowerBound
                let place = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[start..<start + wanted.count])
                unsafe place.copyBytes(from: scratch[source..<source + wanted.count])
            }
        }
    }
}
