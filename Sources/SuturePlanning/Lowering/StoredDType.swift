import SutureArchitectures
import SutureTensors

extension Strip.Slot {
    /// Whether a dtype that a recipe names for the whole output is this tensor's.
    ///
    /// Ids, masks and what a quantizer packed keep theirs. In GGUF files only matrices take it: ggml wants all else in
    /// float32.
    func takes(_ dtype: DType, inGGUF isGGUF: Bool) -> Bool {
        isGGUF ? spec.dtype.isDecodable && takesBlocks : spec.dtype.isBlendable && !isCompanion
    }

    /// Whether it is a matrix that ggml multiplies in any type.
    var takesBlocks: Bool { spec.shape.rank > 1 && GGUFTensorTypes.isFree(suffix) }

    /// Whether its numbers are computed, and neither copied nor blocks of zero bytes.
    var isComputed: Bool {
        switch expression {
        case .stored(let reference): reference.spec.dtype != spec.dtype
        case .filled(0): !spec.dtype.isZeroInZeroBytes
        default: true
        }
    }
}
