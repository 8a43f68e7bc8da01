import SutureCheckpoints
import SutureJSON
@testable import SuturePlanning
import SutureTensors
import SystemPackage

/// A plan put together by hand, laid out as the planner would.
struct TestPlan {
    /// The checkpoints, by the order in which references number them.
    var sources: [Checkpoint]

    /// The output's tensors: name, dtype and shape, and what they are made of.
    var tensors: [(spec: TensorSpec, expression: TensorExpression)] = []

    /// The most bytes of tensors in a shard.
    var shardSize = Int.max

    /// Small files whose text is known.
    var documents: [Plan.Document] = [Plan.Document(name: "config.json", text: "{}\n")]

    /// Files to copy.
    var companions: [Plan.Companion] = []

    /// How odd cases are treated.
    var settings = Plan.Settings()

    init(_ sources: Checkpoint...) {
        self.sources = sources
    }

    /// A source's layers in a new order, and all else as it is.
    static func stack(_ source: Checkpoint, layers: [Int], shardSize: Int = .max) throws -> TestPlan {
        var plan = TestPlan(source)
        plan.shardSize = shardSize
        let prefix = "model.layers."
        func layer(_ name: String) -> Int? {
            name.hasPrefix(prefix) ? Int(name.dropFirst(prefix.count).prefix { $0 != "." }) : nil
        }
        let names = source.tensors.map(\.spec.name)
        let first = names.firstIndex { layer($0) != nil } ?? names.count
        for name in names[..<first] { try plan.move(name, as: name) }
        for (index, number) in layers.enumerated() {
            for name in names where layer(name) == number {
                let suffix = name.dropFirst("\(prefix)\(number)".count)
                try plan.move(name, as: "\(prefix)\(index)\(suffix)")
            }
        }
        for name in names[first...] where layer(name) == nil { try plan.move(name, as: name) }
        return plan
    }

    /// A tensor of a source, as an expression.
    func stored(_ name: String, of source: Int = 0) throws -> TensorExpression {
        guard let tensor = sources[source][name] else { throw MissingTensor(name: name) }
        return .stored(
            StoredTensorReference(source: source, file: tensor.file, offset: tensor.offset, spec: tensor.spec)
        )
    }

    /// Adds a tensor that moves a source's bytes.
    mutating func move(_ name: String, of source: Int = 0, as newName: String) throws {
        guard let tensor = sources[source][name] else { throw MissingTensor(name: name) }
        tensors.append((tensor.spec.renamed(newName), try stored(name, of: source)))
    }

    /// Adds a tensor that is computed.
    mutating func add(_ name: String, _ dtype: DType, _ shape: Shape, _ expression: TensorExpression) throws {
        tensors.append((try TensorSpec(name, dtype, shape), expression))
    }

    /// Adds a small file.
    mutating func addDocument(_ name: String, _ text: String) {
        documents.append(Plan.Document(name: name, text: text))
    }

    /// Adds a file to copy, which must be there.
    mutating func addCompanion(_ name: String, _ path: FilePath) throws {
        let count = try FileSystem.identity(of: path)?.byteCount ?? 0
        companions.append(Plan.Companion(name: name, path: path.string, byteCount: count))
    }

    /// The plan.
    func build() throws -> Plan {
        var groups: [Range<Int>] = []
        var start = 0
        var size = 0
        for (index, tensor) in tensors.enumerated() {
            let count = tensor.spec.byteCount
            if index > start, count > shardSize - size {
                groups.append(start..<index)
                (start, size) = (index, 0)
            }
            size += count
        }
        groups.append(start..<tensors.count)
        var planned: [Plan.Tensor] = []
        var shards: [Plan.Shard] = []
        for (number, group) in groups.enumerated() {
            let layout = try SafetensorsLayout(tensors[group].map(\.spec))
            for (entry, tensor) in tensors[group].enumerated() {
                let offset = layout.offset(of: entry)
                planned.append(
                    Plan.Tensor(spec: tensor.spec, shard: number, offset: offset, expression: tensor.expression)
                )
            }
            let name = SafetensorsFormat.naming.name(ofShard: number + 1, of: groups.count)
            shards.append(
                Plan.Shard(name: name, tensors: group, dataStart: layout.dataStart, byteCount: layout.byteCount)
            )
        }
        var documents = documents
        if groups.count > 1 {
            let entries = planned.map { ShardIndex.Entry(tensor: $0.spec.name, file: shards[$0.shard].name) }
            let bytes = planned.reduce(0) { $0 + $1.spec.byteCount }
            let index = ShardIndex(entries, totalParameters: 0, totalSize: bytes)
            documents.append(Plan.Document(name: SafetensorsFormat.naming.index, text: index.text))
        }
        return Plan(
            recipe: Plan.RecipeRecord(name: "test", path: "test.yaml", dialect: "native", text: "", summary: nil),
            sources: sources.map(Plan.Source.init),
            tensors: planned,
            shards: shards,
            documents: documents,
            companions: companions,
            stack: Plan.Stack(layerCount: 0, runs: []),
            donors: [],
            accounts: [],
            settings: settings
        )
    }

    struct MissingTensor: Error {
        let name: String
    }
}

extension Plan.Source {
    /// A checkpoint as a plan lists it.
    fileprivate init(_ checkpoint: Checkpoint) {
        self.init(
            name: "source",
            reference: checkpoint.folder.string,
            folder: checkpoint.folder.string,
            hubID: nil,
            revision: nil,
            files: checkpoint.files.map { file in
                File(
                    path: file.path.string,
                    byteCount: file.byteCount,
                    version: file.version
                )
            }
        )
    }
}
