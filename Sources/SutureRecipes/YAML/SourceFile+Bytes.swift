package import SutureDiagnostics

extension SourceFile {
    /// Makes a source file of the bytes of a file: UTF-8, with or without a byte order mark.
    ///
    /// - Parameters:
    ///   - path: What the file is called in messages.
    ///   - bytes: What it holds.
    /// - Throws: A `Diagnostic` that names the encoding, or the first byte that is not UTF-8.
    package init(path: String, bytes: [UInt8]) throws(Diagnostic) {
        if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) {
            throw .notUTF8("is UTF-16", path: path)
        }
        let body = bytes.dropFirst(bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0)
        if body.prefix(64).contains(0) {
            throw .notUTF8("holds zero bytes, as UTF-16 and binary files do", path: path)
        }
        guard let text = String(validating: body, as: UTF8.self) else {
            let line = 1 + body.prefix(validPrefixLength(of: body)).count { $0 == UInt8(ascii: "\n") }
            throw .notUTF8("is not UTF-8 in line \(line)", path: path)
        }
        self.init(path: path, text: text)
    }
}

/// The number of bytes before the first one that is not UTF-8.
private func validPrefixLength(of bytes: ArraySlice<UInt8>) -> Int {
    var decoder = Unicode.UTF8.ForwardParser()
    var iterator = bytes.makeIterator()
    var length = 0
    while case .valid(let scalar) = decoder.parseScalar(from: &iterator) { length += scalar.count }
    return length
}
