/// A tensor's name parted at the number of its layer.
///
/// `model.layers.3.mlp.experts.5.up_proj.weight` is layer 3 of `model.layers`, with the suffix
/// `mlp.experts.5.up_proj.weight`.
struct LayeredName {
    /// What stands before the number.
    let prefix: String

    /// The number of the layer.
    let layer: Int

    /// What follows it.
    let suffix: String

    init(prefix: String, layer: Int, suffix: String) {
        self.prefix = prefix
        self.layer = layer
        self.suffix = suffix
    }

    /// Parts a name at its first whole number; `nil` where there is none with something on both sides.
    init?(_ name: String) {
        let bytes = name.utf8
        var start = bytes.startIndex
        while let end = bytes[start...].firstIndex(of: UInt8(ascii: ".")) {
            let part = bytes[start..<end]
            if start > bytes.startIndex, let number = Self.number(part) {
                prefix = String(name[..<bytes.index(before: start)])
                layer = number
                suffix = String(name[bytes.index(after: end)...])
                return
            }
            start = bytes.index(after: end)
        }
        return nil
    }

    /// A number as names write it: no sign, no leading zero, at most nine digits.
    static func number(_ part: some Collection<UInt8>) -> Int? {
        guard let first = part.first, part.count <= 9, part.allSatisfy(isDigit) else { return nil }
        guard first != UInt8(ascii: "0") || part.count == 1 else { return nil }
        return part.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
    }

    /// A suffix with `#` for the number of an expert, so that all experts share one.
    static func pattern(of suffix: String) -> String {
        guard suffix.contains("expert") else { return suffix }
        var followsExperts = false
        return suffix.split(separator: ".", omittingEmptySubsequences: false)
            .map { part in
                defer { followsExperts = part.contains("expert") }
                return followsExperts && number(part.utf8) != nil ? "#" : part
            }
            .joined(separator: ".")
    }
}
