/// Reads JSON bytes from front to back, one token at a time, building nothing that is not asked for.
///
/// A header with 100,000 tensors is read by this in some tens of milliseconds, since no tree of values
/// is made of it. Numbers may also be the bare words `NaN`, `Infinity` and `-Infinity`, which Python writes.
package struct JSONReader {
    /// The next byte to read.
    package private(set) var position = 0

    private let bytes: [UInt8]
    private let depthLimit: Int
    private var depth = 0

    /// Creates a reader.
    ///
    /// - Parameters:
    ///   - bytes: The text.
    ///   - depthLimit: The most levels of objects and lists.
    /// - Throws: ``JSONError`` if the bytes are not UTF-8.
    package init(_ bytes: [UInt8], depthLimit: Int = 256) throws(JSONError) {
        self.bytes = bytes
        self.depthLimit = depthLimit
        if let invalid = firstInvalidUTF8(bytes) { throw JSONError(.notUTF8, at: invalid, in: bytes) }
    }

    /// An error at a byte, or at the next one.
    package func error(_ reason: JSONError.Reason, at place: Int? = nil) -> JSONError {
        JSONError(reason, at: place ?? position, in: bytes)
    }

    /// The first byte of the next token, left unread.
    package mutating func peek() throws(JSONError) -> UInt8 {
        skipSpace()
        guard position < bytes.count else { throw error(.endsEarly) }
        return bytes[position]
    }

    /// Reads the end of the text.
    package mutating func end() throws(JSONError) {
        skipSpace()
        guard position == bytes.count else { throw error(.trailingBytes) }
    }

    /// Reads an object: `member` is given each key and reads its value.
    package mutating func object(_ member: (inout JSONReader, String, Int) throws(JSONError) -> Void) throws(JSONError)
    {
        try open(UInt8(ascii: "{"), "an object")
        if try closes(UInt8(ascii: "}")) { return }
        while true {
            _ = try peek()
            let place = position
            guard bytes[position] == UInt8(ascii: "\"") else { throw error(.expected("a key in double quotes")) }
            let key = try string()
            guard try peek() == UInt8(ascii: ":") else { throw error(.expected("a colon")) }
            position += 1
            try member(&self, key, place)
            if try !continues(UInt8(ascii: "}"), "a comma or the end of the object") { return }
        }
    }

    /// Reads a list: `element` reads each element.
    package mutating func array(_ element: (inout JSONReader) throws(JSONError) -> Void) throws(JSONError) {
        try open(UInt8(ascii: "["), "a list")
        if try closes(UInt8(ascii: "]")) { return }
        while true {
            try element(&self)
            if try !continues(UInt8(ascii: "]"), "a comma or the end of the list") { return }
        }
    }

    /// Reads a string.
    package mutating func string() throws(JSONError) -> String {
        guard try peek() == UInt8(ascii: "\"") else { throw error(.expected("a string")) }
        position += 1
        let start = position
        while position < bytes.count {
            let byte = bytes[position]
            if byte == UInt8(ascii: "\"") {
                let text = String(decoding: bytes[start..<position], as: UTF8.self)
                position += 1
                return text
            }
            if byte == UInt8(ascii: "\\") { return try escapedString(from: start) }
            guard byte >= 0x20 else { throw error(.controlCharacter(byte)) }
            position += 1
        }
        throw error(.endsEarly)
    }

    /// Reads a number and returns its spelling.
    package mutating func number() throws(JSONError) -> String {
        _ = try peek()
        let start = position
        if bytes[start] == UInt8(ascii: "N"), accept("NaN") { return "NaN" }
        if bytes[start] == UInt8(ascii: "I"), accept("Infinity") { return "Infinity" }
        if bytes[start] == UInt8(ascii: "-"), accept("-Infinity") { return "-Infinity" }
        skip(UInt8(ascii: "-"))
        if !skip(UInt8(ascii: "0")) {
            guard skipDigits() else {
                position = start
                throw error(position < bytes.count ? .expected("a number") : .endsEarly)
            }
        }
        if skip(UInt8(ascii: ".")), !skipDigits() { throw error(.badNumber, at: start) }
        if skip(UInt8(ascii: "e")) || skip(UInt8(ascii: "E")) {
            if !skip(UInt8(ascii: "+")) { skip(UInt8(ascii: "-")) }
            guard skipDigits() else { throw error(.badNumber, at: start) }
        }
        if position < bytes.count, isWordPart(bytes[position]) { throw error(.badNumber, at: start) }
        return String(decoding: bytes[start..<position], as: UTF8.self)
    }

    /// Reads a whole number from 0 up, or returns `nil` where the number is none that fits in an `Int`.
    package mutating func natural() throws(JSONError) -> Int? {
        _ = try peek()
        let start = position
        var value = 0
        while position < bytes.count, case let digit = bytes[position] &- UInt8(ascii: "0"), digit < 10 {
            let (tens, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) = tens.addingReportingOverflow(Int(digit))
            if overflow || carry { break }
            value = sum
            position += 1
        }
        let isPlain = position > start && (position == bytes.count || !isWordPart(bytes[position]))
        let hasLeadingZero = position - start > 1 && bytes[start] == UInt8(ascii: "0")
        if isPlain, !hasLeadingZero { return value }
        position = start
        _ = try number()
        return nil
    }

    /// Reads any value and forgets it.
    package mutating func skipValue() throws(JSONError) {
        switch try peek() {
        case UInt8(ascii: "{"): try object { (reader, _, _) throws(JSONError) in try reader.skipValue() }
        case UInt8(ascii: "["): try array { (reader) throws(JSONError) in try reader.skipValue() }
        case UInt8(ascii: "\""): try skipString()
        default: if try word() == nil { _ = try number() }
        }
    }

    /// Reads a string and makes none of it, unless an escape is to be looked at.
    private mutating func skipString() throws(JSONError) {
        var end = position + 1
        while end < bytes.count, bytes[end] >= 0x20, bytes[end] != UInt8(ascii: "\\") {
            if bytes[end] == UInt8(ascii: "\"") {
                position = end + 1
                return
            }
            end += 1
        }
        _ = try string()
    }

    /// Reads `true`, `false` or `null`, or returns `nil` and reads nothing.
    package mutating func word() throws(JSONError) -> JSONValue? {
        _ = try peek()
        if accept("true") { return .bool(true) }
        if accept("false") { return .bool(false) }
        if accept("null") { return .null }
        return nil
    }
}

// MARK: - Parts of tokens

extension JSONReader {
    private mutating func skipSpace() {
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x09, 0x0A, 0x0D: position += 1
            default: return
            }
        }
    }

    private mutating func open(_ bracket: UInt8, _ what: String) throws(JSONError) {
        guard try peek() == bracket else { throw error(.expected(what)) }
        guard depth < depthLimit else { throw error(.tooDeep(limit: depthLimit)) }
        depth += 1
        position += 1
    }

    private mutating func closes(_ bracket: UInt8) throws(JSONError) -> Bool {
        guard try peek() == bracket else { return false }
        depth -= 1
        position += 1
        return true
    }

    /// Reads a comma and returns true, or reads the closing bracket and returns false.
    private mutating func continues(_ bracket: UInt8, _ what: String) throws(JSONError) -> Bool {
        if try closes(bracket) { return false }
        guard bytes[position] == UInt8(ascii: ",") else { throw error(.expected(what)) }
        position += 1
        return true
    }

    @discardableResult
    private mutating func skip(_ byte: UInt8) -> Bool {
        guard position < bytes.count, bytes[position] == byte else { return false }
        position += 1
        return true
    }

    private mutating func skipDigits() -> Bool {
        let start = position
        while position < bytes.count, bytes[position] &- UInt8(ascii: "0") < 10 { position += 1 }
        return position > start
    }

    private mutating func accept(_ word: String) -> Bool {
        let end = position + word.utf8.count
        guard end <= bytes.count, bytes[position..<end].elementsEqual(word.utf8) else { return false }
        guard end == bytes.count || !isWordPart(bytes[end]) else { return false }
        position = end
        return true
    }

    private func isWordPart(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "+"), UInt8(ascii: "-"),
            UInt8(ascii: "_"):
            true
        default: false
        }
    }

    /// Reads the rest of a string whose first backslash is the next byte.
    private mutating func escapedString(from start: Int) throws(JSONError) -> String {
        var text = Array(bytes[start..<position])
        while position < bytes.count {
            let byte = bytes[position]
            switch byte {
            case UInt8(ascii: "\""):
                position += 1
                return String(decoding: text, as: UTF8.self)
            case UInt8(ascii: "\\"): try appendEscape(to: &text)
            case ..<0x20: throw error(.controlCharacter(byte))
            default:
                text.append(byte)
                position += 1
            }
        }
        throw error(.endsEarly)
    }

    private mutating func appendEscape(to text: inout [UInt8]) throws(JSONError) {
        let start = position
        guard position + 1 < bytes.count else { throw error(.endsEarly, at: bytes.count) }
        let letter = bytes[position + 1]
        position += 2
        switch letter {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(letter)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "u"):
            var code = try hexDigits(escapedAt: start)
            if (0xD800..<0xDC00).contains(code) {
                guard skip(UInt8(ascii: "\\")), skip(UInt8(ascii: "u")) else { throw error(.loneSurrogate, at: start) }
                let low = try hexDigits(escapedAt: start)
                guard (0xDC00..<0xE000).contains(low) else { throw error(.loneSurrogate, at: start) }
                code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
            }
            guard let scalar = Unicode.Scalar(code) else { throw error(.loneSurrogate, at: start) }
            text.append(contentsOf: String(Character(scalar)).utf8)
        default: throw error(.badEscape, at: start)
        }
    }

    private mutating func hexDigits(escapedAt start: Int) throws(JSONError) -> UInt32 {
        guard position + 4 <= bytes.count else { throw error(.endsEarly, at: bytes.count) }
        var code: UInt32 = 0
        for byte in bytes[position..<position + 4] {
            guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue else { throw error(.badEscape, at: start) }
            code = code << 4 | UInt32(digit)
        }
        position += 4
        return code
    }
}

/// The first byte that is not part of a well-formed UTF-8 sequence, or `nil`.
func firstInvalidUTF8(_ bytes: [UInt8]) -> Int? {
    let count = bytes.count
    let span = bytes.span
    var i = 0
    while i < count {
        // Whole runs of ASCII are passed at memory speed; headers hold little else.
        while count - i >= 64 {
            var bits: UInt8 = 0
            for j in i..<i &+ 64 { bits |= unsafe span[unchecked: j] }
            if bits >= 0x80 { break }
            i += 64
        }
        guard i < count else { return nil }
        let byte = bytes[i]
        var length = 1
        var second: ClosedRange<UInt8> = 0x80...0xBF
        switch byte {
        case ..<0x80: break
        case 0xC2...0xDF: length = 2
        case 0xE0: (length, second) = (3, 0xA0...0xBF)
        case 0xED: (length, second) = (3, 0x80...0x9F)
        case 0xE1...0xEF: length = 3
        case 0xF0: (length, second) = (4, 0x90...0xBF)
        case 0xF1...0xF3: length = 4
        case 0xF4: (length, second) = (4, 0x80...0x8F)
        default: return i
        }
        guard length <= count - i, length == 1 || second.contains(bytes[i + 1]) else { return i }
        for j in i + 1..<i + length where bytes[j] & 0xC0 != 0x80 { return i }
        i += length
    }
    return nil
}
