/// The sum of numbers that lie side by side, in `Float`, added in the order in which torch adds them on a processor.
///
/// Four vectors of eight lanes are summed at once, and what they have summed is moved up a level every 16 steps or more, so
/// that no sum is much larger than what is added to it. What fills no vector comes first in the end, then the lanes.
package func sumLikeTorch(_ values: [Float]) -> Float {
    let width = 8
    let together = 4
    let levelCount = 4
    let vectorCount = values.count / width
    let stepCount = vectorCount / together
    let power = max(4, stepCount > 1 ? (Int.bitWidth - (stepCount - 1).leadingZeroBitCount) / levelCount : 0)

    func vector(_ index: Int) -> SIMD8<Float> {
        var vector = SIMD8<Float>()
        for lane in 0..<width { vector[lane] = values[index * width + lane] }
        return vector
    }

    var levels = [[SIMD8<Float>]](repeating: Array(repeating: .zero, count: together), count: levelCount)
    for step in 0..<stepCount {
        for k in 0..<together { levels[0][k] += vector(step * together + k) }
        let done = step + 1
        guard done.isMultiple(of: 1 << power) else { continue }
        for level in 1..<levelCount {
            for k in 0..<together { levels[level][k] += levels[level - 1][k] }
            levels[level - 1] = Array(repeating: .zero, count: together)
            if !done.isMultiple(of: 1 << (power * (level + 1))) { break }
        }
    }
    for level in 1..<levelCount {
        for k in 0..<together { levels[0][k] += levels[level][k] }
    }
    var sums = levels[0][0]
    for index in (stepCount * together)..<vectorCount { sums += vector(index) }
    for k in 1..<together { sums += levels[0][k] }
    var total = values[(vectorCount * width)...].reduce(0, +)
    for lane in 0..<width { total += sums[lane] }
    return total
}
