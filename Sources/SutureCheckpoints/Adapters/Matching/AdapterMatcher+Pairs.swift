import SutureTensors

extension AdapterMatcher {
    /// What the adapter holds for a module.
    struct Pair {
        let module: String
        let a: StoredTensor
        let b: StoredTensor
        let bias: StoredTensor?
        let magnitudes: StoredTensor?
        let isEmbedding: Bool
    }

    mutating func pair(of module: String, _ pieces: [AdapterTensorName.Part: StoredTensor]) -> Pair? {
        let isEmbedding = pieces[.embeddingA] != nil || pieces[.embeddingB] != nil
        guard let a = pieces[isEmbedding ? .embeddingA : .a], let b = pieces[isEmbedding ? .embeddingB : .b] else {
            let present = pieces.values.min { $0.spec.name < $1.spec.name }
            faults.append(.halfPair(adapter, module, present?.spec.name ?? module))
            return nil
        }
        guard isNumeric(a), isNumeric(b), a.spec.elementCount > 0, b.spec.elementCount > 0,
            a.spec.shape.rank == b.spec.shape.rank, a.spec.shape.rank >= 2,
            a.spec.shape.dimensions[0] == b.spec.shape.dimensions[1]
        else {
            faults.append(.badPair(adapter, a.spec, b.spec))
            return nil
        }
        return Pair(
            module: module,
            a: a,
            b: b,
            bias: pieces[.bias],
            magnitudes: pieces[.magnitude],
            isEmbedding: isEmbedding
        )
    }

    mutating func adapt(_ target: Target, _ pair: Pair) {
        let rank = pair.a.spec.shape.dimensions[0]
        let shape = shape(of: target)
        guard agrees(rank, with: pair.module, pair.a), let factors = factors(of: pair, for: target, shape) else {
            return
        }
        let scale = adapter.config.scale(of: pair.module, rank: rank)
        if let magnitudes = pair.magnitudes {
            let count = factors.isTransposed ? shape.dimensions[1] : shape.dimensions[0]
            guard magnitudes.spec.elementCount == count, isNumeric(magnitudes) else {
                return faults.append(.magnitudeShape(adapter, magnitudes.spec, target.base))
            }
        } else if adapter.config.isDecomposed {
            return faults.append(.magnitudeMissing(adapter, pair.a.spec))
        }
        let update = AdapterChanges.LowRank(
            rows: factors.rows,
            columns: factors.columns,
            scale: scale,
            magnitudes: pair.magnitudes,
            scalesColumns: pair.magnitudes != nil && factors.isTransposed
        )
        edit(target, .lowRank(update))
        if let bias = pair.bias { add(bias, to: pair.module, scale: scale) }
    }

    /// The factors as they stand for the target.
    ///
    /// Which way it lies is told by its shape; of a square one by its family, and where that is not known by the config.
    private mutating func factors(
        of pair: Pair,
        for target: Target,
        _ shape: Shape
    ) -> (rows: StoredTensor, columns: StoredTensor, isTransposed: Bool)? {
        let (a, b, shape) = (pair.a, pair.b, shape.dimensions)
        if shape.count == 2, a.spec.shape.rank == 2 {
            let (inputs, outputs) = (a.spec.shape.dimensions[1], b.spec.shape.dimensions[0])
            let (isPlain, isTransposed) = (shape == [outputs, inputs], shape == [inputs, outputs])
            if pair.isEmbedding ? isTransposed : isTransposed && (!isPlain || liesTransposed(target)),
                let rows = a.transposed(), let columns = b.transposed()
            {
                return (rows, columns, true)
            }
            if isPlain, !pair.isEmbedding { return (b, a, false) }
        } else if shape.count > 2, shape.count == a.spec.shape.rank, !pair.isEmbedding,
            // A convolution: its kernel is in the first factor, and the second one mixes channels.
            Array(shape[1...]) == Array(a.spec.shape.dimensions[1...]), shape[0] == b.spec.shape.dimensions[0],
            b.spec.shape.dimensions[2...].allSatisfy({ $0 == 1 }), let rows = b.matrix(), let columns = a.matrix()
        {
            return (rows, columns, false)
        }
        faults.append(.pairDoesNotFit(adapter, a.spec, b.spec, target.base, checkpoint))
        return nil
    }

    /// Whether a square matrix lies as `[in, out]`: PEFT goes by the module's type, whatever its config says.
    private func liesTransposed(_ target: Target) -> Bool {
        guard let known = site.liesTransposed else { return adapter.config.isTransposed }
        return known && target.name.hasPrefix(site.layerPrefix)
    }

    /// Whether a rank is the one that the config gives a module; reports where not.
    mutating func agrees(_ rank: Int, with module: String, _ a: StoredTensor) -> Bool {
        let said = adapter.config.rank(of: module)
        if rank != said { faults.append(.rankDiffers(adapter, a.spec, rank, said)) }
        return rank == said
    }

    private mutating func add(_ bias: StoredTensor, to module: String, scale: Double) {
        guard let base = target(of: module + ".bias") else {
            return faults.append(.noBias(adapter, bias.spec, module))
        }
        guard base.base.shape == bias.spec.shape, isNumeric(bias) else {
            return faults.append(.shapesDiffer(adapter, bias.spec, base.base))
        }
        edit(base, .added(bias, scale: scale))
    }

    func isNumeric(_ tensor: StoredTensor) -> Bool { tensor.spec.dtype.isBlendable }
}
