import SutureJSON
import SutureMerging

/// Prints what descriptors know of merge methods, for other programs.
struct MethodsJSON {
    /// The text, with a final line break.
    func print(_ descriptors: [MergeDescriptor]) -> String {
        JSONPrinter.print(.array(descriptors.map(method)), indent: 1) + "\n"
    }

    private func method(_ descriptor: MergeDescriptor) -> JSONValue {
        .object([
            "name": .string(descriptor.name),
            "title": .string(descriptor.title),
            "summary": .string(descriptor.summary),
            "paper": descriptor.paper.map { .string($0.url) } ?? .null,
            "base": .string(descriptor.base.rawValue),
            "least_inputs": .int(descriptor.inputs.lowerBound),
            "most_inputs": descriptor.inputs.upperBound == .max ? .null : .int(descriptor.inputs.upperBound),
            "parameters": .array(descriptor.parameters.filter { !$0.isLayerPosition }.map(parameter)),
            "decisions": .array(descriptor.decisions.map(decision)),
        ])
    }

    private func parameter(_ parameter: MergeParameter) -> JSONValue {
        .object([
            "name": .string(parameter.name),
            "per_input": .bool(parameter.scope == .perInput),
            "takes": .string(parameter.rangeText),
            "default": parameter.defaultText.map(JSONValue.string) ?? .null,
            "summary": .string(parameter.summary),
        ])
    }

    /// A decision, with what each release computes instead; `null` where it computes the same.
    private func decision(_ decision: MergeDecision) -> JSONValue {
        var object: JSONObject = ["id": .string(decision.id), "here": .string(decision.documented)]
        for version in MergekitVersion.allCases {
            object[version.name] =
                decision.departure(in: version).map { departure in
                    .object(["computes": .string(departure.mergekit), "reproduced": .bool(departure.isReproducible)])
                } ?? .null
        }
        return .object(object)
    }
}
