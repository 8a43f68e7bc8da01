import SutureDiagnostics

// What libyaml finds wrong, in the words of somebody who writes recipes. Three faults are so common
// that they get words of their own: a slice, a `${…}` or a `*` that needs quotes, and a tab.

extension Diagnostic {
    /// A text is not YAML.
    static func yamlSyntax(_ fault: YAMLSyntaxFault, in file: SourceFile) -> Diagnostic {
        guard let place = fault.place else {
            return unreadableCharacter(fault, in: file)
        }
        let mark = SourceMark(line: place.line + 1, column: place.column + 1)
        let line = file.line(mark.line).map { Array($0.unicodeScalars) } ?? []
        if let diagnostic = unquoted(line, at: mark, fault: fault, in: file) { return diagnostic }
        let range = SourceRange(file: file, start: mark, end: SourceMark(line: mark.line, column: mark.column + 1))
        if place.column < line.count, line[place.column] == "\t" {
            return Diagnostic(
                code: "yaml-tab",
                "YAML is indented with spaces, here stands a tab",
                at: range,
                fix: FixIt("put spaces in its place")
            )
        }
        // Text copied from a web page often has spaces that only look like spaces.
        if let odd = line.firstIndex(of: "\u{A0}") {
            let start = SourceMark(line: mark.line, column: odd + 1)
            return Diagnostic(
                code: "yaml-space",
                "YAML is indented with plain spaces, here stands a no-break space",
                at: SourceRange(file: file, start: start, end: SourceMark(line: mark.line, column: odd + 2)),
                fix: FixIt("put plain spaces in its place", replacing: " ")
            )
        }
        let context = fault.context.map { " \($0)" } ?? ""
        return Diagnostic(code: "yaml-syntax", "this is not YAML: \(fault.problem)\(context)", at: range)
    }

    private static func unreadableCharacter(_ fault: YAMLSyntaxFault, in file: SourceFile) -> Diagnostic {
        guard let offset = fault.byteOffset else {
            return Diagnostic(
                code: "yaml-syntax",
                "this cannot be read as YAML: \(fault.problem)",
                at: .file(file.path, tensor: nil)
            )
        }
        var mark = SourceMark(line: 1, column: 1)
        let bytes = file.text.utf8
        let end = bytes.index(bytes.startIndex, offsetBy: offset, limitedBy: bytes.endIndex) ?? bytes.endIndex
        for scalar in file.text.unicodeScalars[..<end] {
            mark =
                scalar == "\n"
                ? SourceMark(line: mark.line + 1, column: 1) : SourceMark(line: mark.line, column: mark.column + 1)
        }
        let range = SourceRange(file: file, start: mark, end: SourceMark(line: mark.line, column: mark.column + 1))
        return Diagnostic(
            code: "yaml-character",
            "YAML is text, here stands a control character",
            at: range,
            fix: FixIt("take it out", replacing: "")
        )
    }

    /// A value that YAML reads otherwise than it was meant, for want of quotes.
    private static func unquoted(
        _ line: [Unicode.Scalar],
        at mark: SourceMark,
        fault: YAMLSyntaxFault,
        in file: SourceFile
    ) -> Diagnostic? {
        let index = mark.column - 1
        func text(_ start: Int, _ end: Int) -> String { String(String.UnicodeScalarView(line[start..<end])) }
        func range(_ start: Int, _ end: Int) -> SourceRange {
            SourceRange(
                file: file,
                start: SourceMark(line: mark.line, column: start + 1),
                end: SourceMark(line: mark.line, column: end + 1)
            )
        }
        func diagnostic(_ code: String, _ fact: String, _ start: Int, _ end: Int) -> Diagnostic {
            let (quoted, range) = ("\"" + text(start, end) + "\"", range(start, end))
            return Diagnostic(code: code, fact, at: range, fix: FixIt("write \(quoted)", replacing: quoted))
        }

        guard index >= 0, index <= line.count else { return nil }
        if fault.context == "while scanning an alias", let star = line[..<min(index + 1, line.count)].lastIndex(of: "*")
        {
            var end = star + 1
            while end < line.count, isWord(line[end]) || line[end] == "*" { end += 1 }
            let fact = "a bare '*' repeats an anchor in YAML, so a pattern needs quotes"
            return diagnostic("unquoted-star", fact, star, end)
        }
        guard index < line.count else { return nil }
        if line[index] == "[", index > 0, isWord(line[index - 1]) {
            let start = (line[..<index].lastIndex { !isWord($0) } ?? -1) + 1
            guard let close = line[index...].firstIndex(of: "]") else { return nil }
            var end = close + 1
            while end < line.count, isWord(line[end]) || line[end] == "*" { end += 1 }
            let fact = "inside '[…]' and '{…}' a bracket begins a list, so a slice there needs quotes"
            return .unquotedSlice(text(start, end), fact, at: range(start, end))
        }
        if line[index] == "{", index > 0, line[index - 1] == "$" {
            guard let close = line[index...].firstIndex(of: "}") else { return nil }
            let start = (line[..<(index - 1)].lastIndex { " ,[{:\t".unicodeScalars.contains($0) } ?? -1) + 1
            return diagnostic(
                "unquoted-expression",
                "inside '[…]' and '{…}' a brace begins a mapping, so '${…}' there needs quotes",
                start,
                close + 1
            )
        }
        return nil
    }

    private static func isWord(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.isAlphabetic || ("0"..."9").contains(scalar) || scalar == "_" || scalar == "-"
            || scalar == "." || scalar == "/"
    }
}
