import SutureTensors
import Testing

@testable import SutureKernels

/// Numbers in blocks, against what gguf-py 0.19.0 (`dequantize`, `quantize`) and ggml's reference (`quantize_row_*_ref`
/// of llama.cpp 0.5.0) make of the same bytes and numbers: the FNV-1a hashes are of their results.
@Suite("Block formats")
struct BlockFormatTests {
    @Test(
        "read as gguf-py does, to the last bit",
        arguments: [
            (DType.ggmlQ40, [0], 0x231b_9890_dd88_25f2), (.ggmlQ41, [0, 2], 0x7a9c_c6a0_a883_b912),
            (.ggmlQ50, [0], 0x941d_d3e8_015d_0d27), (.ggmlQ51, [0, 2], 0x5b4a_8076_b465_86b5),
            (.ggmlQ80, [0], 0x0965_546c_c7e2_7191), (.ggmlQ2K, [80, 82], 0x4d94_cfdc_8a10_7856),
            (.ggmlQ3K, [108], 0xfa65_d05b_126a_34c3), (.ggmlQ4K, [0, 2], 0x332d_9ebf_cf09_eade),
            (.ggmlQ5K, [0, 2], 0x6145_7016_7990_4d0a), (.ggmlQ6K, [208], 0x21df_a041_f528_3b33),
            (.ggmlIQ4NL, [0], 0x299e_2360_fb94_2233), (.ggmlIQ4XS, [0], 0x39f7_2a08_ff05_b1dd),
            (.ggmlMXFP4, [], 0x7593_8533_b3e0_7a85),
        ] as [(DType, [Int], UInt64)]
    )
    func widened(_ dtype: DType, scales: [Int], hash: UInt64) {
        let block = dtype.block
        var bytes = draws(16 * block.byteCount)
        // Scales of random bits would be no numbers now and then.
        for place in 0..<16 { for scale in scales { bytes[place * block.byteCount + scale + 1] &= 0xbf } }
        let values = widen(bytes, dtype)
        #expect(fnv(values.flatMap { $0.bitPattern.littleEndianBytes }) == hash)
        #expect(firstNonfinite(bytes.span.bytes, dtype) == nil)
    }

    @Test(
        "are written as gguf-py and ggml's reference do, to the last byte",
        arguments: [
            (DType.ggmlQ40, 0x24f1_e230_7e03_96da), (.ggmlQ41, 0x3c33_6652_ede6_77fe),
            (.ggmlQ50, 0xd590_0f23_e540_9dba), (.ggmlQ51, 0x0a19_735e_91ba_026a),
            (.ggmlQ80, 0x7c0a_fbbd_dde6_8e4b), (.ggmlQ4K, 0x95ce_c6d1_75b6_0ce6),
            (.ggmlQ5K, 0x4799_e12f_260d_f8c7), (.ggmlQ6K, 0x3f35_b19d_0eb0_f282),
        ] as [(DType, UInt64)]
    )
    func narrowed(_ dtype: DType, hash: UInt64) {
        // Rows of all kinds: of both signs, zeros, small, positive, and all alike.
        let numbers = draws(16 * 256).enumerated().map { place, byte -> Float in
            let drawn = (Float(byte) - 127.5) / 64
            let cube = drawn * drawn * drawn
            return switch place / 256 {
            case 1: 0
            case 2: cube * 1e-3
            case 3: abs(cube)
            case 4: 0.25
            default: cube
            }
        }
        #expect(fnv(narrow(numbers, dtype)) == hash)
    }

    @Test("numbers that are none stop nothing", arguments: DType.allCases.filter { $0.isBlendable && $0.isGGML })
    func nonfinite(_ dtype: DType) {
        for odd in [Float.nan, .infinity, -.infinity, .greatestFiniteMagnitude, .leastNonzeroMagnitude] {
            var numbers = draws(512).map { Float($0) }
            numbers[300] = odd
            let bytes = narrow(numbers, dtype)
            #expect(bytes.count == dtype.block.bytes(of: 0..<512).count)
            let untouched = 256 / dtype.block.elementCount * dtype.block.byteCount
            #expect(bytes[..<untouched] == narrow(Array(numbers[..<256]), dtype)[...])
        }
        #expect(
            narrow(Array(repeating: 0, count: 256), dtype).map { $0 & 0x7f }.contains { $0 != 0 }
                == [
                    .ggmlQ40, .ggmlQ50,
                ].contains(dtype)
        )
        #expect(widen(narrow(Array(repeating: 0, count: 256), dtype), dtype).allSatisfy { $0 == 0 })
    }

    @Test("the first number that is none is that of a block whose scale is none")
    func nonfiniteScale() {
        var bytes = narrow(draws(1024).map { Float($0) }, .ggmlQ4K)
        #expect(firstNonfinite(bytes.span.bytes, .ggmlQ4K) == nil)
        bytes[2 * 144 + 3] = 0x7c
        #expect(firstNonfinite(bytes.span.bytes, .ggmlQ4K) == 512)
    }

    @Test("every dtype says what its format does", arguments: DType.allCases)
    func registry(_ dtype: DType) {
        #expect((dtype.format != nil) == dtype.isDecodable)
        #expect(!dtype.isBlendable || dtype.isDecodable)
        guard let format = dtype.format as? any BlockFormat.Type else { return }
        #expect(StoredBlock(elements: format.elementCount, bytes: format.byteCount) == dtype.block)
    }

    /// What it takes to add a format: pairs of numbers that share an exponent.
    private enum Pairs: BlockFormat {
        static var elementCount: Int { 2 }
        static var byteCount: Int { 3 }

        static func widen(_ block: StoredBytes, into numbers: inout MutableSpan<Float>, at first: Int) {
            for i in 0..<2 { numbers[first + i] = Float(Int8(bitPattern: block[1 + i])) * Float(block[0]) }
        }

        static func narrow(_ numbers: Span<Float>, into block: StoredRoom) {
            block[0] = 2
            for i in 0..<2 { block[1 + i] = UInt8(bitPattern: Int8(numbers[i] / 2)) }
        }

        static func isFinite(_ block: StoredBytes) -> Bool { block[0] != 255 }
    }

    @Test("a new format is one type: whole tensors of it are read, written and looked through")
    func newFormat() {
        let numbers: [Float] = [2, -4, 6, 8, -10, 12]
        var bytes = [UInt8](repeating: 0xaa, count: 10)
        var span = bytes.mutableSpan
        var raw = span.mutableBytes
        Pairs.narrow(numbers.span, into: &raw, at: 1)
        #expect(bytes[0] == 0xaa && bytes[1...3] == [2, 1, 254])
        var back = [Float](repeating: 0, count: 6)
        var room = back.mutableSpan
        Pairs.widen(bytes.span.bytes.extracting(1..<10), into: &room)
        #expect(back == numbers)
        bytes[7] = 255
        #expect(Pairs.firstNonfinite(bytes.span.bytes.extracting(1..<10)) == 4)
    }
}

/// The bytes that `state = state · 6364136223846793005 + 1442695040888963407` has on top, from 7 on.
private func draws(_ count: Int) -> [UInt8] {
    var state: UInt64 = 7
    return (0..<count).map { _ in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return UInt8(truncatingIfNeeded: state >> 56)
    }
}

private func fnv(_ bytes: [UInt8]) -> UInt64 {
    bytes.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
}

extension UInt32 {
    fileprivate var littleEndianBytes: [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: self >> (8 * $0)) } }
}
