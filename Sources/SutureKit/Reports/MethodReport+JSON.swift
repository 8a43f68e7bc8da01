import SutureJSON
import SutureMerging

/// Prints what a registry knows of merge methods, for other programs.
struct MethodsJSON {
    let registry: MergeRegistry

    /// The text, with a final line break.
    func print(_ methods: [any MergeMethod.Type]) -> String {
        JSONPrinter.print(.array(methods.map(method)), indent: 1) + "\n"
    }

    private func method(_ method: any MergeMethod.Type) -> JSONValue {
        let descriptor = method.descriptor
        return .object([
            "name": .string(descriptor.name),
            "title": .string(descriptor.title),
            "summary": .string(descriptor.summary),
            "paper": descriptor.paper.map { .string($0.url) } ?? .null,
            "base": .string(descriptor.base.rawValue),
            "least_inputs": .int(descriptor.inputs.lowerBound),
            "most_inputs": descriptor.inputs.upperBound == .max ? .null : .int(descriptor.inputs.upperBound),
            "parameters": .array(descriptor.parameters.filter { !$0.isLayerPosition }.map(parameter)),
            "decisions": .array((registry.emulation?.decisions(on: method) ?? []).map(decision)),
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
        for release in registry.releases {
            object[release.name] =
                registry.emulation?.departure(from: decision, in: release).map { departure in
                    .object(["computes": .string(departure.words), "reproduced": .bool(departure.isReproducible)])
                } ?? .null
        }
        return .object(object)
    }
}
