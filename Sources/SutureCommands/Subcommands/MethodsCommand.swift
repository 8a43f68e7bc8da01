import ArgumentParser
import SutureDiagnostics
import SutureMerging

/// `suture methods`: the merge methods, or all about one of them.
struct MethodsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "methods",
        abstract: "List the merge methods, or explain one.",
        discussion: """
            Examples:
              suture methods
              suture methods ties
              suture methods ties --json | jq '.[0].decisions'
            """
    )

    @Argument(help: "The method to explain.")
    var name: String?

    @Flag(help: "Print all that is known of the methods, for other programs.")
    var json = false

    func run() async throws { try Reporting.run(json: json) { try work() } }

    private func work() throws {
        guard let name else {
            guard !json else {
                return Terminal.answer(MethodsJSON().print(MergeRegistry.methods.map { $0.descriptor }))
            }
            let width = MergeRegistry.names.map(\.count).max() ?? 0
            for method in MergeRegistry.methods {
                let descriptor = method.descriptor
                let padding = String(repeating: " ", count: width - descriptor.name.count)
                Terminal.answer("\(descriptor.name)\(padding)  \(descriptor.summary)\n")
            }
            return
        }
        guard let method = MergeRegistry[named: name] else {
            throw CommandFailure([.unknownMethod(name)])
        }
        Terminal.answer(
            json ? MethodsJSON().print([method.descriptor]) : MethodPage(method.descriptor).text
        )
    }
}

/// All that a descriptor knows of a method, as a page.
struct MethodPage {
    private let descriptor: MergeDescriptor

    init(_ descriptor: MergeDescriptor) {
        self.descriptor = descriptor
    }

    /// The page, with a final line break.
    var text: String {
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
    static func unknownMethod(_ name: String) -> Diagnostic {
        Diagnostic(
            code: "unknown-merge-method",
            "no merge method is called '\(name)'",
            at: nil as SourceRange?,
            fix: .didYouMean(name, among: MergeRegistry.names)
                ?? FixIt("there are: " + MergeRegistry.names.sorted().joined(separator: ", "))
        )
    }
}
