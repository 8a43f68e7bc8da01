/// Draws diagnostics for a person: place, words, the line with a caret, the fix.
///
/// ```text
/// up.yml:7:9: error: layer_range end 39 is past the 32 layers of 'base' [range-past-end]
///  7 |       - base[8:39]
///    |         ^~~~~~~~~~
///    help: end at 32
/// ```
public struct DiagnosticRenderer: Sendable {
    private let usesColor: Bool

    /// Creates a renderer.
    ///
    /// - Parameter usesColor: Whether the reader is a terminal that shows ANSI colours.
    public init(usesColor: Bool = false) {
        self.usesColor = usesColor
    }

    /// Returns the drawing of one diagnostic, without a final line break.
    public func render(_ diagnostic: Diagnostic) -> String {
        var lines = [headline(diagnostic)]
        if let range = diagnostic.range { lines += quote(range) }
        if let fix = diagnostic.fix { lines.append("   " + paint("help:", .cyan) + " " + fix.hint) }
        for note in diagnostic.notes {
            let place = note.place.map { " (\(describe($0)))" } ?? ""
            lines.append("   \(paint("note:", .cyan)) \(note.message)\(place)")
        }
        return lines.joined(separator: "\n")
    }

    /// Returns the drawings of several, one after another.
    public func render(_ diagnostics: [Diagnostic]) -> String {
        diagnostics.map(render).joined(separator: "\n")
    }

    private func headline(_ diagnostic: Diagnostic) -> String {
        let place = diagnostic.place.map { describe($0) + ": " } ?? ""
        let severity =
            switch diagnostic.severity {
            case .error: paint("error:", .red)
            case .warning: paint("warning:", .yellow)
            case .note: paint("note:", .cyan)
            }
        return "\(paint(place, .bold))\(severity) \(diagnostic.message) [\(diagnostic.code)]"
    }

    private func describe(_ place: Diagnostic.Place) -> String {
        switch place {
        case .source(let range): "\(range.file.path):\(range.start.line):\(range.start.column)"
        case .file(let path, let tensor?): "\(path): tensor '\(tensor)'"
        case .file(let path, nil): path
        }
    }

    /// Returns the line in question and the carets below it; only the first line of a longer range is drawn.
    private func quote(_ range: SourceRange) -> [String] {
        guard let line = range.file.line(range.start.line) else { return [] }
        let number = String(range.start.line)
        let margin = String(repeating: " ", count: number.count)
        let length = line.unicodeScalars.count
        let start = max(1, range.start.column)
        let lineEnd = length + 1
        let end = range.end.line == range.start.line ? min(range.end.column, lineEnd) : lineEnd
        // A tab keeps its width in the line below, so that the caret stands under what it means.
        let indent = String(
            String.UnicodeScalarView(line.unicodeScalars.prefix(start - 1).map { $0 == "\t" ? "\t" : " " })
        )
        let tail = String(repeating: "~", count: max(0, end - start - 1))
        return [
            " \(number) | \(line)",
            " \(margin) | \(indent)\(paint("^" + tail, .green))",
        ]
    }

    private enum Ink: String {
        case bold = "1"
        case red = "1;31"
        case green = "32"
        case yellow = "1;33"
        case cyan = "36"
    }

    private func paint(_ text: String, _ ink: Ink) -> String {
        usesColor && !text.isEmpty ? "\u{1B}[\(ink.rawValue)m\(text)\u{1B}[0m" : text
    }
}
