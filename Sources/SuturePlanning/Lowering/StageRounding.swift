import SutureTensors

extension Strip {
    /// Rounds what is computed in it to a dtype, as writing it to disk and reading it again would.
    ///
    /// - Parameter dtype: The dtype of the stage; `nil` for each tensor's own.
    /// - Throws: The first tensor that cannot be stored so.
    mutating func round(to dtype: DType?) throws(TensorSpecError) {
        for index in layers.indices { try layers[index].slots.roundEach(to: dtype) }
        try ends.embed.slots.roundEach(to: dtype)
        try ends.norm.slots.roundEach(to: dtype)
        try ends.head.slots.roundEach(to: dtype)
        try rest.tensors.slots.roundEach(to: dtype)
    }
}

extension [Strip.Slot] {
    fileprivate mutating func roundEach(to dtype: DType?) throws(TensorSpecError) {
        for index in indices where self[index].spec.dtype.isBlendable && !self[index].isCompanion {
            let isNamed = dtype.map { !$0.isGGML || self[index].takesBlocks } ?? false
            let stored = isNamed ? dtype ?? self[index].spec.dtype : self[index].spec.dtype
            switch self[index].expression {
            case .stored(let reference) where reference.spec.dtype == stored: continue
            case .rounded(_, to: stored): continue
            default: self[index].expression = .rounded(self[index].expression, to: stored)
            }
            self[index].spec = try self[index].spec.stored(as: stored)
        }
    }
}
