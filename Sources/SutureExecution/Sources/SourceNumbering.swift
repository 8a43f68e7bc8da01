import SuturePlanning

/// The weight files of all of a plan's sources under one numbering.
struct SourceNumbering: Sendable {
    private let firstFiles: [Int]

    /// Numbers the files of a plan.
    init(_ plan: Plan) {
        var count = 0
        firstFiles = plan.sources.map { source in
            defer { count += source.files.count }
            return count
        }
    }

    /// The number of the file that a tensor is stored in.
    func number(of reference: StoredTensorReference) -> Int { firstFiles[reference.source] + reference.file }

    /// The number of the file that an output file is, byte for byte.
    func number(of original: Plan.Shard.Original) -> Int { firstFiles[original.source] + original.file }
}
