/// Who is spoken to at an address: scheme, host and port.
struct Origin: Hashable, CustomStringConvertible {
    /// `http` or `https`.
    let scheme: String

    /// Host and port, as the address spells them.
    let host: String

    var description: String { scheme + "://" + host }

    /// Takes an address apart; `nil` where it is none of the web's, or names a user.
    init?(_ address: String) {
        guard let mark = address.firstRange(of: "://") else { return nil }
        scheme = address[..<mark.lowerBound].lowercased()
        host = address[mark.upperBound...].prefix { $0 != "/" && $0 != "?" && $0 != "#" }.lowercased()
        guard ["http", "https"].contains(scheme), !host.isEmpty, !host.contains("@") else { return nil }
    }
}

extension String {
    /// As one part of a path: a slash in it parts nothing.
    var inPath: String { encoded { $0 == UInt8(ascii: "/") } }

    /// As a path.
    var inURL: String { encoded { _ in false } }

    private func encoded(_ isPart: (UInt8) -> Bool) -> String {
        var text = ""
        for byte in utf8 {
            let isLetter = (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
            if isLetter || "-._~/".utf8.contains(byte) && !isPart(byte) {
                text.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                text += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }
        return text
    }
}
