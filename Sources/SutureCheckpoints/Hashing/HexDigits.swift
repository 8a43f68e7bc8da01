/// Words as hexadecimal digits, 16 each, highest first.
enum HexDigits {
    /// The digits of words.
    static func text(of words: [UInt64]) -> String {
        words.map { word in
            let digits = String(word, radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
    }

    /// The words that digits stand for; `nil` where they are not so many, or not lowercase hexadecimal.
    static func words(of digits: some StringProtocol, count: Int) -> [UInt64]? {
        let bytes = Array(digits.utf8)
        guard bytes.count == 16 * count else { return nil }
        var words: [UInt64] = []
        for place in stride(from: 0, to: bytes.count, by: 16) {
            var word: UInt64 = 0
            for byte in bytes[place..<place + 16] {
                switch byte {
                case UInt8(ascii: "0")...UInt8(ascii: "9"): word = word << 4 | UInt64(byte - UInt8(ascii: "0"))
                case UInt8(ascii: "a")...UInt8(ascii: "f"): word = word << 4 | UInt64(byte - UInt8(ascii: "a") + 10)
                default: return nil
                }
            }
            words.append(word)
        }
        return words
    }
}
