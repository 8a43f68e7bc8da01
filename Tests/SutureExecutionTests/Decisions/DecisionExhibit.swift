import SutureCheckpoints
import SutureKernels
import SutureTensors
import SutureTestSupport
import SystemPackage
import Testing

/// A small merge, as a mergekit file, in which a decision makes one tensor another than mergekit's.
struct DecisionExhibit {
    /// What a tensor must hold.
    enum Expectation {
        case values([Float])
        case notNumbers
        case that(_ holds: ([Float]) -> Bool)
        /// The numbers of the documented meaning: mergekit has none, or none that can be had.
        case documented
    }

    /// The tensor's numbers in the base, where there is one, and in the other models.
    var base: [Float]?
    var others: [[Float]]

    /// Parameters of each model and of the whole merge, as YAML.
    var models: [String] = []
    var settings = ""

    var documented: Expectation

    /// What the releases of mergekit make of it, and the newest where that is another.
    var mergekit: Expectation
    var newest: Expectation?

    /// The dtype of the models and of the result, and that of mergekit's result where it is another.
    var dtype = DType.float32
    var mergekitDType: DType?

    /// The dtypes of the models, the base first, where they are not one; the file then names none.
    var dtypes: [DType] = []

    /// Which tensor it is, and its shape where the numbers do not say.
    var tensor = "model.norm.weight"
    var shapes: [Shape] = []

    /// Whether the plan says of the tensor what was decided, since it follows from headers; else the build does.
    var isKnownFromHeaders = false
}

extension DecisionExhibit {
    /// The file for a method.
    func recipe(of method: String) -> String {
        var lines = ["merge_method: \(method)"]
        if dtypes.isEmpty { lines.append("dtype: \(dtype.recipeNames[0])") }
        if base != nil { lines.append("base_model: @base") }
        if !settings.isEmpty { lines.append("parameters: {\(settings)}") }
        lines.append("models:")
        for index in others.indices {
            let own = index < models.count ? ", parameters: {\(models[index])}" : ""
            lines.append("- {model: @m\(index)\(own)}")
        }
        return lines.joined(separator: "\n")
    }

    /// Writes the models into a folder.
    func write(into folder: FilePath) throws {
        let models = (base.map { [("base", $0)] } ?? []) + others.enumerated().map { ("m\($0)", $1) }
        for (index, (name, numbers)) in models.enumerated() {
            let shape = shapes.isEmpty ? [numbers.count] : shapes[min(index, shapes.count - 1)]
            let tokens = tensor == Self.embedding ? shape.dimensions[0] : 4
            let dtype = index < dtypes.count ? dtypes[index] : dtype
            var model = TinyCheckpoint.llama(
                layers: 1,
                hidden: shape.rowLength,
                heads: 1,
                vocabulary: tokens,
                dtype: dtype,
                isTied: true,
                seed: index
            )
            if !model.tensors.contains(where: { $0.name == tensor }) { model.tensors.append((tensor, dtype, shape)) }
            let checkpoint = try model.open(in: folder.appending(name))
            let stored = try #require(checkpoint.tensors.first { $0.spec.name == tensor })
            let path = checkpoint.files[stored.file].path
            var bytes = try FileSystem.read(path)
            let place = stored.offset..<(stored.offset + stored.spec.byteCount)
            bytes.replaceSubrange(place, with: Self.store(numbers, as: dtype))
            try FileSystem.write(bytes, to: path)
        }
    }

    /// The tensor whose rows are tokens.
    static let embedding = "model.embed_tokens.weight"

    private static func store(_ numbers: [Float], as dtype: DType) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: numbers.count * dtype.bitWidth / 8)
        var span = bytes.mutableSpan
        var target = span.mutableBytes
        narrow(numbers.span, to: dtype, into: &target)
        return bytes
    }
}
