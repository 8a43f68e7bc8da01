/// The name of one file of a checkpoint: `model.safetensors` or `model-00001-of-00003.safetensors`.
package struct ShardName: Hashable, Sendable {
    /// The name of a checkpoint that is one file.
    package static let lone = "model.safetensors"

    /// The name of the file that says which shard holds which tensor.
    package static let index = "model.safetensors.index.json"

    /// The name of a torch checkpoint that is one file.
    package static let loneTorch = "pytorch_model.bin"

    /// The name of the file that says which torch file holds which tensor.
    package static let torchIndex = "pytorch_model.bin.index.json"

    /// The shard, counted from 1.
    package let number: Int

    /// How many shards there are.
    package let count: Int

    private let prefix: String
    private let suffix: String

    /// The name of a shard; a checkpoint of one shard is a lone file.
    ///
    /// - Parameters:
    ///   - number: The shard, counted from 1.
    ///   - count: How many there are.
    /// - Returns: The name.
    package static func make(_ number: Int, of count: Int) -> String {
        count == 1 ? lone : ShardName(number: number, count: count).text
    }

    /// Takes a name apart.
    ///
    /// - Returns: Nothing where `name` is not spelled `model-ddddd-of-ddddd.safetensors`.
    package init?(_ name: String) {
        self.init(name, prefix: "model-", suffix: ".safetensors")
    }

    /// Takes the name of a torch file apart, `pytorch_model-ddddd-of-ddddd.bin`; nothing where it is spelled otherwise.
    package init?(torch name: String) {
        self.init(name, prefix: "pytorch_model-", suffix: ".bin")
    }

    private init?(_ name: String, prefix: String, suffix: String) {
        guard name.hasPrefix(prefix), name.hasSuffix(suffix), name.utf8.count > prefix.utf8.count + suffix.utf8.count
        else { return nil }
        self.prefix = prefix
        self.suffix = suffix
        let parts = name.dropFirst(prefix.count).dropLast(suffix.count).split(separator: "-")
        guard parts.count == 3, parts[1] == "of", let number = Self.digits(parts[0]), let count = Self.digits(parts[2])
        else { return nil }
        self.number = number
        self.count = count
    }

    private init(number: Int, count: Int) {
        prefix = "model-"
        suffix = ".safetensors"
        self.number = number
        self.count = count
    }

    /// The name.
    package var text: String { prefix + padded(number) + "-of-" + padded(count) + suffix }

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
