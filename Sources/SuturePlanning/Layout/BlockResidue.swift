import SutureTensors

/// Where in a file system's block the data of a shard begin, so that most of its bytes can share blocks with sources.
///
/// Blocks can be shared where source and output agree modulo the block size. The length of the header is free, so one
/// remainder can be chosen for each shard; runs of neighbours in one file all have the same.
struct BlockResidue {
    /// What common file systems count blocks in, or a multiple of it.
    static let blockByteCount = 4096

    private var bytes: [Int: Int] = [:]
    private var end = 0

    /// Adds the next tensor of the shard.
    mutating func add(_ spec: TensorSpec, _ expression: TensorExpression) {
        defer { end += spec.byteCount }
        // What is computed, or stored otherwise, is best at the start of a block.
        var residue = 0
        if case .stored(let reference) = expression, reference.spec.dtype == spec.dtype, reference.strides == nil {
            residue = (reference.offset - end) & (Self.blockByteCount - 1)
        }
        bytes[residue, default: 0] += spec.byteCount
    }

    /// The remainder that serves most bytes; the smallest of equals, and a multiple of 8, as loaders want it.
    var best: Int {
        bytes.filter { $0.key.isMultiple(of: 8) }.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key ?? 0
    }
}
