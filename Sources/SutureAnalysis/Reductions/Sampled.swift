import SutureExecution

/// The numbers themselves, of tensors that are small: samples of larger ones.
struct Sampled: Reduction {
    func begin(_ tensor: AlignedTensor) -> [Float] { [] }

    func add(_ block: NumberBlock, to finding: inout [Float]) { finding += block.rows[0][0..<block.count] }

    func join(_ later: [Float], to finding: inout [Float]) { finding += later }
}
