/// The values that one blend of one output tensor was given.
///
/// ```swift
/// MergeParameters(global: ["lambda": 0.7], inputs: [["weight": 0.5], ["weight": 0.3]])
/// ```
package struct MergeParameters: Hashable, Sendable {
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

/// The values of a blend after names and ranges were checked and defaults filled in.
package struct MergeValues: Sendable {
    private let descriptor: MergeDescriptor
    private let parameters: MergeParameters
    private let inputCount: Int

    /// Checks the values of a blend.
    ///
    /// - Throws: The first of the faults that ``MergeDescriptor/faults(in:layout:)`` finds.
    package init(
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
    package func number(_ name: String) -> Double {
        parameters.global[name] ?? defaultValue(name)
    }

    /// A flag for the whole blend.
    package func flag(_ name: String) -> Bool { number(name) != 0 }

    /// A value for each input.
    package func each(_ name: String) -> [Double] {
        (0..<inputCount).map { input in
            (input < parameters.inputs.count ? parameters.inputs[input][name] : nil)
                ?? parameters.global[name] ?? defaultValue(name)
        }
    }

    /// The default; a parameter without one was found missing before this.
    private func defaultValue(_ name: String) -> Double { descriptor.parameter(named: name)?.defaultValue ?? 0 }
}
