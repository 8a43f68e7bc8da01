/// What the random numbers of one blend of one tensor depend on, and nothing else.
///
/// Neither threads nor shards nor the rest of a recipe change the numbers that a key gives.
package struct RandomKey: Hashable, Sendable, Codable {
    /// The recipe's seed.
    package let seed: UInt64

    /// The node of the graph that draws.
    package let node: String

    /// The output tensor.
    package let tensor: String

    /// What each input is called, in their order.
    ///
    /// An input's draws follow its name, so that changing the order of inputs does not change them. Without names
    /// they follow the input's place.
    package let inputs: [String]

    /// Creates a key.
    package init(seed: UInt64, node: String, tensor: String, inputs: [String] = []) {
        self.seed = seed
        self.node = node
        self.tensor = tensor
        self.inputs = inputs
    }

    /// The two words of key for the draws of one input.
    func words(input: Int) -> (UInt32, UInt32) {
        // FNV-1a over the names, told apart by a byte that UTF-8 never holds, then a finishing mix (SplitMix64's).
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for name in [node, tensor] + (input < inputs.count ? [inputs[input]] : []) {
            for byte in name.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
            hash = (hash ^ 0xff) &* 0x100_0000_01b3
        }
        // Inputs of one name are told apart by how many of it came before.
        let place = input < inputs.count ? inputs[..<input].count { $0 == inputs[input] } : input
        let mixed = Self.mix(Self.mix(hash &+ Self.mix(seed)) &+ UInt64(truncatingIfNeeded: place))
        return (UInt32(truncatingIfNeeded: mixed), UInt32(truncatingIfNeeded: mixed >> 32))
    }

    private static func mix(_ value: UInt64) -> UInt64 {
        var z = value &+ 0x9e37_79b9_7f4a_7c15
        z = (z ^ z >> 30) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ z >> 27) &* 0x94d0_49bb_1331_11eb
        return z ^ z >> 31
    }
}
