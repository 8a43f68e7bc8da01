import SutureKernels
import SutureMergekit
import SutureMerging
import SutureTensors
import SutureTestSupport

/// One mergekit config of the oracle, with the models it names and the tensors mergekit wrote.
///
/// It evaluates what a config says of each tensor (slices, filters, gradients) with no more than these cases need; the
/// planner does it in earnest.
struct OracleCase {
    let name: String
    let version: MergeRelease
    let method: String
    let dtype: DType
    let outputDType: DType
    let expected: TinySafetensors

    private let config: MiniYAML
    private let base: String?
    private let slices: [Slice]
    private let models: [String: TinySafetensors]

    private struct Source {
        let model: String
        let layers: Range<Int>
        let parameters: MiniYAML?
    }

    private struct Slice {
        var sources: [Source]
        let parameters: MiniYAML?
    }

    /// One tensor that a case makes.
    struct Tensor {
        let name: String
        let shape: Shape
        let tree: MergeTree
        let source: ArraySource

        /// The numbers of each source as it is stored; the base, where there is one, is the last.
        let stored: [[Float]]

        /// The same in the dtype of the merge.
        let values: [[Float]]

        /// What the tensor means, in double precision.
        func reference() throws -> [Double]? {
            guard case .blend(let blend) = tree else { return nil }
            let inputs = Array(stored[..<blend.inputs.count])
            let base = blend.base == nil ? nil : stored.last
            return try Reference(blend.method, inputs, base: base, rowLength: shape.rowLength, blend.parameters)
                .merged()
        }

        /// The decisions by which it is not what mergekit makes.
        func appliedDecisions() throws -> [MergeDecision] {
            var evaluator = try MergeEvaluator(tree, shape: shape, methods: registry)
            try evaluator.prepare(reading: source, on: SerialLoop())
            return evaluator.appliedDecisions
        }

        /// The elements whose difference from the base is, in one of the inputs, as large as that of an element
        /// across the edge of what is kept: which of them are kept is nobody's decision.
        func tiedElements() -> Set<Int> {
            guard case .blend(let blend) = tree, blend.base != nil, let base = values.last else { return [] }
            var tied: Set<Int> = []
            for (input, values) in values.dropLast().enumerated() {
                let differences = zip(values, base).map { abs(rounded($0 - $1)) }
                let density = blend.parameters.inputs[input]["density"] ?? 1
                let gamma = blend.parameters.inputs[input]["gamma"] ?? 0
                let order = differences.sorted(by: >)
                let kept = Int(density * Double(order.count))
                let dropped = min(Int(gamma * Double(order.count)), order.count - kept)
                for edge in [dropped, dropped + kept] where edge > 0 && edge < order.count {
                    guard order[edge - 1] == order[edge] else { continue }
                    tied.formUnion(differences.indices.filter { differences[$0] == order[edge] })
                }
            }
            return tied
        }

        let dtype: DType

        private func rounded(_ value: Float) -> Float { load(store([value], as: dtype), dtype)[0] }
    }

    /// The cases whose files say in which dtype the merge computes, and which a release merges; the others are for
    /// planners.
    static func names(_ version: MergeRelease) throws -> [String] {
        let merged = Set(try namesInFolder(Fixture.path("oracle/expected")))
        let newer = Set(try namesInFolder(Fixture.path("oracle/expected-0.1.5")))
        return try namesInFolder(Fixture.path("oracle/cases")).map { String($0.dropLast(4)) }.filter { name in
            let text = try readFile(Fixture.path("oracle/cases/\(name).yml"))
            let file = "\(name).safetensors"
            return MiniYAML(parsing: String(decoding: text, as: UTF8.self))["dtype"] != nil
                && (merged.contains(file) || version == .mergekit015 && newer.contains(file))
        }
    }

    /// Reads a case, and what a release wrote of it; where the newer wrote what the older did, it is kept once.
    init(_ name: String, _ version: MergeRelease) throws {
        self.name = name
        self.version = version
        let text = try readFile(Fixture.path("oracle/cases/\(name).yml"))
        config = MiniYAML(parsing: String(decoding: text, as: UTF8.self))
        method = config["merge_method"]?.text ?? ""
        dtype = config["dtype"]?.text.flatMap { DType(recipeName: $0) } ?? .float32
        outputDType = config["out_dtype"]?.text.flatMap { DType(recipeName: $0) } ?? dtype
        let isOwn =
            try version == .mergekit015
            && namesInFolder(Fixture.path("oracle/expected-0.1.5")).contains("\(name).safetensors")
        let folder = isOwn ? "expected-0.1.5" : "expected"
        expected = try TinySafetensors(reading: Fixture.path("oracle/\(folder)/\(name).safetensors"))
        base = config["base_model"]?.text
        slices = OracleCase.slices(of: config)
        var models: [String: TinySafetensors] = [:]
        for model in slices.flatMap({ $0.sources.map { $0.model } }) + (base.map { [$0] } ?? []) {
            models[model] = try TinySafetensors(reading: Fixture.path("oracle/\(model)/model.safetensors"))
        }
        self.models = models
    }

    private static func slices(of config: MiniYAML) -> [Slice] {
        if let models = config["models"] {
            let sources = models.items.map {
                Source(model: $0["model"]?.text ?? "", layers: 0..<4, parameters: $0["parameters"])
            }
            return [Slice(sources: sources, parameters: nil)]
        }
        return (config["slices"]?.items ?? []).map { slice in
            Slice(
                sources: (slice["sources"]?.items ?? []).map { source in
                    let range = source["layer_range"]?.items.compactMap { $0.number.map { Int($0) } } ?? [0, 0]
                    return Source(
                        model: source["model"]?.text ?? "",
                        layers: range[0]..<range[1],
                        parameters: source["parameters"]
                    )
                },
                parameters: slice["parameters"]
            )
        }
    }

    /// Everything that the case makes, by name.
    func tensors(_ compatibility: MergeCompatibility) throws -> [Tensor] {
        try expected.tensors.keys.sorted().map { try tensor($0, compatibility) }
    }

    private func tensor(_ name: String, _ compatibility: MergeCompatibility) throws -> Tensor {
        let (slice, offset) = place(of: name)
        let length = slice.sources[0].layers.count
        let position = offset.map { length > 1 ? Double($0) / Double(length - 1) : 1 } ?? 0
        let descriptor = try required(registry[named: method]).descriptor
        var sources = slice.sources
        var baseModel: String?
        if let base {
            switch descriptor.base {
            case .required, .optional:
                sources.removeAll { $0.model == base }
                baseModel = base
            case .firstInput:
                sources.removeAll { $0.model == base }
                sources.insert(Source(model: base, layers: slice.sources[0].layers, parameters: nil), at: 0)
            case .unused: break
            }
        }
        var parameters = MergeParameters(compatibility: compatibility)
        var entries: [TinySafetensors.Entry] = []
        for source in sources {
            let input = inputName(of: name, in: source, at: offset)
            entries.append(try required(models[source.model]?.tensors[input]))
            var values: [String: Double] = [:]
            for parameter in descriptor.parameters where parameter.scope == .perInput {
                values[parameter.name] = value(
                    of: parameter.name,
                    levels: [source.parameters, slice.parameters, config["parameters"]],
                    for: input,
                    at: position
                )
            }
            parameters.inputs.append(values)
        }
        for parameter in descriptor.parameters where parameter.scope == .global {
            parameters.global[parameter.name] = value(
                of: parameter.name,
                levels: [slice.parameters, config["parameters"]],
                for: name,
                at: position
            )
        }
        if let baseModel {
            let source = Source(model: baseModel, layers: slice.sources[0].layers, parameters: nil)
            let input = inputName(of: name, in: source, at: offset)
            entries.append(try required(models[baseModel]?.tensors[input]))
        }
        // mergekit casts every tensor to `dtype` when it is read.
        let trees = entries.enumerated().map { index, entry in
            compatibility != .documented
                ? MergeTree.round(.source(index, entry.dtype), to: dtype) : .source(index, entry.dtype)
        }
        let blend = MergeBlend(
            method,
            of: Array(trees[..<sources.count]),
            base: baseModel == nil ? nil : trees[sources.count],
            parameters,
            random: RandomKey(seed: 0, node: "out", tensor: name)
        )
        return Tensor(
            name: name,
            shape: entries[0].shape,
            tree: .blend(blend),
            source: ArraySource(entries.map { ($0.dtype, $0.bytes) }),
            stored: entries.map { load($0.bytes, $0.dtype) },
            values: entries.map { load(store(load($0.bytes, $0.dtype), as: dtype), dtype) },
            dtype: dtype
        )
    }

    /// The slice that a tensor lies in, and its layer's offset there; no offset outside the layers.
    private func place(of name: String) -> (Slice, Int?) {
        guard var layer = layerNumber(in: name) else {
            return (name.contains("embed") ? slices[0] : slices[slices.count - 1], nil)
        }
        for slice in slices {
            let count = slice.sources[0].layers.count
            if layer < count { return (slice, layer) }
            layer -= count
        }
        return (slices[0], 0)
    }

    private func inputName(of name: String, in source: Source, at offset: Int?) -> String {
        guard let offset, let layer = layerNumber(in: name) else { return name }
        return name.replacing(".\(layer).", with: ".\(source.layers.lowerBound + offset).", maxReplacements: 1)
    }

    private func layerNumber(in name: String) -> Int? {
        name.split(separator: ".").lazy.compactMap { Int($0) }.first
    }

    private func value(of parameter: String, levels: [MiniYAML?], for name: String, at position: Double) -> Double? {
        for level in levels {
            if let setting = level?[parameter], let value = evaluate(setting, name, position) { return value }
        }
        return nil
    }

    private func evaluate(_ setting: MiniYAML, _ name: String, _ position: Double) -> Double? {
        guard case .list(let items) = setting else { return setting.number }
        if case .mapping = items.first {
            let entry = items.first { item in
                guard let filter = item["filter"]?.text, filter != "*" else { return true }
                return name.contains(filter)
            }
            return entry?["value"].flatMap { evaluate($0, name, position) }
        }
        let values = items.compactMap { $0.number }
        let place = position * Double(values.count - 1)
        let first = Int(place)
        let fraction = place - Double(first)
        return (1 - fraction) * values[first] + fraction * values[min(values.count - 1, first + 1)]
    }
}

struct Missing: Error {}

func required<Value>(_ value: Value?) throws -> Value {
    guard let value else { throw Missing() }
    return value
}
