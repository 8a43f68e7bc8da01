import SutureCheckpoints
import SutureJSON
import SutureTensors

/// Reads what a tensor is made of.
///
/// Numbers of sources and files are held against the lists of them, so that whoever looks at the plan can trust them.
struct TreeReader {
    /// For each source the number of its files.
    let fileCounts: [Int]

    /// Reads an expression.
    func expression(_ value: JSONValue) throws(PlanFault) -> TensorExpression {
        let object = try value.wantObject()
        guard let kind = object.keys.first(where: { Self.kinds.contains($0) }) else {
            throw PlanFault("expected one of \(Self.kinds.joined(separator: ", "))")
        }
        func inner(_ key: String) throws(PlanFault) -> TensorExpression {
            try object.want(key) { (value) throws(PlanFault) in try expression(value) }
        }
        switch kind {
        case "stored": return .stored(try reference(object, "stored"))
        case "scaled": return .scaled(try inner("scaled"), by: try object.double("by"))
        case "filled": return .filled(try object.double("filled"))
        case "rounded":
            let dtype = try object.want("to") { (value) throws(PlanFault) in try value.wantDType() }
            return .rounded(try inner("rounded"), to: dtype)
        case "adapted": return .adapted(try reference(object, "adapted"), by: try adaptation(object))
        case "gathered":
            return .gathered(try object.want("gathered") { (value) throws(PlanFault) in try gathered(value) })
        default: return .blended(try object.want("blended") { (value) throws(PlanFault) in try blend(value) })
        }
    }

    private static let kinds = ["stored", "scaled", "filled", "rounded", "adapted", "gathered", "blended"]

    private func reference(_ object: JSONObject, _ key: String) throws(PlanFault) -> StoredTensorReference {
        try object.want(key) { (value) throws(PlanFault) in try reference(value) }
    }

    private func reference(_ value: JSONValue) throws(PlanFault) -> StoredTensorReference {
        let object = try value.wantObject()
        let source = try object.natural("source")
        let file = try object.natural("file")
        guard source < fileCounts.count else {
            throw PlanFault("source \(source) of \(fileCounts.count) is meant; they are numbered from 0")
        }
        guard file < fileCounts[source] else {
            throw PlanFault("file \(file) of \(fileCounts[source]) of its source is meant; they are numbered from 0")
        }
        return StoredTensorReference(
            source: source,
            file: file,
            offset: try object.natural("offset"),
            spec: try object.spec(),
            strides: try object.may("strides") { (value) throws(PlanFault) in try naturals(value) }
        )
    }

    private func naturals(_ value: JSONValue) throws(PlanFault) -> [Int] {
        try value.wantList { (value) throws(PlanFault) in try value.wantNatural() }
    }

    private func blend(_ value: JSONValue) throws(PlanFault) -> BlendExpression {
        let object = try value.wantObject()
        return BlendExpression(
            method: try object.string("method"),
            inputs: try object.want("inputs") { (value) throws(PlanFault) in
                try value.wantList { (value) throws(PlanFault) in try expression(value) }
            },
            base: try object.may("base") { (value) throws(PlanFault) in try expression(value) },
            parameters: try object.want("parameters") { (value) throws(PlanFault) in try parameters(value) },
            inputParameters: try object.want("input_parameters") { (value) throws(PlanFault) in
                try value.wantList { (value) throws(PlanFault) in try parameters(value) }
            },
            node: try object.string("node")
        )
    }

    private func parameters(_ value: JSONValue) throws(PlanFault) -> [String: Double] {
        let object = try value.wantObject()
        var result: [String: Double] = [:]
        for key in object.keys { result[key] = try object.double(key) }
        return result
    }

    private func adaptation(_ object: JSONObject) throws(PlanFault) -> Adaptation {
        if let update = try object.may("low_rank", { (value) throws(PlanFault) in try value.wantObject() }) {
            return .lowRank(
                LowRankUpdate(
                    rows: try reference(update, "rows"),
                    columns: try reference(update, "columns"),
                    scale: try update.double("scale"),
                    magnitudes: try update.may("magnitudes") { (value) throws(PlanFault) in try reference(value) },
                    scalesColumns: try update.bool("scales_columns")
                )
            )
        }
        if let sum = try object.may("sum", { (value) throws(PlanFault) in try value.wantObject() }) {
            return .sum(try reference(sum, "tensor"), scale: try sum.double("scale"))
        }
        let scaling = try object.want("dequantized") { (value) throws(PlanFault) in try value.wantObject() }
        let blocks = try scaling.want("blocks") { (value) throws(PlanFault) in try naturals(value) }
        return .dequantized(scales: try reference(scaling, "scales"), blocks: blocks)
    }

    private func gathered(_ value: JSONValue) throws(PlanFault) -> GatheredTensor {
        let object = try value.wantObject()
        return GatheredTensor(
            inputs: try object.want("inputs") { (value) throws(PlanFault) in
                try value.wantList { (value) throws(PlanFault) in try expression(value) }
            },
            dimension: try object.natural("dimension"),
            blockLength: try object.natural("block_length"),
            runs: try object.want("runs") { (value) throws(PlanFault) in
                try value.wantList { (value) throws(PlanFault) in try run(value) }
            },
            groups: try object.may("groups") { (value) throws(PlanFault) in try value.wantNatural() } ?? 1,
            seenAs: try object.may("seen_as") { (value) throws(PlanFault) in Shape(try naturals(value)) }
        )
    }

    private func run(_ value: JSONValue) throws(PlanFault) -> GatheredTensor.Run {
        guard value.object != nil else {
            let numbers = try naturals(value)
            guard numbers.count == 3, case (let end, false) = numbers[1].addingReportingOverflow(numbers[2]) else {
                throw PlanFault("expected the input's number, the first block's and how many they are")
            }
            return .blocks(of: numbers[0], numbers[1]..<end)
        }
        let object = try value.wantObject()
        if let count = try object.may("padding", { (value) throws(PlanFault) in try value.wantNatural() }) {
            return .padding(count: count)
        }
        if object["filled"] != nil { return .filled(try object.double("filled"), count: try object.natural("count")) }
        return .mean(
            try object.want("mean") { (value) throws(PlanFault) in
                try value.wantList { (value) throws(PlanFault) in
                    let pair = try naturals(value)
                    guard pair.count == 2 else { throw PlanFault("expected the input's number and the block's") }
                    return GatheredTensor.Block(input: pair[0], number: pair[1])
                }
            }
        )
    }
}
