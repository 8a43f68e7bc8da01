import SutureCheckpoints
public import SutureDiagnostics
import SutureJSON
import SutureTensors
import SystemPackage

/// What an adapter is made of, from its config and header: for people and for programs.
public struct AdapterReport: Sendable {
    private let adapter: Adapter

    /// What the user should know about how it was opened.
    public var notices: [Diagnostic] { adapter.notices }

    /// Opens an adapter; `nil` where the reference names none.
    ///
    /// - Parameters:
    ///   - reference: A folder, or `owner/name[@revision]` in the hub cache.
    ///   - environment: The environment, which says where the hub cache is.
    /// - Throws: `Diagnostics` with all that is wrong with it.
    public init?(_ reference: String, environment: [String: String]) throws(Diagnostics) {
        guard Adapter.isNamed(by: reference, environment: environment) else { return nil }
        adapter = try Adapter.open(reference, environment: environment)
    }

    /// The report as a page, with a final line break.
    public func text(listsTensors: Bool) -> String {
        let config = adapter.config
        let tensors = adapter.tensors
        let count = tensors.reduce(0) { $0 + $1.spec.elementCount }
        let size = ByteSize.format(tensors.reduce(0) { $0 + $1.spec.byteCount })
        var lines = ["\(adapter.reference): an adapter (\(kind))", "  folder      \(adapter.folder)"]
        if let base = config.base { lines.append("  made for    \(base)") }
        lines.append("  tensors     \(tensors.count), \(count) parameters, \(size)")
        lines.append("  dtypes      " + ModelReport.dtypes(of: tensors))
        lines.append("  rank        \(config.rank), alpha \(config.alpha)")
        if let modules { lines.append("  modules     " + modules) }
        if !config.savedModules.isEmpty {
            lines.append("  saved whole " + config.savedModules.joined(separator: ", "))
        }
        lines.append("  on a model  suture inspect MODEL+\(adapter.reference)")
        if listsTensors {
            lines.append("")
            lines += tensors.map { "  \($0.spec.name)  \($0.spec.dtype.rawValue)\($0.spec.shape)" }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// The report as JSON, with a final line break.
    public var json: String {
        let config = adapter.config
        let object: JSONObject = [
            "reference": .string(adapter.reference),
            "folder": .string(adapter.folder.string),
            "adapter_type": .string(kind),
            "base": config.base.map(JSONValue.string) ?? .null,
            "rank": .int(config.rank),
            "alpha": .double(config.alpha),
            "modules": modules.map(JSONValue.string) ?? .null,
            "saved_modules": .array(config.savedModules.map(JSONValue.string)),
            "tensors": .array(
                adapter.tensors.map { tensor in
                    .object([
                        "name": .string(tensor.spec.name),
                        "dtype": .string(tensor.spec.dtype.rawValue),
                        "shape": .array(tensor.spec.shape.dimensions.map(JSONValue.int)),
                    ])
                }
            ),
        ]
        return JSONPrinter.print(.object(object), indent: 1) + "\n"
    }

    private var kind: String {
        let stable = adapter.config.isRankStabilized ? "rsLoRA" : "LoRA"
        return adapter.config.isDecomposed ? stable + " with DoRA" : stable
    }

    private var modules: String? {
        adapter.config.targetPattern
            ?? (adapter.config.targets.isEmpty ? nil : adapter.config.targets.joined(separator: ", "))
    }
}
