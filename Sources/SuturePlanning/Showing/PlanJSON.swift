import SutureCheckpoints
public import SutureDiagnostics
package import SutureJSON
import SutureMerging
import SutureTensors

/// Prints a plan, and what was found on the way to it, as JSON: for other programs, and for ``PlanReader``.
///
/// The keys are stable: `layers`, `parameters`, `diagnostics`, `shards`, `tensors`, `config`, and the
/// rest of what ``Plan`` holds. Some say a thing once more for people (`expression` beside a tensor's `tree`, `config`
/// beside the text in `documents`), and are passed over when a plan is read. Without a plan only `diagnostics` is there.
public struct PlanJSON: Sendable {
    /// Creates a printer.
    public init() {}

    /// The text, with a final line break.
    public func print(_ result: PlanningResult) -> String {
        var object: JSONObject = ["tool": .string(ToolVersion.text)]
        if let plan = result.plan { object = Self.plan(plan) }
        object["diagnostics"] = .array(result.diagnostics.map(Self.diagnostic))
        return JSONPrinter.print(.object(object), indent: 1) + "\n"
    }

    /// The text of diagnostics alone, with a final line break.
    public func print(_ diagnostics: [Diagnostic]) -> String {
        JSONPrinter.print(.object(["diagnostics": .array(diagnostics.map(Self.diagnostic))]), indent: 1) + "\n"
    }

    private static func plan(_ plan: Plan) -> JSONObject {
        [
            "plan": .int(PlanReader.version),
            "tool": .string(ToolVersion.text),
            "recipe": recipe(plan.recipe),
            "layers": .int(plan.stack.layerCount),
            "layer_prefix": plan.stack.prefix.map(JSONValue.string) ?? .null,
            "parameters": .int(plan.parameterCount),
            "bytes": .int(plan.outputByteCount),
            "stack": .array(plan.stack.runs.map(run)),
            "donors": .array(plan.donors.map(donor)),
            "sources": .array(plan.sources.map(wholeSource)),
            "accounts": .array(plan.accounts.map(account)),
            "settings": settings(plan.settings),
            "format": .string(plan.format),
            "shards": .array(plan.shards.map(shard)),
            "tensors": .array(plan.tensors.map { tensor($0, in: plan) }),
            "companions": .array(plan.companions.map { .string($0.name) }),
            "copies": .array(plan.companions.map(copy)),
            "documents": .array(
                plan.documents.map { .object(["name": .string($0.name), "text": .string($0.text)]) }
            ),
            "config": config(of: plan),
            "diagnostics": .array([]),
        ]
    }

    private static func config(of plan: Plan) -> JSONValue {
        guard let document = plan.documents.first(where: { $0.name == DocumentNames.config }),
            let value = try? JSONParser.parse(Array(document.text.utf8))
        else { return .null }
        return value
    }

    private static func run(_ run: Plan.Stack.Run) -> JSONValue {
        .object([
            "layers": .array([.int(run.layers.lowerBound), .int(run.layers.upperBound)]),
            "from": .string(run.label),
            "place": run.place.map(JSONValue.string) ?? .null,
        ])
    }

    static func donor(_ donor: Plan.Donor) -> JSONValue {
        .object(["part": .string(donor.part), "source": .string(donor.source), "reason": .string(donor.reason)])
    }

    static func source(_ source: Plan.Source) -> JSONValue {
        .object([
            "name": .string(source.name),
            "reference": .string(source.reference),
            "folder": .string(source.folder),
            "hub_id": source.hubID.map(JSONValue.string) ?? .null,
            "revision": source.revision.map(JSONValue.string) ?? .null,
            "files": .array(source.files.map { .object(["path": .string($0.path), "bytes": .int($0.byteCount)]) }),
        ])
    }

    private static func recipe(_ recipe: Plan.RecipeRecord) -> JSONValue {
        .object([
            "name": .string(recipe.name), "path": .string(recipe.path), "dialect": .string(recipe.dialect),
            "summary": recipe.summary.map(JSONValue.string) ?? .null,
            "text": .string(recipe.text),
            "given": given(recipe.given),
        ])
    }

    private static func given(_ given: Plan.RecipeRecord.Given) -> JSONValue {
        func texts(_ values: [String: String]) -> JSONValue {
            let sorted = values.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
            return .object(JSONObject(sorted.map { JSONObject.Member($0.key, .string($0.value)) }))
        }
        return .object([
            "inputs": texts(given.inputs),
            "paths": texts(given.paths),
            "parameters": texts(given.parameters),
            "shard_size": given.shardSize.map(JSONValue.int) ?? .null,
            "stage_rounding": .bool(given.roundsStages),
            "link": .bool(given.keepsFiles),
            "accept": .array(given.accepted.map(JSONValue.string)),
            "flat": given.flat.map(JSONValue.string) ?? .null,
        ])
    }

    /// A source with what tells its files from others that may take their place.
    private static func wholeSource(_ source: Plan.Source) -> JSONValue {
        guard case .object(var object) = self.source(source) else { return .null }
        object["files"] = .array(
            source.files.map { file in
                var fields: JSONObject = ["path": .string(file.path), "bytes": .int(file.byteCount)]
                switch file.version {
                case .file(let inode, let modified):
                    fields["inode"] = .number(String(inode))
                    fields["modified"] = .int(modified)
                case .content(let tag): fields["tag"] = .string(tag)
                }
                fields["unpacked_bytes"] = file.unpackedByteCount.map(JSONValue.int) ?? .null
                fields["sha256"] = file.sha256.map(JSONValue.string) ?? .null
                return .object(fields)
            }
        )
        return .object(object)
    }

    private static func copy(_ companion: Plan.Companion) -> JSONValue {
        .object([
            "name": .string(companion.name), "path": .string(companion.path), "bytes": .int(companion.byteCount),
        ])
    }

    private static func account(_ account: Plan.Account) -> JSONValue {
        .object([
            "source": .string(account.source), "fate": .string(account.fate),
            "tensors": .int(account.tensorCount), "bytes": .int(account.byteCount),
        ])
    }

    static func settings(_ settings: Plan.Settings) -> JSONValue {
        .object([
            "seed": .int(settings.seed),
            "compat": settings.compatibility.map { .string($0.name) } ?? .null,
            "compute_dtype": settings.computeDType.map { .string($0.rawValue) } ?? .null,
            "allow_nonfinite": .bool(settings.allowsNonFinite),
        ])
    }

    private static func shard(_ shard: Plan.Shard) -> JSONValue {
        var object: JSONObject = [
            "name": .string(shard.name), "bytes": .int(shard.byteCount), "data_start": .int(shard.dataStart),
            "tensors": .array([.int(shard.tensors.lowerBound), .int(shard.tensors.upperBound)]),
        ]
        if let original = shard.original {
            object["original"] = .object(["source": .int(original.source), "file": .int(original.file)])
        }
        if !shard.preamble.isEmpty { object["preamble"] = .string(Base64.text(shard.preamble)) }
        return .object(object)
    }

    private static func tensor(_ tensor: Plan.Tensor, in plan: Plan) -> JSONValue {
        .object([
            "name": .string(tensor.spec.name),
            "dtype": .string(tensor.spec.dtype.rawValue),
            "shape": .array(tensor.spec.shape.dimensions.map(JSONValue.int)),
            "bytes": .int(tensor.spec.byteCount),
            "shard": .int(tensor.shard),
            "offset": .int(tensor.offset),
            "expression": .string(tensor.expression.text(in: plan)),
            "tree": tree(tensor.expression),
        ])
    }

    /// One diagnostic.
    package static func diagnostic(_ diagnostic: Diagnostic) -> JSONValue {
        var object: JSONObject = [
            "severity": .string(diagnostic.severity.rawValue),
            "code": .string(diagnostic.code),
            "message": .string(diagnostic.message),
        ]
        // The keys are the same wherever the place is, so that a script need not ask for them.
        for key in ["file", "line", "column", "end_line", "end_column", "tensor"] { object[key] = .null }
        switch diagnostic.place {
        case .source(let range):
            object["file"] = .string(range.file.path)
            object["line"] = .int(range.start.line)
            object["column"] = .int(range.start.column)
            object["end_line"] = .int(range.end.line)
            object["end_column"] = .int(range.end.column)
        case .file(let path, let tensor):
            object["file"] = .string(path)
            object["tensor"] = tensor.map(JSONValue.string) ?? .null
        case nil:
            break
        }
        object["notes"] = .array(diagnostic.notes.map { .string($0.message) })
        object["fix"] = diagnostic.fix.map { .string($0.hint) } ?? .null
        object["replacement"] = diagnostic.fix?.replacement.map(JSONValue.string) ?? .null
        return .object(object)
    }
}
