import SutureCheckpoints
import SutureDiagnostics
import SutureTensors
import Testing

@Suite("A safetensors layout")
struct SafetensorsLayoutTests {
    static let specs: [TensorSpec] = [
        ("b.weight", DType.bfloat16, [3, 5] as Shape), ("a \"quoted\" näme", .float32, [2]), ("scalar", .int64, []),
        ("empty", .float16, [0, 7]),
    ].compactMap { try? TensorSpec($0.0, $0.1, $0.2) }

    @Test("is what a reader finds", arguments: [8, 64, 4096], [0, 8, 56])
    func readsBack(alignment: Int, residue: Int) throws {
        let layout = try SafetensorsLayout(Self.specs, alignment: alignment, residue: residue % alignment)
        let text = Array(layout.header.dropFirst(8))
        let data = layout.byteCount - layout.dataStart
        let header = try SafetensorsHeader.parse(text, dataByteCount: data, called: "x")
        #expect(header.entries == layout.entries)
        #expect(header.metadata == ["format": "pt"])
        #expect(header.dataStart == layout.dataStart)
        #expect(layout.dataStart % alignment == residue % alignment)
        #expect(layout.dataStart % 8 == 0)
        #expect(layout.offset(of: 1) == layout.dataStart + 30)
    }

    @Test("is byte for byte what the format says")
    func bytes() throws {
        let specs = [try TensorSpec("w", .bfloat16, [1, 2])]
        let layout = try SafetensorsLayout(specs, alignment: 8)
        let text = #"{"__metadata__":{"format":"pt"},"w":{"dtype":"BF16","shape":[1,2],"data_offsets":[0,4]}}"#
        #expect(layout.header == [UInt8(text.utf8.count), 0, 0, 0, 0, 0, 0, 0] + Array(text.utf8))
        #expect(layout.byteCount == 8 + text.utf8.count + 4)
    }

    @Test("has no two tensors of one name, nor one of the format's own")
    func names() throws {
        let twice = [try TensorSpec("w", .bool, [1]), try TensorSpec("w", .bool, [2])]
        #expect(throws: SafetensorsLayoutError.duplicateName("w")) { try SafetensorsLayout(twice) }
        let own = [try TensorSpec("__metadata__", .bool, [1])]
        #expect(throws: SafetensorsLayoutError.duplicateName("__metadata__")) { try SafetensorsLayout(own) }
    }

    @Test("does not overflow")
    func overflow() throws {
        let specs = try (0..<3).map { try TensorSpec("w\($0)", .uint8, [Int.max / 8]) }
        let many = try (0..<9).map { try TensorSpec("w\($0)", .uint8, [Int.max / 8]) }
        #expect(try SafetensorsLayout(specs).byteCount > Int.max / 3)
        #expect(throws: SafetensorsLayoutError.tooLarge) { try SafetensorsLayout(many) }
    }
}

@Suite("A shard index")
struct ShardIndexTests {
    @Test("is printed as transformers prints it, and read back")
    func printed() throws {
        let entries = [
            ShardIndex.Entry(tensor: "b", file: "model-00002-of-00002.safetensors"),
            ShardIndex.Entry(tensor: "a.Z", file: "model-00001-of-00002.safetensors"),
            ShardIndex.Entry(tensor: "a.1", file: "model-00001-of-00002.safetensors"),
        ]
        let index = ShardIndex(entries, totalParameters: 7, totalSize: 14)
        #expect(
            index.text == """
                {
                  "metadata": {
                    "total_parameters": 7,
                    "total_size": 14
                  },
                  "weight_map": {
                    "a.1": "model-00001-of-00002.safetensors",
                    "a.Z": "model-00001-of-00002.safetensors",
                    "b": "model-00002-of-00002.safetensors"
                  }
                }

                """
        )
        let read = try ShardIndex.parse(Array(index.text.utf8), path: "index")
        #expect(read.entries == [entries[2], entries[1], entries[0]])
        #expect(read.metadata == index.metadata)
    }

    @Test(
        "tells names inside the folder from others",
        arguments: [
            ("model.safetensors", true), ("sub/model.safetensors", true), ("..model", true), ("../x", false),
            ("/x", false),
            ("a/../../x", false), ("", false), ("a//b", false), ("./x", false), ("a/", false), ("x\0y", false),
            ("..", false),
        ]
    )
    func inside(name: String, isInside: Bool) {
        #expect(FileSystem.staysInside(name) == isInside)
    }

    @Test(
        "names shards as people know them",
        arguments: [
            (1, 1, "model.safetensors"), (3, 12, "model-00003-of-00012.safetensors"),
            (123_456, 200_000, "model-123456-of-200000.safetensors"),
        ]
    )
    func names(number: Int, count: Int, name: String) {
        #expect(SafetensorsFormat.naming.name(ofShard: number, of: count) == name)
        if count > 1 { #expect(SafetensorsFormat.naming.shard(name)?.number == number) }
    }

    @Test(
        "knows no shard by another spelling",
        arguments: [
            "model-1-of-2.safetensors", "model-00001-of-00002.bin", "model.safetensors",
            "model-00001-of-00002-x.safetensors", "model-.safetensors", "model--of-.safetensors",
            "model-٠٠٠٠١-of-00002.safetensors",
        ]
    )
    func otherNames(name: String) {
        #expect(SafetensorsFormat.naming.shard(name) == nil)
    }
}
