/// A text that somebody wrote, and what it is called.
///
/// Every mark in a recipe points into one of these, so a message can quote the line it speaks of
/// even when the recipe imports others.
public struct SourceFile: Hashable, Sendable {
    /// What the file is called in messages: the path as the user gave it, or `<stdin>`.
    public let path: String

    /// The whole text.
    public let text: String

    /// Creates a source file.
    public init(path: String, text: String) {
        self.path = path
        self.text = text
    }

    /// The text of a line without its line break, or `nil` past the end.
    ///
    /// - Parameter number: The line, counted from 1.
    /// - Returns: The line, which may be empty.
    public func line(_ number: Int) -> Substring? {
        var current = 1
        var start = text.startIndex
        while current < number {
            guard let end = text[start...].firstIndex(where: \.isNewline) else { return nil }
            start = text.index(after: end)
            current += 1
        }
        let end = text[start...].firstIndex(where: \.isNewline) ?? text.endIndex
        return text[start..<end]
    }

    /// Files are the same when path and length agree; comparing long texts would cost more than it tells.
    public static func == (a: SourceFile, b: SourceFile) -> Bool {
        a.path == b.path && a.text.utf8.count == b.text.utf8.count
    }

    /// Hashes what `==` compares.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(path)
        hasher.combine(text.utf8.count)
    }
}

/// A place in a text.
public struct SourceMark: Hashable, Comparable, Sendable {
    /// The line, counted from 1.
    public let line: Int

    /// The Unicode scalar in the line, counted from 1.
    public let column: Int

    /// Creates a mark.
    public init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }

    /// Orders marks as a reader meets them.
    public static func < (a: SourceMark, b: SourceMark) -> Bool {
        (a.line, a.column) < (b.line, b.column)
    }
}

/// A run of text in a file; the end is the first place after it.
public struct SourceRange: Hashable, Sendable {
    /// The text it lies in.
    public let file: SourceFile

    /// Where it begins.
    public let start: SourceMark

    /// The first place after it.
    public let end: SourceMark

    /// Creates a range.
    public init(file: SourceFile, start: SourceMark, end: SourceMark) {
        self.file = file
        self.start = start
        self.end = end
    }
}

/// A value and the place where it was written.
public struct Marked<Value> {
    /// What was written.
    public let value: Value

    /// Where; `nil` for what no text says, such as a default.
    public let range: SourceRange?

    /// Creates a marked value.
    public init(_ value: Value, at range: SourceRange?) {
        self.value = value
        self.range = range
    }

    /// The same place with another value.
    public func map<Other>(_ transform: (Value) -> Other) -> Marked<Other> {
        Marked<Other>(transform(value), at: range)
    }
}

extension Marked: Equatable where Value: Equatable {}
extension Marked: Hashable where Value: Hashable {}
extension Marked: Sendable where Value: Sendable {}
