package import SutureDiagnostics

/// A text in which `«` and `»` show where a message should point.
///
/// ```swift
/// let marked = MarkedText("method: «slrep»")
/// marked.text   // "method: slrep"
/// marked.range  // 1:9 to 1:14
/// ```
package struct MarkedText {
    /// The text without its marks.
    package let text: String

    /// Where the marks stood: start and end in the text without them.
    package let marks: (start: SourceMark, end: SourceMark)?

    /// Takes the marks out of a text.
    package init(_ marked: String) {
        var plain = String.UnicodeScalarView()
        var line = 1
        var column = 1
        var start: SourceMark?
        var end: SourceMark?
        for scalar in marked.unicodeScalars {
            switch scalar {
            case "«": start = SourceMark(line: line, column: column)
            case "»": end = SourceMark(line: line, column: column)
            default:
                plain.append(scalar)
                column += 1
                if scalar == "\n" {
                    line += 1
                    column = 1
                }
            }
        }
        text = String(plain)
        marks = start.flatMap { start in end.map { (start, $0) } }
    }

    /// Where the marks stood, as a range of a file of that path.
    package func range(path: String) -> SourceRange? {
        marks.map { SourceRange(file: SourceFile(path: path, text: text), start: $0.start, end: $0.end) }
    }
}
