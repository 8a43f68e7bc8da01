import SutureCheckpoints
import SutureExecution
import SutureTensors

/// A few thousand numbers of each layer of a model, by which layers of models are told alike.
struct LayerSamples: Sendable {
    /// For each layer the samples of its matrices, by the name inside the layer.
    let layers: [[String: [Float]]]

    /// The stretches that are read of a matrix, evenly over it, and the numbers of each.
    private static let (stretches, length) = (8, 256)

    /// Reads samples of those matrices that a model's layers have in common with another model's.
    ///
    /// - Throws: ``ExecutionError`` where a file cannot be read.
    init(
        _ model: StudiedModel,
        shapes: Set<LayerKind>,
        in store: any ByteStore,
        threads: Int?
    ) throws(ExecutionError) {
        var places: [(layer: Int, name: String)] = []
        var samples: [AlignedTensor] = []
        for (number, layer) in model.layers.enumerated() {
            for (name, part) in layer.sorted(by: { $0.key < $1.key }) {
                guard shapes.contains(LayerKind(name: name, shape: part.tensor.spec.shape)) else { continue }
                let count = part.tensor.spec.elementCount
                let length = min(Self.length, count)
                let step = max(length, count / Self.stretches)
                for start in stride(from: 0, through: count - length, by: step) {
                    guard let stretch = part.tensor.stretch(start..<start + length),
                        let aligned = AlignedTensor(name, [.init(checkpoint: 0, tensor: stretch)])
                    else { continue }
                    places.append((number, name))
                    samples.append(aligned)
                }
            }
        }
        let pass = TensorPass(samples, of: [model.checkpoint], in: store)
        var layers = [[String: [Float]]](repeating: [:], count: model.layers.count)
        for (place, numbers) in zip(places, try pass.run(Sampled(), threads: threads)) {
            layers[place.layer][place.name, default: []] += numbers
        }
        self.layers = layers
    }

    /// How alike a layer and one of another model are: the mean cosine of the matrices that both have; 0 without any.
    func likeness(of layer: Int, to other: Int, in others: LayerSamples) -> Double {
        var sum = 0.0
        var count = 0
        for (name, a) in layers[layer].sorted(by: { $0.key < $1.key }) {
            guard let b = others.layers[other][name], a.count == b.count else { continue }
            var (aa, ab, bb) = (0.0, 0.0, 0.0)
            for (x, y) in zip(a, b) {
                aa += Double(x) * Double(x)
                ab += Double(x) * Double(y)
                bb += Double(y) * Double(y)
            }
            sum += aa > 0 && bb > 0 ? ab / (aa * bb).squareRoot() : aa == bb ? 1 : 0
            count += 1
        }
        return count == 0 ? 0 : sum / Double(count)
    }
}

extension LayerAlignment {
    /// For each layer of a model, how alike it is to each layer of another, by samples of their matrices.
    ///
    /// - Throws: ``ExecutionError`` where a file cannot be read.
    static func likeness(
        of model: StudiedModel,
        to other: StudiedModel,
        in store: any ByteStore,
        threads: Int?
    ) throws(ExecutionError) -> [[Double]] {
        let shared = model.matrices.intersection(other.matrices)
        let a = try LayerSamples(other, shapes: shared, in: store, threads: threads)
        let b = try LayerSamples(model, shapes: shared, in: store, threads: threads)
        return b.layers.indices.map { layer in
            a.layers.indices.map { b.likeness(of: layer, to: $0, in: a) }
        }
    }
}

/// A kind of matrix in layers: its name there and its shape.
struct LayerKind: Hashable, Sendable {
    let name: String
    let shape: Shape
}

extension StudiedModel {
    /// The matrices of its layers, which tell layers apart better than norms do.
    var matrices: Set<LayerKind> {
        Set(
            layers.lazy.flatMap { layer in
                layer.compactMap { name, part in
                    part.tensor.spec.shape.rank >= 2 && part.tensor.spec.dtype.isDecodable
                        ? LayerKind(name: name, shape: part.tensor.spec.shape) : nil
                }
            }
        )
    }
}
