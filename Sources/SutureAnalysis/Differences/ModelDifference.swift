package import SutureArchitectures
package import SutureCheckpoints
package import SutureExecution
package import SutureTensors

/// How one model differs from another, tensor by tensor.
package struct ModelDifference: Sendable {
    /// The models: the one that the other is held against, and the other.
    package let first: StudiedModel, second: StudiedModel

    /// Which layer of the first each layer of the second was laid beside.
    package let alignment: LayerAlignment

    /// What was compared: first what stands before and after the layers, then the layers.
    package let pairs: [Pair]

    /// The names of tensors that only one of the models has, or has in another shape.
    package let unpaired: [Unpaired]

    /// A tensor of the second model beside one of the first.
    package struct Pair: Sendable {
        /// The name in the second model.
        package let name: String

        /// Its name in the first, where that is another.
        package let originalName: String

        /// The layer in the second model; `nil` outside its layers.
        package let layer: Int?

        /// The role that it plays.
        package let role: Role

        /// What is known of the numbers; where they are packed, only whether they are equal.
        package fileprivate(set) var statistics: PairStatistics.Finding

        /// Whether the tensor's elements are numbers to be measured; otherwise only bytes were compared.
        package let isMeasured: Bool

        /// The bits behind the point of the coarser of both dtypes.
        package let fractionBits: Int

        /// Whether both are stored in one dtype.
        package let isOfOneDType: Bool

        /// Whether every byte is the same.
        package var isEqual: Bool { isOfOneDType && statistics.isEqual }

        /// Whether the second is a multiple of the first, but for rounding; never of equal ones.
        package var isScaled: Bool { isMeasured && statistics.isScaled(fractionBits: fractionBits) }
    }

    /// A tensor without a counterpart.
    package struct Unpaired: Hashable, Sendable {
        /// Its name.
        package let name: String

        /// Whether it is the second model's.
        package let isSecond: Bool

        /// Both shapes, where there is a counterpart of another shape.
        package let shapes: [Shape]
    }
}

extension ModelDifference {
    /// Compares models, reading each of their weights once a comparison.
    ///
    /// - Parameters:
    ///   - first: The model that the others are held against.
    ///   - others: The others.
    ///   - store: Where weights are read from.
    ///   - threads: How many threads work on it; one a core where it is left out.
    ///   - isCancelled: Asked now and then; called from any thread.
    ///   - onStart: Told how many bytes will be read.
    ///   - onBytes: Told the bytes of each part that has been read; called from any thread.
    /// - Returns: A difference for each of the others, in their order.
    /// - Throws: ``ExecutionError``, also where a file is not what it was when its header was read.
    package static func find(
        between first: StudiedModel,
        and others: [StudiedModel],
        in store: any ByteStore = LocalFiles(),
        threads: Int? = nil,
        isCancelled: @escaping @Sendable () -> Bool = { false },
        onStart: (Int) -> Void = { _ in },
        onBytes: @escaping @Sendable (Int) -> Void = { _ in }
    ) throws(ExecutionError) -> [ModelDifference] {
        var pairings: [Pairing] = []
        var aligned: [AlignedTensor] = []
        for (index, other) in others.enumerated() {
            let alignment = try align(first, other, in: store, threads: threads)
            let pairing = Pairing(first, other, alignment, place: index + 1, from: aligned.count)
            aligned += pairing.tensors
            pairings.append(pairing)
        }
        let pass = TensorPass(aligned, of: [first.checkpoint] + others.map(\.checkpoint), in: store)
        onStart(pass.byteCount)
        let found = try pass.run(PairStatistics(), threads: threads, isCancelled: isCancelled, onBytes: onBytes)
        return pairings.map { pairing in
            var pairs = pairing.pairs
            for (place, pair) in pairing.owners.enumerated() {
                pairs[pair].statistics.add(found[pairing.start + place])
            }
            return ModelDifference(
                first: first,
                second: pairing.second,
                alignment: pairing.alignment,
                pairs: pairs,
                unpaired: pairing.unpaired
            )
        }
    }

    /// By number where both have as many layers, by likeness where not.
    private static func align(
        _ first: StudiedModel,
        _ second: StudiedModel,
        in store: any ByteStore,
        threads: Int?
    ) throws(ExecutionError) -> LayerAlignment {
        guard first.layers.count != second.layers.count else { return LayerAlignment(depth: first.layers.count) }
        return LayerAlignment(
            likeness: try LayerAlignment.likeness(of: second, to: first, in: store, threads: threads)
        )
    }
}

/// Which tensors of two models are compared, and where in a pass.
private struct Pairing {
    let second: StudiedModel
    let alignment: LayerAlignment
    let start: Int
    private(set) var pairs: [ModelDifference.Pair] = []
    private(set) var unpaired: [ModelDifference.Unpaired] = []
    private(set) var tensors: [AlignedTensor] = []
    /// The pair that each aligned tensor belongs to.
    private(set) var owners: [Int] = []
    private let place: Int

    init(_ first: StudiedModel, _ second: StudiedModel, _ alignment: LayerAlignment, place: Int, from start: Int) {
        self.second = second
        self.alignment = alignment
        self.place = place
        self.start = start
        add(first.rest, second.rest, layer: nil)
        var used: Set<Int> = []
        for (layer, origin) in alignment.origins.enumerated() {
            guard let origin else {
                add([:], second.layers[layer], layer: layer)
                continue
            }
            used.insert(origin)
            add(first.layers[origin], second.layers[layer], layer: layer)
        }
        for layer in first.layers.indices where !used.contains(layer) { add(first.layers[layer], [:], layer: layer) }
    }

    /// Lays the tensors of one name beside each other.
    private mutating func add(
        _ a: [String: StudiedModel.Part],
        _ b: [String: StudiedModel.Part],
        layer: Int?
    ) {
        for (name, part) in b.sorted(by: {
            ($0.value.tensor.file, $0.value.tensor.offset) < ($1.value.tensor.file, $1.value.tensor.offset)
        }) {
            let own = part.tensor.spec
            guard let other = a[name]?.tensor, other.spec.shape == own.shape, pair(other, part, layer) else {
                let shapes = a[name].map { [$0.tensor.spec.shape, own.shape] } ?? []
                unpaired.append(.init(name: own.name, isSecond: true, shapes: shapes))
                continue
            }
        }
        for (name, part) in a.sorted(by: { $0.key < $1.key }) where b[name] == nil {
            unpaired.append(.init(name: part.tensor.spec.name, isSecond: false, shapes: []))
        }
    }

    /// Adds a pair to the pass; as bytes where its elements are no numbers.
    ///
    /// - Returns: Whether that can be done.
    private mutating func pair(_ a: StoredTensor, _ b: StudiedModel.Part, _ layer: Int?) -> Bool {
        let isMeasured = a.spec.dtype.isDecodable && b.tensor.spec.dtype.isDecodable
        var members = [(a, b.tensor)]
        if !isMeasured {
            guard a.spec.dtype == b.tensor.spec.dtype, let x = a.bits, let y = b.tensor.bits else { return false }
            members = Array(zip(x, y))
        }
        let aligned = members.compactMap { x, y in
            AlignedTensor(
                b.tensor.spec.name,
                [.init(checkpoint: 0, tensor: x), .init(checkpoint: place, tensor: y)]
            )
        }
        guard aligned.count == members.count else { return false }
        tensors += aligned
        owners += aligned.map { _ in pairs.count }
        pairs.append(
            ModelDifference.Pair(
                name: b.tensor.spec.name,
                originalName: a.spec.name,
                layer: layer,
                role: b.role,
                statistics: .init(),
                isMeasured: isMeasured,
                fractionBits: min(a.spec.dtype.fractionBits, b.tensor.spec.dtype.fractionBits),
                isOfOneDType: a.spec.dtype == b.tensor.spec.dtype
            )
        )
        return true
    }
}
