import SutureJSON

/// What the weight files of a checkpoint are called in a format: `model.safetensors`, or
/// `model-00001-of-00003.safetensors` and an index.
package struct WeightNaming: Hashable, Sendable {
    /// What stands before a shard's number.
    package let stem: String

    /// What every name ends with.
    package let suffix: String

    /// The name of a checkpoint that is one file.
    package var lone: String { stem + suffix }

    /// The name of the file that says which shard holds which tensor.
    package var index: String { lone + ".index.json" }

    /// The name of one of several files.
    package struct Shard: Hashable, Sendable {
        /// The name.
        package let name: String

        /// The shard, counted from 1.
        package let number: Int

        /// How many shards there are.
        package let count: Int
    }

    /// The name of a shard; a checkpoint of one shard is a lone file.
    ///
    /// - Parameters:
    ///   - number: The shard, counted from 1.
    ///   - count: How many there are.
    /// - Returns: The name.
    package func name(ofShard number: Int, of count: Int) -> String {
        count == 1 ? lone : numbered(number, of: count)
    }

    /// Takes a name apart; `nil` where it is not spelled `stem-ddddd-of-ddddd.suffix`.
    package func shard(_ name: String) -> Shard? {
        let prefix = stem + "-"
        guard name.hasPrefix(prefix), name.hasSuffix(suffix), name.utf8.count > prefix.utf8.count + suffix.utf8.count
        else { return nil }
        let parts = name.dropFirst(prefix.count).dropLast(suffix.count).split(separator: "-")
        guard parts.count == 3, parts[1] == "of", let number = Self.digits(parts[0]), let count = Self.digits(parts[2])
        else { return nil }
        return Shard(name: name, number: number, count: count)
    }

    /// The name of one of several files, also where there is but one.
    package func numbered(_ number: Int, of count: Int) -> String {
        stem + "-" + padded(number) + "-of-" + padded(count) + suffix
    }

    private func padded(_ number: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, 5 - digits.count)) + digits
    }

    private static func digits(_ text: Substring) -> Int? {
        guard (5...9).contains(text.utf8.count), text.utf8.allSatisfy({ $0 &- UInt8(ascii: "0") < 10 }) else {
            return nil
        }
        return Int(text)
    }
}
