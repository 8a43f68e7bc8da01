import SutureCheckpoints
import SutureJSON
import SutureTensors

/// The members of a plan's text as they are read, one after another; each tensor's tree of values is gone before the
/// next is read, so that memory is the plan's own.
struct PlanFields {
    /// What was wrong so far.
    private(set) var faults = PlanFaults()

    /// The version of the format.
    private(set) var version: Int?

    private var recipe: Plan.RecipeRecord?
    private var layerCount: Int?
    private var prefix: String?
    private var runs: [Plan.Stack.Run]?
    private var donors: [Plan.Donor]?
    private var sources: [Plan.Source]?
    private var accounts: [Plan.Account]?
    private var settings: Plan.Settings?
    private var format: String?
    private var shards: [Plan.Shard]?
    private var tensors: [Plan.Tensor]?
    private var companions: [Plan.Companion]?
    private var documents: [Plan.Document]?

    /// Reads the value of a key; keys that only people read are passed over.
    mutating func read(_ key: String, _ reader: inout JSONReader) throws(JSONError) {
        switch key {
        case "plan": version = try one(key, &reader) { (value) throws(PlanFault) in try value.wantInt() }
        case "recipe": recipe = try one(key, &reader) { (value) throws(PlanFault) in try Plan.RecipeRecord(value) }
        case "layers": layerCount = try one(key, &reader) { (value) throws(PlanFault) in try value.wantNatural() }
        case "layer_prefix":
            let text = try one(key, &reader) { (value) throws(PlanFault) in
                value == .null ? "" : try value.wantString()
            }
            prefix = text?.isEmpty ?? true ? nil : text
        case "stack": runs = try list(key, &reader) { (value) throws(PlanFault) in try Plan.Stack.Run(value) }
        case "donors": donors = try list(key, &reader) { (value) throws(PlanFault) in try Plan.Donor(value) }
        case "sources": sources = try list(key, &reader) { (value) throws(PlanFault) in try Plan.Source(value) }
        case "accounts": accounts = try list(key, &reader) { (value) throws(PlanFault) in try Plan.Account(value) }
        case "settings": settings = try one(key, &reader) { (value) throws(PlanFault) in try Plan.Settings(value) }
        case "format": format = try one(key, &reader) { (value) throws(PlanFault) in try value.wantString() }
        case "shards": shards = try list(key, &reader) { (value) throws(PlanFault) in try Plan.Shard(value) }
        case "tensors":
            if sources == nil { faults.append(PlanFault("'sources' must stand before 'tensors'")) }
            let trees = TreeReader(fileCounts: (sources ?? []).map(\.files.count))
            tensors = try list(key, &reader) { (value) throws(PlanFault) in try Plan.Tensor(value, trees) }
        case "copies":
            companions = try list(key, &reader) { (value) throws(PlanFault) in try Plan.Companion(value) }
        case "documents":
            documents = try list(key, &reader) { (value) throws(PlanFault) in try Plan.Document(value) }
        default: try reader.skipValue()
        }
    }

    /// The plan, where nothing was wrong; else what is missing is added to the faults.
    mutating func plan() -> Plan? {
        let required: [(String, Bool)] = [
            ("recipe", recipe != nil), ("layers", layerCount != nil), ("stack", runs != nil), ("donors", donors != nil),
            ("sources", sources != nil), ("accounts", accounts != nil), ("settings", settings != nil),
            ("shards", shards != nil), ("tensors", tensors != nil), ("copies", companions != nil),
            ("documents", documents != nil),
        ]
        if faults.isEmpty {
            for (key, isThere) in required where !isThere { faults.append(PlanFault("'\(key)' is missing")) }
        }
        guard faults.isEmpty, let recipe, let layerCount, let runs, let donors, let sources, let accounts, let settings,
            let shards, let tensors, let companions, let documents
        else { return nil }
        let plan = Plan(
            recipe: recipe,
            sources: sources,
            format: format ?? "safetensors",
            tensors: tensors,
            shards: shards,
            documents: documents,
            companions: companions,
            stack: Plan.Stack(layerCount: layerCount, prefix: prefix, runs: runs),
            donors: donors,
            accounts: accounts,
            settings: settings
        )
        check(plan)
        return plan
    }

    /// What whoever looks at a plan relies on: numbers that lead somewhere, and sums that can be taken.
    private mutating func check(_ plan: Plan) {
        for (place, tensor) in plan.tensors.enumerated() where tensor.shard >= plan.shards.count {
            let fault = PlanFault("shard \(tensor.shard) of \(plan.shards.count) is meant; they are numbered from 0")
            faults.append(fault.under("shard").under("[\(place)]").under("tensors"))
        }
        for (place, shard) in plan.shards.enumerated() where shard.tensors.upperBound > plan.tensors.count {
            let fault = PlanFault("the last of them is none of the \(plan.tensors.count) there are")
            faults.append(fault.under("tensors").under("[\(place)]").under("shards"))
        }
        let sums = [
            ("tensors", plan.tensors.map(\.spec.byteCount)), ("tensors", plan.tensors.map(\.spec.elementCount)),
            ("shards", plan.shards.map(\.byteCount)), ("copies", plan.companions.map(\.byteCount)),
            ("accounts", plan.accounts.map(\.byteCount)), ("accounts", plan.accounts.map(\.tensorCount)),
        ]
        for (key, counts) in sums {
            let total = counts.reduce(0) { sum, count in
                let (total, overflow) = sum.addingReportingOverflow(count)
                return overflow ? .max : total
            }
            if total >= 1 << 60 { faults.append(PlanFault("they are larger than any disk").under(key)) }
        }
    }

    private mutating func one<Value>(
        _ key: String,
        _ reader: inout JSONReader,
        _ read: (JSONValue) throws(PlanFault) -> Value
    ) throws(JSONError) -> Value? {
        let value = try JSONParser.value(&reader)
        do throws(PlanFault) { return try read(value) } catch {
            faults.append(error.under(key))
            return nil
        }
    }

    private mutating func list<Value>(
        _ key: String,
        _ reader: inout JSONReader,
        _ read: (JSONValue) throws(PlanFault) -> Value
    ) throws(JSONError) -> [Value]? {
        guard try reader.peek() == UInt8(ascii: "[") else {
            let value = try JSONParser.value(&reader)
            faults.append(PlanFault("expected a list, found \(value.kind)").under(key))
            return nil
        }
        var values: [Value] = []
        var place = 0
        try reader.array { (reader) throws(JSONError) in
            if let value = try one("[\(place)]", of: key, &reader, read) { values.append(value) }
            place += 1
        }
        return values
    }

    private mutating func one<Value>(
        _ step: String,
        of key: String,
        _ reader: inout JSONReader,
        _ read: (JSONValue) throws(PlanFault) -> Value
    ) throws(JSONError) -> Value? {
        let value = try JSONParser.value(&reader)
        do throws(PlanFault) { return try read(value) } catch {
            faults.append(error.under(step).under(key))
            return nil
        }
    }
}
