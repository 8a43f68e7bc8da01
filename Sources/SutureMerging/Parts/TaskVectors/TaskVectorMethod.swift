package import SutureKernels

/// A method of the task-arithmetic family: its descriptor, which differences it keeps, and whether signs are elected.
package protocol TaskVectorMethod: MergeMethod, DelegatingMerge where Work == TaskVectors {
    /// Which differences are kept.
    static var rule: Thinning.Rule { get }

    /// Whether the sign of each element is elected.
    static var electsSigns: Bool { get }

    /// Creates the method from what does the work.
    init(work: TaskVectors)
}

extension TaskVectorMethod {
    package init(_ values: MergeValues, layout: MergeLayout, random: RandomKey) throws(MergeParameterError) {
        self.init(work: try TaskVectors(Self.self, values, layout, random))
    }

    package var possibleDecisions: [MergeDecision] { work.appliedDecisions }
}

extension MergeDescriptor {
    /// A descriptor of a method of the family.
    static func taskVectors(
        name: String,
        title: String,
        summary: String,
        paper: Paper,
        parameters: [MergeParameter],
        ignored: [String] = ["int8_mask"],
        decisions: [MergeDecision] = [],
        fragment: String
    ) -> MergeDescriptor {
        MergeDescriptor(
            name: name,
            title: title,
            summary: summary,
            paper: paper,
            parameters: parameters,
            ignored: ignored,
            base: .required,
            inputs: 1 ... .max,
            decisions: decisions,
            fragment: fragment
        )
    }
}

extension MergeParameter {
    /// How much a method that drops outliers drops.
    static let gamma = number(
        "gamma",
        .perInput,
        in: 0...1,
        default: 0.01,
        "which part of the largest differences is dropped"
    )

    /// How far a method that draws by rank goes from the density.
    static let epsilon = number(
        "epsilon",
        .perInput,
        in: 0...1,
        default: 0.15,
        "how far probabilities spread around the density"
    )
}

extension [MergeParameter] {
    /// The parameters of a method of the family, with the defaults that it does not share.
    static func taskVectors(
        normalize: Bool = false,
        rescale: Bool? = nil,
        thinned: Bool = true,
        _ own: [MergeParameter] = []
    ) -> [MergeParameter] {
        var all: [MergeParameter] = [
            .number("weight", .perInput, usually: -5...5, "how much an input's difference from the base counts")
        ]
        if thinned {
            all.append(
                .number("density", .perInput, in: 0...1, default: 1, "which part of an input's differences is kept")
            )
        }
        all += own
        all.append(
            .number("lambda", .global, usually: -5...5, default: 1, "what the summed differences are multiplied by")
        )
        all.append(.flag("normalize", default: normalize, "divide by the sum of the weights"))
        if let rescale {
            all.append(.flag("rescale", default: rescale, "restore the size that the differences had before thinning"))
        }
        return all
    }
}
