import SutureDiagnostics
import SutureTensors
import SystemPackage

/// One file of a made-up model.
struct SyntheticShard {
    let layout: SafetensorsLayout
    private let tensors: [SyntheticFamily.Tensor]

    /// What a model's tensors will be.
    ///
    /// - Throws: `Diagnostics` where the model is larger than any file can be.
    static func specs(_ model: SyntheticModel, text: String) throws(Diagnostics) -> [TensorSpec] {
        var specs: [TensorSpec] = []
        var total = 0
        for tensor in model.family.tensors(model) {
            guard let spec = try? TensorSpec(tensor.name, model.dtype, tensor.shape),
                case (let sum, false) = total.addingReportingOverflow(spec.byteCount), sum < 1 << 62
            else { throw Diagnostics([.tooLarge(text)]) }
            specs.append(spec)
            total = sum
        }
        return specs
    }

    /// Deals a model's tensors to files: as many as were asked for, or as few as the size allows.
    ///
    /// - Throws: `Diagnostics` where a header would be larger than headers may be.
    static func deal(
        _ specs: [TensorSpec],
        of model: SyntheticModel,
        text: String
    ) throws(Diagnostics) -> [SyntheticShard] {
        let tensors = model.family.tensors(model)
        let total = specs.reduce(0) { $0 + $1.byteCount }
        let count = min(specs.count, model.shards ?? total / SyntheticModel.shardByteLimit + 1)
        var shards: [SyntheticShard] = []
        var start = 0
        var done = 0
        for number in 1...count {
            // Every later file must still get a tensor; the last takes what is left.
            let last = tensors.count - (count - number)
            let goal = Int(Double(total) * Double(number) / Double(count))
            var end = start
            while end < last, number == count || end == start || done + specs[end].byteCount / 2 <= goal {
                done += specs[end].byteCount
                end += 1
            }
            do throws(SafetensorsLayoutError) {
                let layout = try SafetensorsLayout(Array(specs[start..<end]))
                shards.append(SyntheticShard(layout: layout, tensors: Array(tensors[start..<end])))
            } catch {
                throw Diagnostics([.impossible(text, error)])
            }
            start = end
        }
        return shards
    }

    /// Writes the file: true header and, unless the model has no data, true numbers.
    func write(_ model: SyntheticModel, to path: FilePath) throws(FileError) {
        let file = try OutputFile.create(path, byteCount: layout.byteCount, isSparse: !model.hasData)
        let writer = file.writer
        try writer.write(layout.header, at: 0)
        if model.hasData {
            let blockCount = 1 << 20
            var words = [UInt32](repeating: 0, count: model.dtype == .float32 ? blockCount : 0)
            var halves = [UInt16](repeating: 0, count: model.dtype == .float32 ? 0 : blockCount)
            for (number, tensor) in tensors.enumerated() {
                let numbers = SyntheticNumbers(tensor, of: model)
                let count = layout.entries[number].spec.elementCount
                let start = layout.offset(of: number)
                var first = 0
                while first < count {
                    let length = min(blockCount, count - first)
                    if model.dtype == .float32 {
                        numbers.fill(&words, count: length, from: first)
                        try unsafe writer.write(words.span.extracting(first: length).bytes, at: start + first * 4)
                        try writer.startWriteback(at: start + first * 4, byteCount: length * 4)
                    } else {
                        numbers.fill(&halves, count: length, from: first, isBrain: model.dtype == .bfloat16)
                        try unsafe writer.write(halves.span.extracting(first: length).bytes, at: start + first * 2)
                        try writer.startWriteback(at: start + first * 2, byteCount: length * 2)
                    }
                    first += length
                }
            }
        }
        try file.finish()
    }
}

extension Diagnostic {
    fileprivate static func tooLarge(_ text: String) -> Diagnostic {
        let message = "the made-up model is larger than any file"
        return badSynthetic(text, message)
    }

    fileprivate static func impossible(_ text: String, _ error: SafetensorsLayoutError) -> Diagnostic {
        badSynthetic(text, error.description)
    }
}
