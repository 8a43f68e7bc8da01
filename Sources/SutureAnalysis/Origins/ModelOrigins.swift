package import SutureArchitectures
package import SutureCheckpoints
package import SutureExecution
import SutureTensors

/// Which models a model was made of, tensor by tensor.
package struct ModelOrigins: Sendable {
    /// The model that is asked about.
    package let model: StudiedModel

    /// What it may be made of.
    package let sources: [StudiedModel]

    /// For each source the layer of it that each layer of the model is like.
    package let alignments: [LayerAlignment]

    /// For each source the layer of it that each layer of the model was held against.
    package let places: [[Int?]]

    /// What was found: first what stands before and after the layers, then the layers.
    package let parts: [Part]

    /// A tensor of the model.
    package struct Part: Hashable, Sendable {
        /// Its name.
        package let name: String

        /// Its layer; `nil` outside the layers.
        package let layer: Int?

        /// The role that it plays.
        package let role: Role

        /// Its elements.
        package let elementCount: Int

        /// What it was made of.
        package let origin: TensorOrigin

        /// Whether the sources explain it: noise or a coarser rounding is no other model, but what is left must be small.
        package var isExplained: Bool {
            switch origin {
            case .copy, .fill, .sum: true
            case .near(let mixture): mixture.error <= 0.1
            case .unknown: false
            }
        }

        /// Whether it is a source's tensor, rounded to another dtype.
        package var isCast: Bool {
            guard case .sum(let mixture) = origin, mixture.members.count == 1 else { return false }
            return abs(mixture.weights[mixture.members[0]] - 1) < 1e-3
        }
    }

    /// Layers that have this little to do with each other are of unrelated models; a half of a layer is enough for more.
    private static let threshold = 0.1

    /// Finds out of what a model was made, reading each of its weights once, and each of those that they are held against.
    ///
    /// - Parameters:
    ///   - model: The model.
    ///   - sources: What it may be made of; at least one.
    ///   - store: Where weights are read from.
    ///   - threads: How many threads work on it; one a core where it is left out.
    ///   - isCancelled: Asked now and then; called from any thread.
    ///   - onStart: Told how many bytes will be read.
    ///   - onBytes: Told the bytes of each part that has been read; called from any thread.
    /// - Throws: ``ExecutionError``, also where a file is not what it was when its header was read.
    package init(
        of model: StudiedModel,
        among sources: [StudiedModel],
        in store: any ByteStore = LocalFiles(),
        threads: Int? = nil,
        isCancelled: @escaping @Sendable () -> Bool = { false },
        onStart: (Int) -> Void = { _ in },
        onBytes: @escaping @Sendable (Int) -> Void = { _ in }
    ) throws(ExecutionError) {
        self.model = model
        self.sources = sources
        var alignments: [LayerAlignment] = []
        for source in sources {
            let likeness = try LayerAlignment.likeness(of: model, to: source, in: store, threads: threads)
            alignments.append(LayerAlignment(likeness: likeness, threshold: Self.threshold))
        }
        self.alignments = alignments
        places = zip(alignments, sources).map { $0.continued(depth: $1.layers.count) }
        let questions = Self.questions(of: model, among: sources, places)
        let tensors = questions.flatMap(\.tensors)
        let pass = TensorPass(tensors, of: [model.checkpoint] + sources.map(\.checkpoint), in: store)
        onStart(pass.byteCount)
        let found = try pass.run(MixtureStatistics(), threads: threads, isCancelled: isCancelled, onBytes: onBytes)
        var place = 0
        parts = questions.map { question in
            let findings = found[place..<place + question.tensors.count]
            place += question.tensors.count
            return question.answered(findings, sourceCount: sources.count)
        }
    }

    /// What is asked of each tensor.
    private static func questions(
        of model: StudiedModel,
        among sources: [StudiedModel],
        _ places: [[Int?]]
    ) -> [Question] {
        func questions(_ tensors: [String: StudiedModel.Part], _ layer: Int?) -> [Question] {
            let inOrder = tensors.sorted {
                ($0.value.tensor.file, $0.value.tensor.offset) < ($1.value.tensor.file, $1.value.tensor.offset)
            }
            return inOrder.map { name, part in
                let candidates = sources.indices.compactMap { number -> (Int, StoredTensor)? in
                    let source = sources[number]
                    let origin = layer.map { places[number][$0] }
                    let others = origin.map { $0.map { source.layers[$0] } ?? [:] } ?? source.rest
                    return others[name].map { (number, $0.tensor) }
                }
                return Question(part, layer, candidates)
            }
        }
        return questions(model.rest, nil) + model.layers.enumerated().flatMap { questions($1, $0) }
    }
}

/// A tensor that is asked about, and what it is held against.
private struct Question {
    let part: StudiedModel.Part
    let layer: Int?
    /// The models whose tensors are looked at, by their places.
    let sources: [Int]
    let sameDType: [Bool]
    let isMeasured: Bool
    /// What goes into the pass: nothing where there is nothing to compare with.
    let tensors: [AlignedTensor]

    init(_ part: StudiedModel.Part, _ layer: Int?, _ candidates: [(Int, StoredTensor)]) {
        self.part = part
        self.layer = layer
        let own = part.tensor
        let isMeasured = own.spec.dtype.isBlendable
        self.isMeasured = isMeasured
        let fitting = candidates.filter { _, tensor in
            tensor.spec.shape == own.spec.shape
                && (isMeasured ? tensor.spec.dtype.isBlendable : tensor.spec.dtype == own.spec.dtype)
        }
        let members = [(0, own)] + fitting.map { ($0 + 1, $1) }
        let columns = isMeasured ? members.map { ($0, [$1]) } : members.map { ($0, $1.bits ?? []) }
        let count = fitting.isEmpty ? 0 : columns.map(\.1.count).min() ?? 0
        tensors = (0..<count).compactMap { piece in
            AlignedTensor(own.spec.name, columns.map { .init(checkpoint: $0, tensor: $1[piece]) })
        }
        sources = tensors.isEmpty ? [] : fitting.map(\.0)
        sameDType = fitting.map { $1.spec.dtype == own.spec.dtype }
    }

    func answered(_ findings: ArraySlice<MixtureStatistics.Finding>, sourceCount: Int) -> ModelOrigins.Part {
        var origin = TensorOrigin.unknown
        if var finding = findings.first {
            for other in findings.dropFirst() { finding.add(other) }
            origin = TensorOrigin(
                finding,
                sources: sources,
                sameDType: sameDType,
                fractionBits: isMeasured ? part.tensor.spec.dtype.fractionBits : nil,
                sourceCount: sourceCount
            )
        }
        return ModelOrigins.Part(
            name: part.tensor.spec.name,
            layer: layer,
            role: part.role,
            elementCount: part.tensor.spec.elementCount,
            origin: origin
        )
    }
}
