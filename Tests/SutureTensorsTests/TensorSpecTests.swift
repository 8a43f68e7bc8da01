import SutureTensors
import Testing

@Suite("Tensor specs")
struct TensorSpecTests {
    @Test("count bytes by dtype", arguments: DType.inSafetensors)
    func countBytes(dtype: DType) throws {
        #expect(try TensorSpec("x", dtype, [4, 2]).byteCount == dtype.bitWidth)
    }

    @Test("refuse sizes that overflow")
    func refuseOverflow() {
        #expect(throws: TensorSpecError.tooLarge(name: "x", shape: [Int.max, 2])) {
            try TensorSpec("x", .uint8, [Int.max, 2])
        }
    }

    @Test("refuse elements that end inside a byte")
    func refuseHalfBytes() {
        #expect(throws: TensorSpecError.endsInsideBlock(name: "x", dtype: .float4, shape: [3])) {
            try TensorSpec("x", .float4, [3])
        }
    }

    @Test("a dimension of zero makes an empty tensor, whatever the others are")
    func emptyTensor() throws {
        #expect(try TensorSpec("x", .float32, [Int.max, Int.max, 0]).byteCount == 0)
    }
}

@Suite("Byte sizes")
struct ByteSizeTests {
    @Test(
        "are read as people write them",
        arguments: [("5GB", 5_000_000_000), ("500 MB", 500_000_000), ("1.5GiB", 1_610_612_736), ("4096", 4096)]
    )
    func areRead(text: String, bytes: Int) {
        #expect(ByteSize.parse(text) == bytes)
    }

    @Test("are refused when they say nothing", arguments: ["", "GB", "5XB", "-1GB", "1e99TB", "99999999TB", "1.2.3MB"])
    func areRefused(text: String) {
        #expect(ByteSize.parse(text) == nil)
    }

    @Test(
        "are printed in the largest fitting unit",
        arguments: [
            (0, "0 bytes"), (999, "999 bytes"), (1_000, "1.0 kB"), (999_999, "1.0 MB"), (15_340_000_000, "15.3 GB"),
        ]
    )
    func arePrinted(bytes: Int, text: String) {
        #expect(ByteSize.format(bytes) == text)
    }
}

@Suite("Blocks of numbers")
struct StoredBlockTests {
    @Test("hold elements in whole bytes", arguments: DType.inSafetensors)
    func whole(dtype: DType) {
        let block = dtype.block
        #expect(block.byteCount * 8 == dtype.bitWidth * block.elementCount)
        #expect(block.bytes(of: 3 * block.elementCount) == 3 * block.byteCount)
        #expect((dtype.elementByteCount == nil) == (block.elementCount > 1))
    }

    @Test("are read whole where a range begins or ends inside one")
    func ranges() {
        let block = StoredBlock(elements: 32, bytes: 34)
        #expect(block.bytes(of: 0..<32) == 0..<34)
        #expect(block.bytes(of: 31..<65) == 0..<102)
        #expect(block.bytes(of: 64..<64) == 68..<68)
        #expect(block.bytes(of: 33) == nil)
        #expect(block.bytes(of: Int.max / 32 * 32) == nil)
    }
}
