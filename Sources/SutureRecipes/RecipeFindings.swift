import SutureDiagnostics

/// What a parser has found so far, up to a number that somebody can still read.
struct RecipeFindings {
    private(set) var diagnostics = Diagnostics()
    private var omitted = 0

    /// More messages than this help nobody, and making them would take time.
    private static let limit = 100

    /// Whether there is no room for more, so that looking for more of one kind is of no use.
    var isFull: Bool { omitted > 0 }

    /// Whether the recipe is refused and there is no room for more, so that reading on is of no use.
    var isSettled: Bool { isFull && hasErrors }

    /// Whether something found stops the recipe from being read.
    private(set) var hasErrors = false

    mutating func append(_ diagnostic: Diagnostic) {
        defer { hasErrors = hasErrors || diagnostic.severity == .error }
        guard diagnostics.all.count < Self.limit else {
            // An error must stop the run even where there is no room left to show it.
            if diagnostic.severity == .error, !hasErrors { diagnostics.append(diagnostic) }
            omitted += 1
            return
        }
        diagnostics.append(diagnostic)
    }

    mutating func append(contentsOf others: [Diagnostic]) {
        for diagnostic in others { append(diagnostic) }
    }

    /// All of it, with a last note on what was left out.
    var all: Diagnostics {
        var all = diagnostics
        if omitted > 0 {
            all.append(
                Diagnostic(
                    .note,
                    code: "more-findings",
                    "there is more to say, which is not shown",
                    at: nil as SourceRange?,
                    fix: Diagnostic.FixIt("mend these first")
                )
            )
        }
        return all
    }
}

extension Diagnostic.FixIt {
    /// What to write where a number is needed; `nil` where something else is.
    static func number(_ needed: String) -> Self? {
        if needed.hasPrefix("a whole number") { return Self("write a whole number, such as 4") }
        return needed.hasPrefix("a number") || needed.hasPrefix("numbers")
            ? Self("write a finite number, such as 0.5") : nil
    }
}
