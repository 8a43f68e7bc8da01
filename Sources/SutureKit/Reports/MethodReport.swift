public import SutureDiagnostics
import SutureMerging

/// All that is known of a merge method: for people and for programs.
public struct MethodReport: Sendable {
    private let descriptor: MergeDescriptor

    /// Looks a method up.
    ///
    /// - Parameter name: Its name, as recipes write it.
    /// - Throws: `Diagnostics` where there is none of that name.
    public init(named name: String) throws(Diagnostics) {
        guard let method = MergeRegistry[named: name] else { throw Diagnostics([.unknownMethod(name)]) }
        descriptor = method.descriptor
    }

    /// A line for each method there is.
    public static var list: String {
        let width = MergeRegistry.names.map(\.count).max() ?? 0
        return MergeRegistry.methods.map { method in
            let (name, summary) = (method.descriptor.name, method.descriptor.summary)
            return name + String(repeating: " ", count: width - name.count + 2) + summary + "\n"
        }.joined()
    }

    /// JSON of all methods, with a final line break.
    public static var json: String { MethodsJSON().print(MergeRegistry.methods.map { $0.descriptor }) }

    /// JSON of a list of this one, with a final line break.
    public var json: String { MethodsJSON().print([descriptor]) }

    /// A page, with a final line break.
    public var text: String {
        var lines = ["\(descriptor.name): \(descriptor.title)", "  \(descriptor.summary)", ""]
        if let paper = descriptor.paper { lines += ["  \(paper.title)", "  \(paper.url)", ""] }
        lines.append("  inputs: \(inputs)")
        lines.append("  base:   \(base)")
        if !descriptor.parameters.isEmpty { lines += ["", "  parameters"] }
        for parameter in descriptor.parameters where !parameter.isLayerPosition {
            let scope = parameter.scope == .perInput ? "each input's" : "the blend's"
            let fallback = parameter.defaultText.map { "default \($0)" } ?? "required"
            lines.append("    \(parameter.name) (\(scope); \(parameter.rangeText); \(fallback)): \(parameter.summary)")
        }
        if !descriptor.decisions.isEmpty { lines += ["", "  where it differs from mergekit"] }
        for decision in descriptor.decisions {
            lines.append("    \(decision.id)")
            lines.append("      here:           \(decision.documented)")
            for version in MergekitVersion.allCases {
                let departure = decision.departure(in: version)
                let lacks = departure.map { $0.isReproducible ? "" : " (cannot be had)" } ?? ""
                lines.append("      \(version.name): \(departure?.mergekit ?? "as here")\(lacks)")
            }
        }
        lines += ["", "  in a recipe"]
        lines += descriptor.fragment.split(separator: "\n", omittingEmptySubsequences: false).map { "    " + $0 }
        return lines.joined(separator: "\n") + "\n"
    }

    private var inputs: String {
        let range = descriptor.inputs
        if range.lowerBound == range.upperBound { return "\(range.lowerBound)" }
        return range.upperBound >= 1000 ? "\(range.lowerBound) or more" : "\(range.lowerBound) to \(range.upperBound)"
    }

    private var base: String {
        switch descriptor.base {
        case .unused: "none"
        case .optional: "optional"
        case .required: "required"
        case .firstInput: "the first input, unless one of the two is named"
        }
    }
}

extension Diagnostic {
    /// A method that does not exist.
    fileprivate static func unknownMethod(_ name: String) -> Diagnostic {
        Diagnostic(
            code: "unknown-merge-method",
            "no merge method is called '\(name)'",
            at: nil as SourceRange?,
            fix: .didYouMean(name, among: MergeRegistry.names)
                ?? FixIt("there are: " + MergeRegistry.names.sorted().joined(separator: ", "))
        )
    }
}
