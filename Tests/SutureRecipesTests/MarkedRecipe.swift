import SutureDiagnostics
import SutureTestSupport
import Testing

/// A recipe with one thing wrong in it, shown in place, and what should be said about it.
struct MarkedRecipe: Sendable, CustomTestStringConvertible {
    let code: String
    let text: String
    var severity = Diagnostic.Severity.error
    /// A part of the fix's words.
    var fix: String?
    var replacement: String?
    var others: [String: String] = [:]

    init(
        _ code: String,
        _ text: String,
        _ severity: Diagnostic.Severity = .error,
        fix: String? = nil,
        replacement: String? = nil,
        others: [String: String] = [:]
    ) {
        self.code = code
        self.text = text
        self.severity = severity
        self.fix = fix
        self.replacement = replacement
        self.others = others
    }

    var testDescription: String { "\(code): \(text.split(separator: "\n").first { $0.contains("«") } ?? "")" }

    /// Reads the recipe and holds what is said against what should be.
    func check(sourceLocation: SourceLocation = #_sourceLocation) throws {
        let marked = MarkedText(text)
        let reading = read(marked.text, others: others)
        let said = reading.diagnostics.filter { $0.code == code }
        let diagnostic = try #require(said.first, "said instead:\n\(reading.drawn)", sourceLocation: sourceLocation)
        #expect(diagnostic.severity == severity, sourceLocation: sourceLocation)
        #expect((reading.graph == nil) == reading.diagnostics.contains { $0.severity == .error })
        if let marks = marked.marks {
            let places = said.compactMap(\.range).map { [$0.start, $0.end] }
            #expect(places.contains([marks.start, marks.end]), "\(reading.drawn)", sourceLocation: sourceLocation)
        }
        if let fix {
            #expect(diagnostic.fix?.hint.contains(fix) == true, "\(reading.drawn)", sourceLocation: sourceLocation)
        }
        if let replacement { #expect(diagnostic.fix?.replacement == replacement, sourceLocation: sourceLocation) }
        // Marked texts show one fault each; what else is said would be noise.
        let noise = reading.diagnostics.filter { $0.severity == .error && $0.code != code }
        #expect(noise.isEmpty, "\(reading.drawn)", sourceLocation: sourceLocation)
    }
}
