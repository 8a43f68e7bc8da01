import SutureTensors

/// The numbers of one made-up tensor, each known from its place alone.
///
/// A number is a hash of seed, tensor name and element, spread like a bell by summing four draws, so
/// any range can be made on its own, in any order, with the same bytes.
struct SyntheticNumbers {
    private let key: UInt64
    private let tuneKey: UInt64?
    private let mean: Float
    private let spread: Float
    private let tuneSpread: Float

    /// Creates the numbers of a tensor of a model.
    init(_ tensor: SyntheticFamily.Tensor, of model: SyntheticModel) {
        let name = tensor.name.utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
        key = Self.mix(name ^ Self.mix(model.seed))
        // The tuned half is keyed apart, or `tune` = `seed` would only stretch the numbers.
        tuneKey = model.tune.map { Self.mix(name ^ Self.mix($0 ^ 0x7475_6e65)) }
        switch tensor.kind {
        case .weight(let inputs): (mean, spread) = (0, 1 / Float(max(1, inputs)).squareRoot())
        case .norm: (mean, spread) = (1, 0.05)
        case .small: (mean, spread) = (0, 0.02)
        }
        tuneSpread = spread * Float(model.noise)
    }

    /// Writes numbers as 32-bit floats into the first `count` places.
    ///
    /// - Parameters:
    ///   - target: The bit patterns.
    ///   - count: How many to write.
    ///   - first: The element that the first of them is.
    func fill(_ target: inout [UInt32], count: Int, from first: Int) {
        guard let tuneKey else {
            for i in 0..<count { target[i] = base(first &+ i).bitPattern }
            return
        }
        for i in 0..<count { target[i] = tuned(first &+ i, tuneKey).bitPattern }
    }

    /// Writes numbers as 16-bit floats of the IEEE (`F16`) or the brain (`BF16`) kind into the first `count` places.
    ///
    /// - Parameters:
    ///   - target: The bit patterns.
    ///   - count: How many to write.
    ///   - first: The element that the first of them is.
    ///   - isBrain: Whether to write `BF16`.
    func fill(_ target: inout [UInt16], count: Int, from first: Int, isBrain: Bool) {
        switch (isBrain, tuneKey) {
        case (true, nil): for i in 0..<count { target[i] = Self.brain(base(first &+ i)) }
        case (true, let key?): for i in 0..<count { target[i] = Self.brain(tuned(first &+ i, key)) }
        case (false, nil): for i in 0..<count { target[i] = Float16(base(first &+ i)).bitPattern }
        case (false, let key?): for i in 0..<count { target[i] = Float16(tuned(first &+ i, key)).bitPattern }
        }
    }

    @inline(__always)
    private func base(_ element: Int) -> Float { mean + spread * Self.bell(key, element) }

    @inline(__always)
    private func tuned(_ element: Int, _ tuneKey: UInt64) -> Float {
        base(element) + tuneSpread * Self.bell(tuneKey, element)
    }

    /// A number with mean 0 and variance 1: four 16-bit draws summed.
    @inline(__always)
    private static func bell(_ key: UInt64, _ element: Int) -> Float {
        let bits = mix(key &+ UInt64(truncatingIfNeeded: element) &* 0x9e37_79b9_7f4a_7c15)
        let sum = (bits & 0xffff) &+ (bits >> 16 & 0xffff) &+ (bits >> 32 & 0xffff) &+ bits >> 48
        return Float(Int32(truncatingIfNeeded: sum) &- 131_070) * (1 / 37_837)
    }

    /// The finishing steps of SplitMix64 (Steele, Lea and Flood 2014).
    @inline(__always)
    private static func mix(_ value: UInt64) -> UInt64 {
        var z = value
        z = (z ^ z >> 30) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ z >> 27) &* 0x94d0_49bb_1331_11eb
        return z ^ z >> 31
    }

    /// The nearest `BF16`, ties to even; the numbers here are finite.
    @inline(__always)
    private static func brain(_ value: Float) -> UInt16 {
        let bits = value.bitPattern
        return UInt16(truncatingIfNeeded: (bits &+ 0x7fff &+ (bits >> 16 & 1)) >> 16)
    }
}
