/// ggml's Q6_K: 16 runs of 16 numbers of 6 bits, 32 taken away from each; a run's scale is a signed byte, a multiple of a
/// number in binary16.
enum Q6K: BlockFormat {
    static var elementCount: Int { 256 }
    static var byteCount: Int { 210 }

    static func widen(_ block: StoredBytes, into numbers: inout MutableSpan<Float>, at first: Int) {
        let scale = block.half(at: 208)
        for half in 0..<2 {
            for run in 0..<2 {
                // Four runs of a half lie in the same bytes, 32 numbers apart.
                let place = 64 &* half &+ 16 &* run
                let upper = 128 &+ 32 &* half &+ 16 &* run
                let start = first &+ 128 &* half &+ 16 &* run
                let scales = 192 &+ 8 &* half &+ run
                let a = scale * Float(Int8(bitPattern: block[scales]))
                let b = scale * Float(Int8(bitPattern: block[scales &+ 2]))
                let c = scale * Float(Int8(bitPattern: block[scales &+ 4]))
                let d = scale * Float(Int8(bitPattern: block[scales &+ 6]))
                for i in 0..<16 {
                    let (low, high) = (Int32(block[place &+ i]), Int32(block[place &+ 32 &+ i]))
                    let bits = Int32(block[upper &+ i])
                    unsafe numbers[unchecked: start &+ i] = a * Float((low & 15 | bits << 4 & 48) &- 32)
                    unsafe numbers[unchecked: start &+ 32 &+ i] = b * Float((high & 15 | bits << 2 & 48) &- 32)
                    unsafe numbers[unchecked: start &+ 64 &+ i] = c * Float((low >> 4 | bits & 48) &- 32)
                    unsafe numbers[unchecked: start &+ 96 &+ i] = d * Float((high >> 4 | bits >> 2 & 48) &- 32)
                }
            }
        }
    }

    static func narrow(_ numbers: Span<Float>, into block: StoredRoom) {
        var levels: [256 of UInt8] = Zeros.bytes256
        var scales: [16 of Float] = Zeros.floats16
        var largest: Float = 0
        for run in 0..<16 {
            let fit = SignedFit(numbers.extracting(16 * run..<16 * run + 16))
            scales[run] = fit.scale
            if abs(fit.scale) > abs(largest) { largest = fit.scale }
            for i in 0..<16 { levels[16 * run + i] = fit[i] }
        }
        guard abs(largest) >= SignedFit.leastMagnitude else { return }
        let factor = -128 / largest
        let scale = block.setHalf(1 / factor, at: 208)
        for run in 0..<16 {
            let level = clamp(nearest(factor * scales[run]), -128...127)
            block[192 + run] = UInt8(truncatingIfNeeded: level)
            let step = scale * Float(level)
            guard step != 0 else { continue }
            for i in 16 * run..<16 * run + 16 {
                levels[i] = UInt8(truncatingIfNeeded: clamp(nearest(numbers[i] / step), -32...31) &+ 32)
            }
        }
        for half in 0..<2 {
            for i in 0..<32 {
                let place = 128 * half + i
                let (a, b, c, d) = (levels[place], levels[place + 32], levels[place + 64], levels[place + 96])
                block[64 * half + i] = a & 15 | c << 4
                block[64 * half + 32 + i] = b & 15 | d << 4
                block[128 + 32 * half + i] = a >> 4 | (b >> 4) << 2 | (c >> 4) << 4 | (d >> 4) << 6
            }
        }
    }

    static func isFinite(_ block: StoredBytes) -> Bool { block.half(at: 208).isFinite }
}

/// The scale by which a run of 16 numbers is nearest to whole levels from −32 to 31, large numbers counting more.
///
/// It is the search of ggml's reference for Q6_K, which tries scales around the one that takes the largest to −32.
private struct SignedFit {
    private(set) var scale: Float = 0
    private var levels: [16 of UInt8] = Zeros.bytes16

    /// Below it a run counts as zeros.
    static let leastMagnitude: Float = 1e-15

    /// The level of a number, and 32 added to it.
    subscript(place: Int) -> UInt8 { levels[place] }

    init(_ run: Span<Float>) {
        precondition(run.count == 16, "a run has 16 numbers")
        var numbers: [16 of Float] = Zeros.floats16
        for i in 0..<16 { numbers[i] = unsafe run[unchecked: i] }
        var largest: Float = 0
        for i in 0..<16 where abs(numbers[i]) > abs(largest) { largest = numbers[i] }
        guard abs(largest) >= Self.leastMagnitude else { return }
        var best: Float = 0
        for step in 0..<19 {
            // The scale itself, and then nine tenths of a level below and above it.
            let offset = step == 0 ? 0 : step <= 9 ? step - 10 : step - 9
            let factor = -(32 + 0.1 * Float(offset)) / largest
            var (sumXL, sumLL): (Float, Float) = (0, 0)
            var tried: [16 of UInt8] = Zeros.bytes16
            for i in 0..<16 {
                let level = clamp(nearest(factor * numbers[i]), -32...31)
                tried[i] = UInt8(truncatingIfNeeded: level &+ 32)
                let weight = numbers[i] * numbers[i]
                sumXL += weight * numbers[i] * Float(level)
                sumLL += weight * Float(level) * Float(level)
            }
            guard step == 0 || (sumLL > 0 && sumXL * sumXL > best * sumLL) else { continue }
            scale = sumLL != 0 ? sumXL / sumLL : 0
            best = scale * sumXL
            levels = tried
        }
    }
}
