/// Bytes as text of 64 signs, in which plans keep what they hold of binary files.
enum Base64 {
    private static let signs = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    private static let values: [UInt8?] = {
        var values = [UInt8?](repeating: nil, count: 256)
        for (value, sign) in signs.enumerated() { values[Int(sign)] = UInt8(value) }
        return values
    }()

    /// The text of bytes.
    static func text(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        text.reserveCapacity((bytes.count + 2) / 3 * 4)
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let part = (0..<3).map { start + $0 < bytes.count ? UInt32(bytes[start + $0]) : 0 }
            let word = part[0] << 16 | part[1] << 8 | part[2]
            for place in 0..<4 {
                let isThere = start + place <= bytes.count
                text.append(isThere ? signs[Int(word >> (18 - 6 * UInt32(place)) & 63)] : UInt8(ascii: "="))
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// The bytes of a text; `nil` where it is none.
    static func bytes(_ text: String) -> [UInt8]? {
        let signs = Array(text.utf8)
        guard signs.count.isMultiple(of: 4) else { return nil }
        let padding = signs.suffix(2).count { $0 == UInt8(ascii: "=") }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(signs.count / 4 * 3)
        var word: UInt32 = 0
        for (place, sign) in signs.dropLast(padding).enumerated() {
            guard let value = values[Int(sign)] else { return nil }
            word = word << 6 | UInt32(value)
            if place % 4 == 3 { for shift in [16, 8, 0] as [UInt32] { bytes.append(UInt8(word >> shift & 255)) } }
        }
        if padding == 1 { for shift in [10, 2] as [UInt32] { bytes.append(UInt8(word >> shift & 255)) } }
        if padding == 2 { bytes.append(UInt8(word >> 4 & 255)) }
        return bytes
    }
}
