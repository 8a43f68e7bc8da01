import SutureCheckpoints
import SutureDiagnostics
import SutureTensors
import SutureTestSupport
import SystemPackage
import Testing

@Suite("A hostile packed file is refused or read, never more", .tags(.slow), .unlessQuick)
struct HostileZstdTests {
    /// A packed safetensors file of one tensor, in frames of a few bytes.
    static func packed(frameBytes: Int = 40, planes: Bool = false) throws -> [UInt8] {
        let spec = try TensorSpec("w", .bfloat16, [8, 8])
        let layout = try SafetensorsLayout([spec], alignment: 8)
        let content = layout.header + (0..<spec.byteCount).map { UInt8($0) }
        let packer = ZstdPacker(level: 1)
        var file: [UInt8] = []
        var lengths: [(packed: Int, content: Int)] = []
        let starts = Array(stride(from: 0, to: content.count, by: frameBytes))
        if planes {
            file = SeekableLayout.planes([false] + starts.map { _ in true })
            lengths = [(file.count, 0)]
        }
        for start in starts {
            let part = Array(content[start..<min(start + frameBytes, content.count)])
            let frame = try #require(packer.pack(planes ? ZstdFrame.split(part) : part))
            file += frame
            lengths.append((frame.count, part.count))
        }
        return file + SeekableLayout.table(of: lengths)
    }

    static func codes(_ bytes: [UInt8]) throws -> [String] {
        try TemporaryDirectory.with { folder in
            switch Fuzzing.attempt({ () throws(Diagnostics) in
                try ParserFuzzTests.openWeights(bytes, as: "model.safetensors.zst", in: folder)
            }) {
            case .success: return []
            case .failure(let error): return error.all.map(\.code)
            }
        }
    }

    @Test("and a good one is read", arguments: [false, true])
    func good(planes: Bool) throws {
        #expect(try Self.codes(Self.packed(planes: planes)).isEmpty)
    }

    @Test(
        "by what its table says",
        arguments: [
            ("no footer", 0, [0, 0, 0, 0] as [UInt8]), ("a reserved bit", 4, [0x40]), ("more frames", 5, [9, 0, 0, 0]),
            ("millions of frames", 5, [0xFF, 0xFF, 0xFF, 0x00]), ("a frame of gigabytes", 9, [0xFF, 0xFF, 0xFF, 0xFF]),
            ("a frame past the end", 13, [0xFF, 0xFF, 0xFF, 0x7F]), ("a frame too short", 13, [1, 0, 0, 0]),
        ]
    )
    func table(what: String, fromEnd: Int, bytes: [UInt8]) throws {
        var file = try Self.packed()
        let place = file.count - fromEnd - 4
        let start = fromEnd == 4 ? file.count - 5 : place
        file.replaceSubrange(start..<start + bytes.count, with: bytes)
        #expect(try Self.codes(file) == ["packed-file-corrupt"], "\(what)")
    }

    @Test("that is ordinary zstd, which must be unpacked first")
    func ordinary() throws {
        let frame = try #require(ZstdPacker(level: 1).pack([UInt8](repeating: 7, count: 1000)))
        #expect(try Self.codes(frame) == ["packed-file-corrupt"])
    }

    @Test("whose frames hold more or less than the table says")
    func lengths() throws {
        let content = [UInt8](repeating: 7, count: 1000)
        let frame = try #require(ZstdPacker(level: 1).pack(content))
        for claimed in [999, 1001] {
            #expect(
                try Self.codes(frame + SeekableLayout.table(of: [(frame.count, claimed)])) == ["packed-file-corrupt"]
            )
        }
    }

    @Test("and mutated at any place")
    func fuzz() throws {
        try TemporaryDirectory.with { folder in
            let seeds = [try Self.packed(), try Self.packed(planes: true)]
            let outcome = Fuzzing.run(bytes: seeds, seed: 12, share: 20) { bytes in
                switch Fuzzing.attempt({ () throws(Diagnostics) in
                    try ParserFuzzTests.openWeights(bytes, as: "model.safetensors.zst", in: folder)
                }) {
                case .success(let weights):
                    let length = weights.file.unpackedByteCount ?? 0
                    #expect(weights.entries.allSatisfy { $0.offset + $0.spec.byteCount <= length })
                    // Frames and planes are taken apart where a tensor is read.
                    do throws(FileError) {
                        let content = try PackedFile(InputFile(weights.file.path), keeping: FrameCache())
                        for entry in weights.entries {
                            let bytes = try content.read(entry.offset..<entry.offset + entry.spec.byteCount)
                            #expect(bytes.count == entry.spec.byteCount)
                        }
                    } catch { #expect(error.path == weights.file.path) }
                    return true
                case .failure(let error):
                    #expect(error.hasErrors)
                    return false
                }
            }
            #expect(outcome.accepted > 0 && outcome.refused > 0)
        }
    }
}
