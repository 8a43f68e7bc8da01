/// A number of bytes as people write and read it: `5GB`, `500 MB`, `1.5GiB`.
///
/// `KB`, `MB`, `GB` and `TB` are powers of 1000 and `KiB` … `TiB` powers of 1024, in any case; a
/// bare number is bytes.
public enum ByteSize {
    /// The number of bytes that `text` says, or `nil` if it says none or too many.
    public static func parse(_ text: String) -> Int? {
        let compact = text.lowercased().filter { $0 != " " && $0 != "_" }
        let digits = compact.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        guard let number = Double(digits), number >= 0,
            let factor = factors[String(compact.dropFirst(digits.count))]
        else { return nil }
        let bytes = number * factor
        guard bytes < 0x1p62 else { return nil }
        return Int(bytes)
    }

    /// The size in the largest unit that leaves a number of at least 1, such as `15.3 GB`.
    public static func format(_ byteCount: Int) -> String {
        let units = ["bytes", "kB", "MB", "GB", "TB", "PB"]
        var value = Double(byteCount)
        var unit = 0
        while abs(value) >= 999.95, unit < units.count - 1 {
            value /= 1000
            unit += 1
        }
        guard unit > 0 else { return "\(byteCount) \(units[0])" }
        let tenths = Int((value * 10).rounded(.toNearestOrAwayFromZero))
        return "\(tenths / 10).\(abs(tenths % 10)) \(units[unit])"
    }

    private static let factors: [String: Double] = [
        "": 1, "b": 1, "k": 1e3, "kb": 1e3, "m": 1e6, "mb": 1e6, "g": 1e9, "gb": 1e9, "t": 1e12, "tb": 1e12,
        "kib": 0x1p10, "mib": 0x1p20, "gib": 0x1p30, "tib": 0x1p40,
    ]
}
