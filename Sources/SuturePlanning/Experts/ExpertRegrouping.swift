import SutureArchitectures
import SutureTensors

/// Makes the experts of a layer tensors of another form: byte for byte, and without reading one.
struct ExpertRegrouping {
    /// The form that is written.
    let target: ExpertForm

    /// The role of each tensor of that form, by its pattern.
    let roles: [String: Role]

    /// Why experts cannot have the other form.
    struct Refusal: Error {
        let words: String
    }

    /// Where each matrix of the experts lies.
    private struct Store {
        let form: ExpertForm
        let tensors: [String: StoredTensorReference]

        func view(_ matrix: ExpertMatrix, isBias: Bool, ofExpert expert: Int) -> MatrixView? {
            guard let piece = form.pieces.first(where: { $0.isBias == isBias && $0.matrices.contains(matrix) }),
                let tensor = tensors[piece.suffix(ofExpert: expert)]
            else { return nil }
            return MatrixView(matrix, ofExpert: expert, of: form.count, in: piece, tensor)
        }
    }

    /// Makes a layer's tensors those of the form.
    ///
    /// - Parameters:
    ///   - layer: The layer.
    ///   - form: How it stores its experts.
    ///   - prefix: What stands before a suffix in its tensors' names.
    /// - Throws: ``Refusal`` where it cannot be done.
    func regroup(_ layer: inout Strip.Layer, from form: ExpertForm, prefix: String) throws(Refusal) {
        let names = Set(
            form.pieces.flatMap { piece in
                piece.isApart ? (0..<form.count).map(piece.suffix(ofExpert:)) : [piece.pattern]
            }
        )
        var tensors: [String: StoredTensorReference] = [:]
        for slot in layer.slots where names.contains(slot.suffix) {
            guard case .stored(let reference) = slot.expression, slot.spec.dtype.isBlendable else {
                throw Refusal(words: "'\(slot.spec.name)' is packed, or an adapter changes it")
            }
            tensors[slot.suffix] = reference
        }
        guard !layer.slots.contains(where: { $0.isCompanion && $0.role.group == .expert }) else {
            throw Refusal(words: "experts of '\(prefix)…' are packed")
        }
        let store = Store(form: form, tensors: tensors)
        var slots: [Strip.Slot] = []
        for piece in target.pieces {
            for expert in piece.isApart ? Array(0..<form.count) : [0] {
                let expression =
                    try piece.isApart
                    ? alone(piece, ofExpert: expert, in: store) : together(piece, in: store)
                let suffix = piece.suffix(ofExpert: expert)
                guard let dtype = expression.dtype, let shape = expression.shape else {
                    throw Refusal(words: "the experts' tensors differ in dtype or shape")
                }
                let spec: TensorSpec
                do throws(TensorSpecError) { spec = try TensorSpec(prefix + suffix, dtype, shape) } catch {
                    throw Refusal(words: "\(error)")
                }
                let known = roles[piece.pattern] ?? Role(.expert, sublayer: .mlp)
                let role = Role(known.group, known.part, expert: piece.isApart ? expert : known.expert, sublayer: .mlp)
                slots.append(Strip.Slot(suffix: suffix, role: role, spec: spec, expression: expression.expression))
            }
        }
        guard let place = layer.slots.firstIndex(where: { names.contains($0.suffix) }) else { return }
        layer.slots.insert(contentsOf: slots, at: place)
        let new = slots.count
        layer.slots = layer.slots.enumerated().filter { index, slot in
            (place..<place + new).contains(index) || !names.contains(slot.suffix)
        }.map(\.element)
    }

    /// What a tensor is made of, and what it then is.
    private struct Made {
        let expression: TensorExpression
        let dtype: DType?
        let shape: Shape?

        init(_ reference: StoredTensorReference) {
            expression = .stored(reference)
            (dtype, shape) = (reference.spec.dtype, reference.spec.shape)
        }

        init(_ gathered: GatheredTensor) {
            expression = .gathered(gathered)
            (dtype, shape) = (gathered.commonDType, gathered.shape)
        }
    }

    /// A matrix of one expert.
    private func alone(_ piece: ExpertPiece, ofExpert expert: Int, in store: Store) throws(Refusal) -> Made {
        let views = try self.views(piece, ofExpert: expert, in: store)
        if piece.matrices.count == 1, let reference = views[0].reference(as: piece) { return Made(reference) }
        return Made(try gathered(piece, [views]))
    }

    /// A tensor of all experts.
    private func together(_ piece: ExpertPiece, in store: Store) throws(Refusal) -> Made {
        var all: [[MatrixView]] = []
        for expert in 0..<store.form.count { all.append(try views(piece, ofExpert: expert, in: store)) }
        if let reference = piece.whole(all) { return Made(reference) }
        return Made(try gathered(piece, all))
    }

    private func views(_ piece: ExpertPiece, ofExpert expert: Int, in store: Store) throws(Refusal) -> [MatrixView] {
        var views: [MatrixView] = []
        for matrix in piece.matrices {
            guard let view = store.view(matrix, isBias: piece.isBias, ofExpert: expert) else {
                let what = piece.isBias ? "bias of its \(matrix.rawValue)" : matrix.rawValue
                throw Refusal(words: "expert \(expert) has no \(what) for '\(piece.pattern)'")
            }
            views.append(view)
        }
        return views
    }

    /// Matrices of several tensors put together, those of one expert after those of another.
    private func gathered(_ piece: ExpertPiece, _ all: [[MatrixView]]) throws(Refusal) -> GatheredTensor {
        var tensors: [StoredTensorReference] = []
        for view in all.joined() {
            var axes = piece.axes(of: view)
            if piece.takesTurns { axes.insert((1, 1), at: piece.outputAxis + 1) }
            guard let reference = view.reference(axes) else {
                throw Refusal(words: "'\(view.tensor.spec.name)' is too large")
            }
            tensors.append(reference)
        }
        guard let first = all.first?.first else { throw Refusal(words: "it has no experts") }
        let isBelow = !piece.takesTurns && (piece.matrices.count == 1 || piece.outputAxis == 0)
        return GatheredTensor(
            inputs: tensors.map(TensorExpression.stored),
            dimension: isBelow ? 0 : piece.outputAxis + (piece.takesTurns ? 1 : 0),
            blockLength: isBelow ? piece.axes(of: first)[0].count : piece.takesTurns ? 1 : first.outputs.count,
            blocks: tensors.indices.map { GatheredTensor.Block(input: $0, number: 0) },
            groups: isBelow ? 1 : all.count,
            seenAs: piece.shape(of: first, experts: all.count)
        )
    }
}

extension ExpertPiece {
    /// Whether outputs of two matrices take turns in it.
    fileprivate var takesTurns: Bool { isInterleaved && matrices.count > 1 }

    /// Which dimension of a matrix its outputs are.
    fileprivate var outputAxis: Int { isTransposed && !isBias ? 1 : 0 }

    /// The dimensions of one matrix in it.
    fileprivate func axes(of view: MatrixView) -> [(count: Int, step: Int)] {
        isBias ? [view.outputs] : isTransposed ? [view.inputs, view.outputs] : [view.outputs, view.inputs]
    }

    /// The shape of a tensor of so many experts.
    fileprivate func shape(of view: MatrixView, experts: Int) -> Shape {
        var dimensions = axes(of: view).map(\.count)
        dimensions[outputAxis] *= matrices.count
        if isApart { return Shape(dimensions) }
        if isFlat {
            dimensions[0] *= experts
            return Shape(dimensions)
        }
        return Shape([experts] + dimensions)
    }

    /// The numbers of one stored tensor in the order in which this one has them, where even steps lead to them.
    fileprivate func whole(_ all: [[MatrixView]]) -> StoredTensorReference? {
        guard let first = all.first?.first, all.joined().allSatisfy({ $0.tensor == first.tensor }) else { return nil }
        let part = matrices.count > 1 ? all[0][1].start - first.start : 0
        let step = all.count > 1 ? all[1][0].start - first.start : 0
        guard part >= 0, step >= 0 else { return nil }
        for (expert, views) in all.enumerated() {
            for (place, view) in views.enumerated() where view.start != first.start + expert * step + place * part {
                return nil
            }
        }
        var axes = axes(of: first)
        if matrices.count > 1 {
            // Two dimensions are one where the steps of the outer lead from end to end of the inner.
            let (count, own) = axes[outputAxis]
            guard takesTurns ? own == matrices.count * part : part == count * own else { return nil }
            axes[outputAxis] = (count * matrices.count, takesTurns ? part : own)
        }
        guard isFlat else { return first.reference([(all.count, step)] + axes) }
        guard all.count == 1 || step == axes[0].count * axes[0].step else { return nil }
        axes[0].count *= all.count
        return first.reference(axes)
    }
}
