/// One message about something the user gave us: a recipe, a model or a folder.
///
/// The words of each message are a static function in an extension beside the code that finds the
/// fault, so a reader sees the check and its wording together:
///
/// ```swift
/// diagnostics.append(.unknownMergeMethod(step.method, known: registry.names))
/// ```
///
/// Messages are lower case, without a full stop, and name the two facts that disagree.
public struct Diagnostic: Error, Hashable, Sendable {
    /// How bad it is; only ``error`` stops a run.
    public enum Severity: String, Hashable, Sendable, Comparable {
        case note, warning, error

        /// Orders severities from harmless to fatal.
        public static func < (a: Severity, b: Severity) -> Bool { a.rank < b.rank }

        private var rank: Int {
            switch self {
            case .note: 0
            case .warning: 1
            case .error: 2
            }
        }
    }

    /// What a message speaks of.
    public enum Place: Hashable, Sendable {
        /// A part of a text that somebody wrote.
        case source(SourceRange)

        /// A file or folder, and the tensor in it where there is one.
        case file(String, tensor: String?)
    }

    /// The one change most likely to settle the message.
    public struct FixIt: Hashable, Sendable {
        /// The fix in words, such as `did you mean 'slerp'?`.
        public let hint: String

        /// The text to put in place of the diagnostic's range, where the fix is that simple.
        public let replacement: String?

        /// Creates a fix.
        public init(_ hint: String, replacing replacement: String? = nil) {
            self.hint = hint
            self.replacement = replacement
        }
    }

    /// Another place that the message speaks of, such as where a name was first given.
    public struct Note: Hashable, Sendable {
        /// The words.
        public let message: String

        /// The place.
        public let place: Place?

        /// Creates a note.
        public init(_ message: String, at place: Place?) {
            self.message = message
            self.place = place
        }
    }

    /// The stable name of this kind of message, such as `unknown-merge-method`.
    public let code: String

    /// How bad it is.
    public let severity: Severity

    /// The message in one line.
    public let message: String

    /// Where it applies; `nil` when no place is to blame.
    public let place: Place?

    /// The one change most likely to be right, if there is one.
    public let fix: FixIt?

    /// Other places involved.
    public let notes: [Note]

    /// Creates a diagnostic.
    public init(
        _ severity: Severity = .error,
        code: String,
        _ message: String,
        at place: Place?,
        fix: FixIt? = nil,
        notes: [Note] = []
    ) {
        self.code = code
        self.severity = severity
        self.message = message
        self.place = place
        self.fix = fix
        self.notes = notes
    }

    /// Creates a diagnostic about a part of a text.
    public init(
        _ severity: Severity = .error,
        code: String,
        _ message: String,
        at range: SourceRange?,
        fix: FixIt? = nil,
        notes: [Note] = []
    ) {
        self.init(severity, code: code, message, at: range.map(Place.source), fix: fix, notes: notes)
    }

    /// The part of a text it points at, where it points at one.
    public var range: SourceRange? {
        guard case .source(let range)? = place else { return nil }
        return range
    }
}

/// All that one stage found, thrown when at least one of them is an error.
public struct Diagnostics: Error, Sendable {
    /// What was found, in the order in which it was found.
    public private(set) var all: [Diagnostic]

    /// Creates a collection.
    public init(_ all: [Diagnostic] = []) {
        self.all = all
    }

    /// Whether one of them stops the run.
    public var hasErrors: Bool { all.contains { $0.severity == .error } }

    /// Adds one message, unless the very same one is there already.
    public mutating func append(_ diagnostic: Diagnostic) {
        guard !all.contains(diagnostic) else { return }
        all.append(diagnostic)
    }

    /// Adds messages, each once.
    public mutating func append(contentsOf others: some Sequence<Diagnostic>) {
        for diagnostic in others { append(diagnostic) }
    }

    /// Throws what was found if one of them is an error.
    ///
    /// - Throws: `self`.
    public func throwIfErrors() throws(Diagnostics) {
        if hasErrors { throw self }
    }
}
