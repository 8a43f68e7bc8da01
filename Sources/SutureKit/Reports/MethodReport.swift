public import SutureDiagnostics
import SutureMerging
import SutureRecipes

/// All that is known of a merge method: for people and for programs.
public struct MethodReport: Sendable {
    private let method: any MergeMethod.Type
    private let registry: MergeRegistry
    private var descriptor: MergeDescriptor { method.descriptor }

    /// Looks a method up.
    ///
    /// - Parameter name: Its name, as recipes write it.
    /// - Throws: `Diagnostics` where there is none of that name.
    public init(named name: String) throws(Diagnostics) { try self.init(named: name, in: .standard) }

    /// Looks a method up in a registry.
    init(named name: String, in registry: MergeRegistry) throws(Diagnostics) {
        guard let method = registry[named: name] else {
            throw Diagnostics([.unknownMergeMethod(name, at: nil, known: registry.names)])
        }
        self.method = method
        self.registry = registry
    }

    /// A line for each method there is.
    public static var list: String {
        let registry = MergeRegistry.standard
        let width = registry.names.map(\.count).max() ?? 0
        return registry.methods.map { method in
            let (name, summary) = (method.descriptor.name, method.descriptor.summary)
            return name + String(repeating: " ", count: width - name.count + 2) + summary + "\n"
        }.joined()
    }

    /// JSON of all methods, with a final line break.
    public static var json: String { MethodsJSON(registry: .standard).print(MergeRegistry.standard.methods) }

    /// JSON of a list of this one, with a final line break.
    public var json: String { MethodsJSON(registry: registry).print([method]) }

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
        let decisions = registry.emulation?.decisions(on: method) ?? []
        if !decisions.isEmpty { lines += ["", "  where it differs from \(registry.releases.first?.program ?? "")"] }
        for decision in decisions {
            lines.append("    \(decision.id)")
            lines.append("      here:           \(decision.documented)")
            for release in registry.releases {
                let departure = registry.emulation?.departure(from: decision, in: release)
                let lacks = departure.map { $0.isReproducible ? "" : " (cannot be had)" } ?? ""
                lines.append("      \(release.name): \(departure?.words ?? "as here")\(lacks)")
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
