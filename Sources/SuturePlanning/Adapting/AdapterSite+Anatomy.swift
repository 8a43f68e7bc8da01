import SutureArchitectures
import SutureCheckpoints
import SutureTensors

extension AdapterSite {
    /// What a checkpoint's anatomy says of it.
    init(_ checkpoint: Checkpoint, _ anatomy: Anatomy) {
        self.init()
        let tensors = checkpoint.tensors.map(\.spec)
        func table(_ end: End) -> TensorSpec? {
            zip(anatomy.parts, tensors).first { $0 == .end(end) && $1.shape.rank == 2 }?.1
        }
        embedding = table(.embed)?.name
        head = table(.head)?.name ?? anatomy.unstoredHeadName
        headBias = head.flatMap { Self.biasNames(of: $0).first { checkpoint[$0] != nil } }
        isTied = anatomy.facts.isTied.value
        sharers = embedding.map(anatomy.sharers(of:)) ?? []
        let rows = anatomy.facts.embeddingRows
        for (part, tensor) in zip(anatomy.parts, tensors) {
            guard let rows, tensor.shape.dimensions.first == rows else { continue }
            switch part {
            case .end(.embed), .end(.head), .end(.headCompanion("bias")), .end(.embedCompanion("copy")):
                vocabularyTensors.insert(tensor.name)
            default: continue
            }
        }
        liesTransposed = anatomy.liesTransposed(tensors)
        layerPrefix = anatomy.mainStack.prefix + "."
        isHead = HeadNames.isHead
    }

    /// The names that the bias of a head may have: its own, or that of the module around a `decoder`.
    static func biasNames(of head: String) -> [String] {
        let module = head.split(separator: ".").dropLast().map(String.init)
        let own = (module + ["bias"]).joined(separator: ".")
        return module.last == "decoder" ? [own, (module.dropLast() + ["bias"]).joined(separator: ".")] : [own]
    }
}
