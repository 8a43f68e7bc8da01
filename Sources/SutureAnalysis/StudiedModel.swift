package import SutureArchitectures
package import SutureCheckpoints
import SutureTensors

/// A checkpoint that is looked at, and what each of its tensors is a part of.
package struct StudiedModel: Sendable {
    /// What reports call it.
    package let name: String

    /// The checkpoint.
    package let checkpoint: Checkpoint

    /// What it is made of.
    package let anatomy: Anatomy

    /// The tensors of its layers by what follows the layer number in their names, and by layer.
    package let layers: [[String: Part]]

    /// All other tensors, by their names.
    package let rest: [String: Part]

    /// A tensor and the role that it plays.
    package struct Part: Hashable, Sendable {
        /// Where it lies.
        package let tensor: StoredTensor

        /// Its role.
        package let role: Role
    }

    /// Takes an opened checkpoint apart.
    ///
    /// - Throws: ``AnatomyError`` where it has no layers.
    package init(_ checkpoint: Checkpoint, name: String) throws(AnatomyError) {
        self.name = name
        self.checkpoint = checkpoint
        anatomy = try Anatomy.read(config: checkpoint.config, tensors: checkpoint.tensors.map(\.spec))
        var layers = [[String: Part]](repeating: [:], count: anatomy.layerCount)
        var rest: [String: Part] = [:]
        for (tensor, part) in zip(checkpoint.tensors, anatomy.parts) {
            let known = Part(tensor: tensor, role: part.role)
            if case .layer(anatomy.main, let layer, let suffix, _) = part, layers.indices.contains(layer) {
                layers[layer][suffix] = known
            } else {
                rest[tensor.spec.name] = known
            }
        }
        self.layers = layers
        self.rest = rest
    }
}

extension StoredTensor {
    /// Some of its elements that follow each other; `nil` where they do not lie so.
    func stretch(_ elements: Range<Int>) -> StoredTensor? {
        guard strides == nil, elements.upperBound <= spec.elementCount, let width = spec.dtype.elementByteCount,
            let part = try? TensorSpec(spec.name, spec.dtype, [elements.count])
        else { return nil }
        return StoredTensor(spec: part, file: file, offset: offset + elements.lowerBound * width)
    }

    /// Its bytes as numbers of 16 bits, whatever they stand for.
    ///
    /// Of an odd number of bytes the last two are a number of their own, so that one byte comes twice. `nil` where they do not lie behind each other, or are fewer than two.
    var bits: [StoredTensor]? {
        guard strides == nil, spec.byteCount >= 2 else { return nil }
        let count = spec.byteCount / 2
        let places =
            spec.byteCount.isMultiple(of: 2) ? [(offset, count)] : [(offset, count), (offset + spec.byteCount - 2, 1)]
        let parts = places.compactMap { place, count in
            (try? TensorSpec(spec.name, .bfloat16, [count])).map { StoredTensor(spec: $0, file: file, offset: place) }
        }
        return parts.count == places.count ? parts : nil
    }
}

extension DType {
    /// The bits behind the point of a number.
    var fractionBits: Int {
        switch self {
        case .bfloat16: 7
        case .float16: 10
        case .float8E4M3: 3
        case .float8E5M2: 2
        // Of a number in a block its share of the block's scale.
        default: isGGML ? bitWidth - 1 : 23
        }
    }
}
