package import SutureDiagnostics

/// Why bytes are not the JSON that was expected, and where.
package struct JSONError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong.
    package enum Reason: Hashable, Sendable {
        /// The text ends inside a value.
        case endsEarly

        /// Something else stands where one of the named things was expected.
        case expected(String)

        /// A number is not spelled as JSON spells numbers.
        case badNumber

        /// A backslash is followed by something that is no escape.
        case badEscape

        /// Half of a surrogate pair stands alone, which no text can hold.
        case loneSurrogate

        /// A control character stands unescaped in a string.
        case controlCharacter(UInt8)

        /// The bytes are not UTF-8.
        case notUTF8

        /// An object has the same key twice.
        case duplicateKey(String)

        /// Values are nested deeper than the limit.
        case tooDeep(limit: Int)

        /// Something follows the value.
        case trailingBytes
    }

    /// What is wrong.
    package let reason: Reason

    /// The first byte at fault, counted from 0.
    package let byteOffset: Int

    /// The line of that byte, counted from 1.
    package let line: Int

    /// The Unicode scalar in the line, counted from 1.
    package let column: Int

    /// Creates an error at a byte of a text.
    init(_ reason: Reason, at byteOffset: Int, in bytes: [UInt8]) {
        self.reason = reason
        self.byteOffset = byteOffset
        var line = 1
        var column = 1
        for byte in bytes.prefix(byteOffset) {
            if byte == UInt8(ascii: "\n") {
                line += 1
                column = 1
            } else if byte & 0xC0 != 0x80 {
                column += 1
            }
        }
        self.line = line
        self.column = column
    }

    /// What is wrong, without the place.
    package var message: String {
        switch reason {
        case .endsEarly: "the text ends inside a value"
        case .expected(let what): "expected \(what)"
        case .badNumber: "a number is spelled in a way that JSON does not know"
        case .badEscape: "a backslash starts no escape that JSON knows"
        case .loneSurrogate: "half of a surrogate pair stands alone"
        case .controlCharacter(let byte): "a control character (byte \(byte)) stands unescaped in a string"
        case .notUTF8: "the bytes are not UTF-8"
        case .duplicateKey(let key): "the key '\(excerpt(key))' comes twice in one object"
        case .tooDeep(let limit): "values are nested deeper than \(limit) levels"
        case .trailingBytes: "something follows the end of the value"
        }
    }

    /// The error in words, with its place.
    package var description: String { "\(message) (line \(line), column \(column), byte \(byteOffset))" }
}

extension JSONError {
    /// The error as a message about a file, quoting the line where the file is a small text.
    ///
    /// - Parameters:
    ///   - path: What the file is called in messages.
    ///   - bytes: The file's bytes.
    /// - Returns: An error with the code `bad-json`.
    package func diagnostic(path: String, bytes: [UInt8]) -> Diagnostic {
        guard reason != .notUTF8, bytes.count <= 1 << 20 else {
            return Diagnostic(code: "bad-json", "not JSON: \(description)", at: .file(path, tensor: nil))
        }
        let mark = SourceMark(line: line, column: column)
        let file = SourceFile(path: path, text: String(decoding: bytes, as: UTF8.self))
        let end = SourceMark(line: line, column: column + 1)
        return Diagnostic(code: "bad-json", "not JSON: \(message)", at: SourceRange(file: file, start: mark, end: end))
    }
}
