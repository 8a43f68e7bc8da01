/// Why a method does not take the values or the inputs it was given.
package enum MergeParameterError: Error, Hashable, Sendable, CustomStringConvertible {
    /// A parameter without a default has no value; `input` counts from 0.
    case missing(method: String, parameter: String, input: Int?)

    /// The method has no parameter of that name.
    case unknown(method: String, parameter: String, known: [String], input: Int?)

    /// A value is not one the parameter takes.
    case outOfRange(method: String, parameter: String, value: Double, allowed: String, input: Int?)

    /// Values that are each allowed do not go together: the parameter to blame, in words why, and what to do.
    case conflict(method: String, parameter: String?, input: Int?, String, hint: String)

    /// The method takes another number of inputs.
    case inputCount(method: String, given: Int, allowed: ClosedRange<Int>)

    /// The method works on differences from a base, and there is none.
    case baseMissing(method: String)

    /// The method has no use for a base beside its inputs.
    case baseUnused(method: String)

    /// The error in words, without the place in a recipe.
    package var description: String {
        switch self {
        case .missing(let method, let parameter, let input):
            "\(method) needs '\(parameter)'\(Self.place(input)) and none is given"
        case .unknown(let method, let parameter, let known, let input):
            "\(method) has no parameter '\(parameter)'\(Self.place(input)); it has \(Self.list(known))"
        case .outOfRange(let method, let parameter, let value, let allowed, let input):
            "'\(parameter)'\(Self.place(input)) is \(brief(value)), and \(method) takes \(allowed)"
        case .conflict(let method, _, _, let words, _): "\(method): \(words)"
        case .inputCount(let method, let given, let allowed):
            "\(method) takes \(Self.words(allowed)) and \(given) \(given == 1 ? "is" : "are") given"
        case .baseMissing(let method): "\(method) works on differences from a base, and no base is given"
        case .baseUnused(let method): "\(method) has no use for a base beside its inputs, and one is given"
        }
    }

    private static func place(_ input: Int?) -> String { input.map { " of input \($0 + 1)" } ?? "" }

    private static func list(_ names: [String]) -> String {
        names.isEmpty ? "none" : names.map { "'\($0)'" }.joined(separator: ", ")
    }

    private static func words(_ range: ClosedRange<Int>) -> String {
        if range.lowerBound == range.upperBound {
            return "\(range.lowerBound) input\(range.lowerBound == 1 ? "" : "s")"
        }
        return range.upperBound == .max
            ? "\(range.lowerBound) or more inputs" : "\(range.lowerBound) to \(range.upperBound) inputs"
    }
}

extension MergeDescriptor {
    /// All that is wrong with the values and inputs of a blend, in a fixed order.
    ///
    /// Others check no ranges, so with ``MergeCompatibility/release(_:_:)`` a number outside its range is no fault: the
    /// release does with it what it does.
    package func faults(in parameters: MergeParameters, layout: MergeLayout) -> [MergeParameterError] {
        var faults: [MergeParameterError] = []
        if !inputs.contains(layout.inputCount) {
            faults.append(.inputCount(method: name, given: layout.inputCount, allowed: inputs))
        }
        if needsBase, !layout.hasBase { faults.append(.baseMissing(method: name)) }
        if !takesBase, layout.hasBase { faults.append(.baseUnused(method: name)) }
        if parameters.inputs.count > layout.inputCount {
            faults.append(
                .conflict(
                    method: name,
                    parameter: nil,
                    input: nil,
                    "values are given for \(parameters.inputs.count) inputs, and there are \(layout.inputCount)",
                    hint: "give each input its values once"
                )
            )
        }
        faults += self.faults(in: parameters.global, input: nil, parameters.compatibility)
        for (input, values) in parameters.inputs.enumerated() {
            faults += self.faults(in: values, input: input, parameters.compatibility)
        }
        for parameter in self.parameters where parameter.isRequired && parameters.global[parameter.name] == nil {
            switch parameter.scope {
            case .global: faults.append(.missing(method: name, parameter: parameter.name, input: nil))
            case .perInput:
                for input in 0..<layout.inputCount
                where input >= parameters.inputs.count || parameters.inputs[input][parameter.name] == nil {
                    faults.append(.missing(method: name, parameter: parameter.name, input: input))
                }
            }
        }
        return faults
    }

    private func faults(
        in values: [String: Double],
        input: Int?,
        _ compatibility: MergeCompatibility
    ) -> [MergeParameterError] {
        values.sorted { $0.key < $1.key }.compactMap { key, value in
            if ignored.contains(key) { return nil }
            guard let parameter = parameter(named: key), input == nil || parameter.scope == .perInput else {
                let known = parameters.filter { input == nil || $0.scope == .perInput }.map { $0.name }
                return .unknown(method: name, parameter: key, known: known, input: input)
            }
            if parameter.takes(value) { return nil }
            if compatibility != .documented, case .number = parameter.kind, value.isFinite { return nil }
            return .outOfRange(
                method: name,
                parameter: key,
                value: value,
                allowed: parameter.rangeText,
                input: input
            )
        }
    }
}
