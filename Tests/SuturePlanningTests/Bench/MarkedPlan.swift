import SutureDiagnostics
import SuturePlanning
import SutureTestSupport
import Testing

/// A recipe with one thing wrong in it, shown in place, and what should be said about it.
///
/// Marks stand around the words that the message points at; without marks it points at no line of the
/// recipe.
struct MarkedPlan: Sendable, CustomTestStringConvertible {
    let code: String
    let text: String
    var severity = Diagnostic.Severity.error
    /// A part of the message.
    var message: String?
    /// A part of the fix's words.
    var fix: String?
    var models: [String: TinyCheckpoint] = [:]
    var others: [String: String] = [:]
    var options = PlanningOptions()
    /// Codes of what else is said because of it.
    var also: Set<String> = []

    init(
        _ code: String,
        _ text: String,
        _ severity: Diagnostic.Severity = .error,
        message: String? = nil,
        fix: String? = nil,
        also: Set<String> = [],
        models: [String: TinyCheckpoint] = [:],
        others: [String: String] = [:],
        parameters: [String: String] = [:],
        inputs: [String: String] = [:]
    ) {
        self.code = code
        self.text = text
        self.severity = severity
        self.message = message
        self.fix = fix
        self.also = also
        self.models = models
        self.others = others
        options.parameters = parameters
        options.inputs = inputs
    }

    var testDescription: String {
        let line = text.split(separator: "\n").first { $0.contains("«") } ?? ""
        return "\(code): \(line.drop { $0 == " " })"
    }

    /// Plans the recipe and holds what is said against what should be.
    func check(sourceLocation: SourceLocation = #_sourceLocation) throws {
        let planning = try planning(text, models: models, others: others, options: options)
        let said = planning.diagnostics.filter { $0.code == code && $0.severity == severity }
        _ = try #require(said.first, "said instead:\n\(planning.drawn)", sourceLocation: sourceLocation)
        let hasErrors = planning.diagnostics.contains { $0.severity == .error }
        #expect((planning.plan == nil) == hasErrors, sourceLocation: sourceLocation)

        let places = said.compactMap(\.range)
        let isInPlace = planning.marked.map(places.contains) ?? places.isEmpty
        #expect(isInPlace, "\(planning.drawn)", sourceLocation: sourceLocation)
        if let message {
            let messages = said.map(\.message)
            #expect(messages.contains { $0.contains(message) }, "\(planning.drawn)", sourceLocation: sourceLocation)
        }
        let hints = said.compactMap(\.fix?.hint)
        if let fix {
            #expect(hints.contains { $0.contains(fix) }, "\(planning.drawn)", sourceLocation: sourceLocation)
        } else if severity > .note {
            #expect(!hints.isEmpty, "no fix is offered:\n\(planning.drawn)", sourceLocation: sourceLocation)
        }
        // Marked recipes show one fault each; what else is said would be noise.
        let noise = planning.diagnostics.filter { $0.severity == .error && $0.code != code && !also.contains($0.code) }
        #expect(noise.isEmpty, "\(planning.drawn)", sourceLocation: sourceLocation)
    }
}
