import SutureDiagnostics

// The words for faults of `models:` and `slices:`.

extension Diagnostic {
    static func badLayerRange(_ node: YAMLNode) -> Diagnostic {
        let words = node.elements.map { "a list of \($0.count)" } ?? node.kindInWords
        let bounds = meantRange(node)
        return Diagnostic(
            code: "bad-layer-range",
            "'layer_range' is a start and an end, the end not included; found \(words)",
            at: node.range,
            fix: bounds.map { FixIt("write [\($0.0), \($0.1)]", replacing: "[\($0.0), \($0.1)]") }
                ?? FixIt("write [0, 32] for layers 0 to 31")
        )
    }

    /// The two numbers of a range that is written in another way: `0-32`, `0:32`, `"[0, 32]"`, `[0-32]`.
    private static func meantRange(_ node: YAMLNode) -> (Int, Int)? {
        let only = node.elements.map { $0.count == 1 ? $0[0] : nil } ?? node
        guard var text = only?.scalar?.text.trimmed else { return nil }
        if text.hasPrefix("["), text.hasSuffix("]") { text = String(text.dropFirst().dropLast()).trimmed }
        if let range = SpelledRange(text), let start = Int(range.start), let end = Int(range.end), start < end {
            return (start, end)
        }
        for sign in [":", ",", " "] as [Character] {
            let parts = text.split(separator: sign).map { String($0).trimmed }
            if parts.count == 2, let start = Int(parts[0]), let end = Int(parts[1]), 0 <= start, start < end {
                return (start, end)
            }
        }
        return nil
    }

    static func impossibleRange(_ start: Int, _ end: Int, at range: SourceRange) -> Diagnostic {
        Diagnostic(
            code: "impossible-range",
            start < 0 || end < 0
                ? "layer_range [\(start), \(end)] counts below 0, and mergekit's ranges do not count from the end"
                : "layer_range [\(start), \(end)] ends before it begins",
            at: range,
            fix: start >= 0 && end >= 0
                ? FixIt("write [\(end), \(start)]", replacing: "[\(end), \(start)]")
                : FixIt("count from the first layer, which is 0")
        )
    }

    static func unequalRanges(_ first: Int, _ other: Int, at range: SourceRange?) -> Diagnostic {
        lengthsDiffer(
            "the sources of a slice have equally many layers, this one has \(other) and the first \(first)",
            at: range,
            fix: FixIt("make both ranges equally long")
        )
    }

    static func closedRange(_ layer: Int, at range: SourceRange?) -> Diagnostic {
        let next = layer.addingReportingOverflow(1).partialValue
        return emptyRange(
            "layer_range [\(layer), \(layer)] has no layer: its end is not included, and no slice here has any",
            at: range,
            fix: FixIt("write [\(layer), \(next)] for layer \(layer)", replacing: "[\(layer), \(next)]")
        )
    }

    static func passthroughOfSeveral(_ count: Int, at range: SourceRange) -> Diagnostic {
        Diagnostic(
            code: "passthrough-of-several",
            "'passthrough' passes on one model at a time, here are \(count)",
            at: range,
            fix: FixIt("make a slice of its own of each source")
        )
    }

    static func baseNotAmongSources(
        _ base: Marked<String>,
        _ method: String,
        isWhole: Bool,
        at range: SourceRange
    ) -> Diagnostic {
        Diagnostic(
            code: "base-not-among-sources",
            isWhole
                ? "'\(method)' merges a base and one other model, and more are listed beside base_model '\(base.value)'"
                : "'\(method)' needs the layers of base_model '\(base.value)', and this slice has no source of it",
            at: range,
            fix: FixIt(
                isWhole
                    ? "list it and one other under 'models'"
                    : "add a source {model: \(base.value), layer_range: [..]} to the slice"
            )
        )
    }

    static func missingModelParameter(
        _ parameter: RecipeVocabulary.Parameter,
        of method: RecipeVocabulary.Method,
        _ model: MergekitModel,
        at range: SourceRange
    ) -> Diagnostic {
        missingParameter(
            "'\(method.name)' needs '\(parameter.name)' for every model, and '\(model.reference.value)' has none",
            at: model.reference.range ?? range,
            fix: FixIt("add 'parameters: {\(parameter.name): …}'")
        )
    }

    static func missingFileParameter(
        _ parameter: RecipeVocabulary.Parameter,
        of method: RecipeVocabulary.Method,
        at range: SourceRange?
    ) -> Diagnostic {
        missingParameter(
            "'\(method.name)' needs '\(parameter.name)', and neither the slice nor the file has it",
            at: range,
            fix: FixIt("add 'parameters: {\(parameter.name): …}'")
        )
    }

    static func modelTwiceInSlice(_ model: Marked<String>) -> Diagnostic {
        Diagnostic(
            .warning,
            code: "same-model-twice",
            "'\(model.value)' is listed twice; both are merged here, with --compat too, where mergekit 0.1.4 counts "
                + "one of them and 0.1.5 stops",
            at: model.range,
            fix: FixIt("leave one out if that was meant")
        )
    }

    static func lastSliceHasMore(_ first: Int, _ last: Int, at range: SourceRange?) -> Diagnostic {
        Diagnostic(
            .note,
            code: "ends-of-last-slice",
            "final norm and head are merged of all \(last) sources of the last slice; "
                + "mergekit would use \(first), as many as the first slice has",
            at: range
        )
    }
}
