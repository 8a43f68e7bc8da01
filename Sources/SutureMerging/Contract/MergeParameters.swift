package import SutureTensors

/// The values that one blend of one output tensor was given.
///
/// ```swift
/// MergeParameters(global: ["lambda": 0.7], inputs: [["weight": 0.5], ["weight": 0.3]])
/// ```
package struct MergeParameters: Hashable, Sendable, Codable {
    /// Values for the whole blend; a flag is 1 or 0.
    package var global: [String: Double]

    /// Values for each input, in order, without the base; empty where no input has any.
    package var inputs: [[String: Double]]

    /// Whose meaning and whose rounding to follow.
    package var compatibility: MergeCompatibility

    /// Creates the values of a blend.
    package init(
        global: [String: Double] = [:],
        inputs: [[String: Double]] = [],
        compatibility: MergeCompatibility = .documented
    ) {
        self.global = global
        self.inputs = inputs
        self.compatibility = compatibility
    }
}

/// Whose meaning and whose rounding a blend follows.
package enum MergeCompatibility: Hashable, Sendable, Codable {
    /// The documented meaning, in float32, rounded once at the end.
    case documented

    /// mergekit's numbers, defects and all, rounded at each step to the dtype in which it computes.
    ///
    /// That dtype is the merge's `dtype`, or where it has none follows from those of what is merged
    /// (``workingDType(of:requested:base:inputs:)``).
    case mergekit(DType)

    /// The dtype in which mergekit computes.
    ///
    /// Without a `dtype`, the task-arithmetic family casts all to the base's, and others widen to what holds everything.
    package static func workingDType(of method: String, requested: DType?, base: DType?, inputs: [DType]) -> DType {
        if let requested { return requested }
        if let base, MergeRegistry[named: method] is any TaskVectorMethod.Type { return base }
        // What is merged with nothing is given back as it is.
        if method == MultiSlerpMerge.descriptor.name, inputs.count == 1 { return inputs[0] }
        let all = (base.map { [$0] } ?? []) + inputs
        guard let first = all.first else { return .float32 }
        return all.dropFirst().reduce(first) { a, b in
            if a == b { return a }
            return a.bitWidth == b.bitWidth ? .float32 : (a.bitWidth > b.bitWidth ? a : b)
        }
    }

    /// Whether mergekit's numbers are asked for.
    package var isMergekit: Bool { self != .documented }
}

/// The values of a blend after names and ranges were checked and defaults filled in.
struct CheckedParameters {
    private let descriptor: MergeDescriptor
    private let parameters: MergeParameters
    private let inputCount: Int

    /// Checks the values of a blend.
    ///
    /// - Throws: The first of the faults that ``MergeDescriptor/faults(in:layout:)`` finds.
    init(
        _ parameters: MergeParameters,
        of descriptor: MergeDescriptor,
        _ layout: MergeLayout
    ) throws(MergeParameterError) {
        if let fault = descriptor.faults(in: parameters, layout: layout).first { throw fault }
        self.descriptor = descriptor
        self.parameters = parameters
        inputCount = layout.inputCount
    }

    /// A value for the whole blend.
    func number(_ name: String) -> Double {
        parameters.global[name] ?? defaultValue(name)
    }

    /// A value for the whole blend, where one was given.
    func optionalNumber(_ name: String) -> Double? { parameters.global[name] }

    /// A flag for the whole blend.
    func flag(_ name: String) -> Bool { number(name) != 0 }

    /// A value for each input.
    func each(_ name: String) -> [Double] {
        (0..<inputCount).map { input in
            (input < parameters.inputs.count ? parameters.inputs[input][name] : nil)
                ?? parameters.global[name] ?? defaultValue(name)
        }
    }

    /// The default; a parameter without one was found missing before this.
    private func defaultValue(_ name: String) -> Double { descriptor.parameter(named: name)?.defaultValue ?? 0 }
}
