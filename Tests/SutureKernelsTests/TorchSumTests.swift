import SutureKernels
import Testing

@Suite("Sums in torch's order")
struct TorchSumTests {
    /// What torch 2.6 gave once for `((i² mod 7919 · 31 + i) mod 1000) / 1000 − ½`.
    static let sums: [(count: Int, bits: UInt32)] = [
        (0, 0x00000000),
        (1, 0xbf000000),
        (7, 0xbfd43958),
        (8, 0xbfd0e560),
        (24, 0xbfd70a3e),
        (33, 0xbea9fbe6),
        (100, 0xbfca1cac),
        (512, 0xc08ac8b3),
        (1000, 0xc18a47ae),
        (4096, 0xc1783956),
        (11008, 0xc1a553fd),
        (70001, 0xc2ac50e7),
    ]

    @Test("are torch's to the last bit", arguments: sums)
    func toTheLastBit(_ count: Int, bits: UInt32) {
        let values = (0..<count).map { i -> Float in
            let number = (i * i % 7919 * 31 + i) % 1000
            return Float(number) / 1000 - 0.5
        }
        #expect(sumLikeTorch(values).bitPattern == bits)
    }
}
