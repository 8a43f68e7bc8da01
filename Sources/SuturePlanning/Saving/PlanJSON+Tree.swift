import SutureCheckpoints
import SutureJSON
import SutureTensors

/// What a tensor is made of, for programs and for running the plan elsewhere; `expression` says the same to people.
extension PlanJSON {
    static func tree(_ expression: TensorExpression) -> JSONValue {
        switch expression {
        case .stored(let reference): .object(["stored": self.reference(reference)])
        case .scaled(let inner, let factor): .object(["scaled": tree(inner), "by": .double(factor)])
        case .filled(let number): .object(["filled": .double(number)])
        case .rounded(let inner, let dtype): .object(["rounded": tree(inner), "to": .string(dtype.rawValue)])
        case .blended(let blend): .object(["blended": .object(self.blend(blend))])
        case .adapted(let reference, let adaptation): .object(adapted(reference, adaptation))
        case .gathered(let gathered): .object(["gathered": .object(self.gathered(gathered))])
        }
    }

    private static func reference(_ reference: StoredTensorReference) -> JSONValue {
        var object: JSONObject = [
            "source": .int(reference.source),
            "file": .int(reference.file),
            "offset": .int(reference.offset),
            "name": .string(reference.spec.name),
            "dtype": .string(reference.spec.dtype.rawValue),
            "shape": numbers(reference.spec.shape.dimensions),
        ]
        if let strides = reference.strides { object["strides"] = numbers(strides) }
        return .object(object)
    }

    private static func blend(_ blend: BlendExpression) -> JSONObject {
        [
            "method": .string(blend.method),
            "node": .string(blend.node),
            "inputs": .array(blend.inputs.map(tree)),
            "base": blend.base.map(tree) ?? .null,
            "parameters": parameters(blend.parameters),
            "input_parameters": .array(blend.inputParameters.map(parameters)),
        ]
    }

    private static func adapted(_ reference: StoredTensorReference, _ adaptation: Adaptation) -> JSONObject {
        var object: JSONObject = ["adapted": self.reference(reference)]
        switch adaptation {
        case .dequantized(let scales, let blocks):
            object["dequantized"] = .object(["scales": self.reference(scales), "blocks": numbers(blocks)])
        case .sum(let tensor, let scale):
            object["sum"] = .object(["tensor": self.reference(tensor), "scale": .double(scale)])
        case .lowRank(let update):
            object["low_rank"] = .object([
                "rows": self.reference(update.rows),
                "columns": self.reference(update.columns),
                "scale": .double(update.scale),
                "magnitudes": update.magnitudes.map(self.reference) ?? .null,
                "scales_columns": .bool(update.scalesColumns),
            ])
        }
        return object
    }

    private static func gathered(_ gathered: GatheredTensor) -> JSONObject {
        var object: JSONObject = [
            "inputs": .array(gathered.inputs.map(tree)),
            "dimension": .int(gathered.dimension),
            "block_length": .int(gathered.blockLength),
            "runs": .array(gathered.runs.map(run)),
        ]
        if gathered.groups != 1 { object["groups"] = .int(gathered.groups) }
        if let shape = gathered.seenAs { object["seen_as"] = numbers(shape.dimensions) }
        return object
    }

    /// Blocks of an input as its number, the first of them and how many; others by what they are.
    private static func run(_ run: GatheredTensor.Run) -> JSONValue {
        switch run {
        case .blocks(let input, let blocks): numbers([input, blocks.lowerBound, blocks.count])
        case .mean(let blocks): .object(["mean": .array(blocks.map { numbers([$0.input, $0.number]) })])
        case .filled(let number, let count): .object(["filled": .double(number), "count": .int(count)])
        case .padding(let count): .object(["padding": .int(count)])
        }
    }

    private static func parameters(_ values: [String: Double]) -> JSONValue {
        let sorted = values.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
        return .object(JSONObject(sorted.map { JSONObject.Member($0.key, .double($0.value)) }))
    }

    static func numbers(_ values: [Int]) -> JSONValue { .array(values.map(JSONValue.int)) }
}
