import SutureArchitectures
import SutureCheckpoints
public import SutureDiagnostics
import SutureHub
import SutureJSON
import SuturePlanning
import SutureTensors
import SystemPackage

/// What a checkpoint is made of, from its headers: for people and for programs.
public struct ModelReport: Sendable {
    private let checkpoint: Checkpoint
    private let anatomy: Anatomy
    private let adapter: Adapter?

    /// What the user should know about how it was opened.
    public let notices: [Diagnostic]

    /// Opens a checkpoint and takes it apart.
    ///
    /// - Parameters:
    ///   - reference: A folder, `owner/name[@revision]` on the hub, either with `+adapter`, or `synthetic:…`.
    ///   - environment: The environment, which says where the hub cache is.
    ///   - readsHub: Whether a model that is not on this machine is looked at on the hub.
    /// - Throws: `Diagnostics` with all that is wrong with it.
    public init(_ reference: String, environment: [String: String], readsHub: Bool = false) throws(Diagnostics) {
        let hub = readsHub ? Hub(environment: environment) : nil
        let whole = CheckpointReference(parsing: reference).separated(environment: environment)
        let plain = try Checkpoint.open(whole.model, environment: environment, hub: hub)
        if let name = whole.adapter {
            let adapted = try AdaptedModel(Adapter.open(name, environment: environment, hub: hub), on: plain)
            (checkpoint, adapter, notices) = (adapted.checkpoint, adapted.adapter, plain.notices + adapted.notices)
        } else {
            (checkpoint, adapter, notices) = (plain, nil, plain.notices)
        }
        do throws(AnatomyError) {
            anatomy = try Anatomy.read(config: checkpoint.config, tensors: checkpoint.tensors.map(\.spec))
        } catch {
            throw Diagnostics([Diagnostic(error, in: checkpoint)])
        }
    }

    /// The report as a page, with a final line break.
    public func text(listsTensors: Bool) -> String {
        let facts = anatomy.facts
        var lines = ["\(checkpoint.reference): \(anatomy.modelType)"]
        lines.append("  folder      \(checkpoint.folder)")
        if let adapter { lines.append("  adapter     \(adapter.folder), put on it") }
        if let revision = checkpoint.revision { lines.append("  revision    \(revision)") }
        let parameters = checkpoint.tensors.reduce(0) { $0 + $1.spec.elementCount }
        lines.append(
            "  tensors     \(checkpoint.tensors.count), \(parameters) parameters, \(ByteSize.format(checkpoint.byteCount))"
        )
        lines.append("  dtypes      " + dtypes)
        lines.append("  layers      \(anatomy.layerCount) (\(anatomy.mainStack.prefix).N)")
        let sizes: [(String, Int?)] = [
            ("hidden", facts.hidden?.value), ("mlp", facts.mlp?.value), ("heads", facts.heads?.value),
            ("kv_heads", facts.kvHeads?.value), ("head_dim", facts.headDim?.value), ("experts", facts.experts?.value),
            ("vocab", facts.embeddingRows ?? facts.vocab?.value),
        ]
        lines.append(
            "  sizes       " + sizes.compactMap { name, value in value.map { "\(name) \($0)" } }.joined(separator: ", ")
        )
        lines.append("  head        " + (facts.isTied.value ? "tied to the embedding" : "its own"))
        lines.append("  residual    " + residual)
        lines.append("")
        lines += roles
        if listsTensors {
            lines.append("")
            lines += zip(checkpoint.tensors, anatomy.parts).map { tensor, part in
                "  \(tensor.spec.name)  \(part.role)  \(tensor.spec.dtype.rawValue)\(tensor.spec.shape)"
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// The report as JSON, with a final line break.
    public var json: String {
        let facts = anatomy.facts
        func int(_ value: Int?) -> JSONValue { value.map(JSONValue.int) ?? .null }
        let object: JSONObject = [
            "reference": .string(checkpoint.reference.text),
            "folder": .string(checkpoint.folder.string),
            "adapter": adapter.map { .string($0.folder.string) } ?? .null,
            "revision": checkpoint.revision.map(JSONValue.string) ?? .null,
            "model_type": .string(anatomy.modelType),
            "layers": .int(anatomy.layerCount),
            "hidden": int(facts.hidden?.value),
            "mlp": int(facts.mlp?.value),
            "heads": int(facts.heads?.value),
            "kv_heads": int(facts.kvHeads?.value),
            "head_dim": int(facts.headDim?.value),
            "experts": int(facts.experts?.value),
            "vocab": int(facts.embeddingRows ?? facts.vocab?.value),
            "tied": .bool(facts.isTied.value),
            "residual": .array(anatomy.waysOut.map(JSONValue.string)),
            "bytes": .int(checkpoint.byteCount),
            "tensors": .array(
                zip(checkpoint.tensors, anatomy.parts).map { tensor, part in
                    .object([
                        "name": .string(tensor.spec.name),
                        "role": .string(part.role.description),
                        "dtype": .string(tensor.spec.dtype.rawValue),
                        "shape": .array(tensor.spec.shape.dimensions.map(JSONValue.int)),
                        "file": .string(checkpoint.files[tensor.file].name),
                    ])
                }
            ),
        ]
        return JSONPrinter.print(.object(object), indent: 1) + "\n"
    }

    private var dtypes: String { Self.dtypes(of: checkpoint.tensors) }

    /// The dtypes of tensors with their bytes, the largest first.
    static func dtypes(of tensors: [StoredTensor]) -> String {
        var bytes: [DType: Int] = [:]
        for tensor in tensors { bytes[tensor.spec.dtype, default: 0] += tensor.spec.byteCount }
        return bytes.sorted { ($0.value, $0.key.rawValue) > ($1.value, $1.key.rawValue) }
            .map { "\($0.key.rawValue) \(ByteSize.format($0.value))" }.joined(separator: ", ")
    }

    /// By what its layers add to the residual stream, or what else they do to it.
    private var residual: String {
        let ways = anatomy.waysOut.joined(separator: ", ")
        return switch anatomy.stream.form {
        case .sum: ways.isEmpty ? "no way out of a branch is known" : ways
        case .other(let words): "blocks \(words)"
        case .unknown: "\(ways); what else blocks of the family do is not known"
        }
    }

    /// One line for each kind of tensor: its role, its name with the layer number left open, and its shape.
    private var roles: [String] {
        var order: [String] = []
        var rows: [String: (role: String, name: String, shape: String, count: Int)] = [:]
        for (tensor, part) in zip(checkpoint.tensors, anatomy.parts) {
            var name = tensor.spec.name
            if case .layer(let stack, _, let suffix, _) = part { name = "\(anatomy.stacks[stack].prefix).N.\(suffix)" }
            let key = "\(name) \(tensor.spec.shape)"
            if rows[key] == nil {
                order.append(key)
                rows[key] = (part.role.description, name, "\(tensor.spec.dtype.rawValue)\(tensor.spec.shape)", 0)
            }
            rows[key]?.count += 1
        }
        let cells = order.compactMap { rows[$0] }
        let width = cells.map(\.role.count).max() ?? 0
        let nameWidth = cells.map(\.name.count).max() ?? 0
        return cells.map { row in
            let padding = String(repeating: " ", count: width - row.role.count)
            let namePadding = String(repeating: " ", count: nameWidth - row.name.count)
            return "  \(row.role)\(padding)  \(row.name)\(namePadding)  \(row.shape)"
                + (row.count > 1 ? "  x\(row.count)" : "")
        }
    }
}
