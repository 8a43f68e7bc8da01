import SutureCheckpoints
import SutureDiagnostics
import SutureTensors
import SutureTestSupport
import SystemPackage
import Testing

@Suite("A hostile torch file is refused by file, and by tensor where one is to blame", .tags(.slow), .unlessQuick)
struct HostileTorchTests {
    @Test("and a good one of the same make is read")
    func good() throws {
        #expect(try TorchFileTests.codes(TinyTorchFile().bytes).isEmpty)
        var large = TinyTorchFile()
        large.isLarge = true
        #expect(try TorchFileTests.codes(large.bytes).isEmpty)
    }

    @Test("for a large archive whose directory lies about where it is")
    func largeLies() throws {
        var file = TinyTorchFile()
        file.isLarge = true
        let whole = file.bytes
        // From the end: the usual record of 22 bytes, the locator of 20 and the large record of 56.
        for (place, value) in [(98 - 48, 1 << 40), (98 - 40, 1 << 62), (98 - 32, 1 << 40), (34, 1 << 50), (34, -1)] {
            var bytes = whole
            let start = bytes.count - place
            bytes.replaceSubrange(start..<start + 8, with: Pickle.number(value, 8))
            #expect(try TorchFileTests.codes(bytes) == ["torch-bad-zip"], "\(place) \(value)")
        }
    }

    static let forbiddenNames: [(String, String)] = [
        ("os", "system"), ("posix", "system"), ("builtins", "eval"), ("builtins", "getattr"), ("__builtin__", "exec"),
        ("torch", "load"), ("torch.storage", "_load_from_bytes"), ("torch._utils", "_rebuild_sparse_tensor"),
        ("subprocess", "Popen"), ("numpy.core.multiarray", "scalar"), ("torch.hub", "load"), ("", ""),
        ("collections", "OrderedDict.__reduce__"), ("torch", "FloatStorage.from_file"),
    ]

    @Test("for a name that weights do not need", arguments: forbiddenNames)
    func names(module: String, name: String) throws {
        let call = Pickle.global(module, name) + Pickle.tuple([Pickle.text("rm -rf /")]) + Pickle.reduce
        let file = TinyTorchFile(pickle: Pickle.tensor(call))
        try TemporaryDirectory.with { folder in
            let error = try #require(throws: Diagnostics.self) { try TorchFileTests.open(file.bytes, in: folder) }
            let found = try #require(error.all.first)
            #expect(found.code == "torch-bad-pickle" && found.message.contains("'\(module).\(name)'"))
        }
    }

    static let badPickles: [(String, [UInt8])] = [
        ("empty", []), ("only its version", Pickle.proto), ("of another protocol", [0x80, 4] + Pickle.stop),
        ("a stop on nothing", Pickle.proto + Pickle.stop), ("an unknown opcode", Pickle.proto + [0xFF]),
        ("an old opcode with text", Pickle.proto + Array("S'os.system'\n.".utf8)),
        ("a tuple without a mark", Pickle.proto + [0x74, 0x2E]),
        ("a text longer than the file", Pickle.proto + [0x58, 0xFF, 0xFF, 0xFF, 0xFF]),
        ("an unknown memo", Pickle.proto + [0x68, 9, 0x2E]),
        ("a call of a number", Pickle.proto + Pickle.int(1) + Pickle.emptyTuple + Pickle.reduce + Pickle.stop),
        ("a call of a type", Pickle.tensor(Pickle.global("torch", "FloatStorage") + Pickle.emptyTuple + Pickle.reduce)),
        ("items for a number", Pickle.proto + Pickle.int(1) + Pickle.int(1) + [0x61, 0x2E]),
        ("an odd number of items", Pickle.proto + [0x7D, 0x28] + Pickle.int(1) + [0x75, 0x2E]),
        ("a state for a number", Pickle.proto + Pickle.int(1) + Pickle.int(1) + [0x62, 0x2E]),
        (
            "a storage of two parts",
            Pickle.proto + Pickle.tuple([Pickle.text("storage"), Pickle.int(1)]) + [0x51, 0x2E]
        ),
        ("a name without an end", Pickle.proto + [0x63] + [UInt8](repeating: 0x61, count: 5000)),
        ("negative sizes", Pickle.tensor(Pickle.view(sizes: [-2, 3]))),
        ("more strides than sizes", Pickle.tensor(Pickle.view(strides: [3, 1, 1]))),
        ("a view of no storage", Pickle.tensor(Pickle.view(storage: Pickle.int(4)))),
        ("a million marks", Pickle.proto + [UInt8](repeating: 0x28, count: 1_000_000)),
    ]

    @Test("for a pickle that is", arguments: badPickles)
    func pickles(what: String, pickle: [UInt8]) throws {
        #expect(try TorchFileTests.codes(TinyTorchFile(pickle: pickle).bytes) == ["torch-bad-pickle"], "\(what)")
    }

    @Test("for containers in themselves and in each other without end, which hold no tensor")
    func loops() throws {
        // A list that holds itself; a tuple in a tuple, a million times; a dict that is its own state dict.
        let own = Pickle.proto + [0x5D, 0x71, 0, 0x68, 0, 0x61, 0x2E]
        let deep = Pickle.proto + Pickle.emptyTuple + [UInt8](repeating: 0x85, count: 1_000_000) + Pickle.stop
        let circle = Pickle.proto + [0x7D, 0x71, 0] + Pickle.text("model") + [0x68, 0, 0x73] + Pickle.stop
        for pickle in [own, deep, circle] {
            #expect(try TorchFileTests.codes(TinyTorchFile(pickle: pickle).bytes) == ["torch-no-state-dict"])
        }
    }

    @Test("for a pickle that makes much of little")
    func doubling() throws {
        // Each OrderedDict is made of one list of pairs, kept in the memo: 4 bytes for a copy of it.
        let pair = Pickle.tuple([Pickle.text("k"), Pickle.int(1)])
        let pairs: [UInt8] = Array(repeatElement(pair, count: 20_000).joined())
        let list: [UInt8] = [0x5D, 0x71, 1, 0x28] + pairs + [0x65, 0x85, 0x71, 2]
        let dict: [UInt8] = Pickle.global("collections", "OrderedDict") + [0x71, 3]
        let copies: [UInt8] = Array(repeatElement([0x68, 3, 0x68, 2, 0x52], count: 5_000).joined())
        let pickle = Pickle.proto + list + dict + copies + Pickle.stop
        #expect(try TorchFileTests.codes(TinyTorchFile(pickle: pickle).bytes) == ["torch-bad-pickle"])
    }

    static let badViews: [(String, [UInt8], String)] = [
        ("past the end", Pickle.view(offset: 1), "torch-view-outside"),
        ("far past it", Pickle.view(offset: .max), "torch-view-outside"),
        ("with a stride past the end", Pickle.view(strides: [4, 1]), "torch-view-outside"),
        ("with a stride that overflows", Pickle.view(strides: [.max, 1]), "torch-view-outside"),
        ("of more than can be counted", Pickle.view(sizes: [.max, .max]), "torch-impossible-tensor"),
        ("that repeats one number", Pickle.view(sizes: [1 << 40, 3], strides: [0, 1]), "torch-view-repeats"),
        ("of a storage that is not there", Pickle.view(storage: Pickle.storage(key: "7")), "torch-storage-missing"),
        ("of a storage outside", Pickle.view(storage: Pickle.storage(key: "../version")), "torch-storage-missing"),
        ("of a storage that claims more", Pickle.view(storage: Pickle.storage(count: 7)), "torch-storage-size"),
        ("of one that claims all", Pickle.view(storage: Pickle.storage(count: .max)), "torch-storage-size"),
    ]

    @Test("for a view", arguments: badViews)
    func views(what: String, view: [UInt8], code: String) throws {
        try TemporaryDirectory.with { folder in
            let file = TinyTorchFile(pickle: Pickle.tensor(view))
            let error = try #require(throws: Diagnostics.self) { try TorchFileTests.open(file.bytes, in: folder) }
            #expect(error.all.map(\.code) == [code], "\(what)")
            guard case .file(_, let tensor)? = error.all.first?.place else { return }
            #expect(tensor == "w")
        }
    }

    static let directoryLies: [(String, String, Int, [UInt8])] = [
        ("compressed", "x/data/0", 10, [8, 0]), ("encrypted", "x/data/0", 8, [1, 0]),
        ("two sizes", "x/data/0", 20, Pickle.number(4, 4)),
        ("past the end", "x/data/0", 20, Pickle.number(1 << 20, 4) + Pickle.number(1 << 20, 4)),
        ("a header elsewhere", "x/data/0", 42, Pickle.number(3, 4)),
        ("a header past the end", "x/data/0", 42, Pickle.number(0xFFFF_FF00, 4)),
        ("over another", "x/data/0", 42, Pickle.number(0, 4)),
        ("no such record", "x/data/0", 0, [0, 0, 0, 0]),
        ("a name longer than the directory", "x/version", 28, [255, 255]),
        ("no text", "x/version", 46, [0xFF, 0xFE]),
    ]

    @Test("for an archive whose directory lies", arguments: directoryLies)
    func lies(what: String, entry: String, place: Int, bytes: [UInt8]) throws {
        var file = TinyTorchFile()
        file.lies[entry] = [(place, bytes)]
        #expect(try TorchFileTests.codes(file.bytes) == ["torch-bad-zip"], "\(what)")
    }

    @Test("for an archive of entries that overlap, share a name, or hold no pickle or two")
    func archives() throws {
        var twice = TinyTorchFile()
        twice.entries.append(("x/data/0", [1]))
        #expect(try TorchFileTests.codes(twice.bytes) == ["torch-bad-zip"])
        var none = TinyTorchFile()
        none.entries.removeFirst()
        #expect(try TorchFileTests.codes(none.bytes) == ["torch-no-pickle"])
        var two = TinyTorchFile()
        two.entries.append(("y/data.pkl", Pickle.tensor()))
        #expect(try TorchFileTests.codes(two.bytes) == ["torch-no-pickle"])
        #expect(try TorchFileTests.codes(TinyTorchFile(byteOrder: "big").bytes) == ["torch-big-endian"])
        let whole = TinyTorchFile().bytes
        for length in stride(from: 4, to: whole.count, by: 7) {
            #expect(try TorchFileTests.codes(Array(whole[..<length])) == ["torch-bad-zip"], "\(length)")
        }
    }

    static func stream(_ change: (inout TinyTorchStream) -> Void) -> [UInt8] {
        var stream = TinyTorchStream()
        change(&stream)
        return stream.bytes
    }

    static let badStreams: [(String, [UInt8], String)] = [
        ("of another protocol", stream { $0.protocolVersion = 1002 }, "torch-bad-pickle"),
        ("of a machine of other order", stream { $0.isLittleEndian = false }, "torch-big-endian"),
        ("that calls what it should not", stream { $0.pickle = Pickle.global("os", "system") }, "torch-bad-pickle"),
        ("whose storage is listed twice", stream { $0.keys = ["0", "0"] }, "torch-bad-stream"),
        ("whose storage is not listed", stream { $0.keys = [] }, "torch-storage-missing"),
        ("that lists a storage of nothing", stream { $0.keys = ["0", "1"] }, "torch-bad-stream"),
        ("whose storage claims more", stream { $0.count = 7 }, "torch-bad-stream"),
        ("whose storage claims all", stream { $0.count = .max }, "torch-bad-stream"),
        ("whose storage claims less than none", stream { $0.count = -1 }, "torch-bad-stream"),
        ("whose storage has less", stream { $0.count = 5 }, "torch-storage-size"),
        ("of a number", stream { $0.pickle = Pickle.proto + Pickle.int(1) + Pickle.stop }, "torch-bad-stream"),
        ("of a storage in two kinds", stream { $0.pickle = twoKinds }, "torch-bad-stream"),
        ("of a part of a storage", stream { $0.pickle = partOfStorage }, "torch-bad-pickle"),
    ]

    private static let twoKinds: [UInt8] = {
        let half = Pickle.view(storage: Pickle.storage("HalfStorage"))
        let members = Pickle.text("v") + half + [0x73] + Pickle.text("w") + Pickle.view() + [0x73]
        return Pickle.proto + [0x7D] + members + Pickle.stop
    }()

    private static let partOfStorage: [UInt8] = {
        let part = Pickle.tuple([Pickle.text("1"), Pickle.int(0), Pickle.int(6)])
        let id = [Pickle.text("storage"), Pickle.global("torch", "FloatStorage"), Pickle.text("0"), Pickle.text("cpu")]
        return Pickle.tensor(Pickle.view(storage: Pickle.tuple(id + [Pickle.int(6), part]) + [0x51]))
    }()

    @Test("for a row of pickles", arguments: badStreams)
    func streams(what: String, bytes: [UInt8], code: String) throws {
        #expect(try TorchFileTests.codes(bytes) == [code], "\(what)")
    }

    @Test("for a row of pickles cut short anywhere, and one that is whole is read")
    func cutStreams() throws {
        let whole = TinyTorchStream().bytes
        #expect(try TorchFileTests.codes(whole).isEmpty)
        for length in stride(from: 14, to: whole.count, by: 3) {
            let codes = try TorchFileTests.codes(Array(whole[..<length]))
            #expect(codes == ["torch-bad-pickle"] || codes == ["torch-bad-stream"], "\(length): \(codes)")
        }
    }

    @Test("for a row of pickles without an end, however long the file")
    func endless() throws {
        let texts: [UInt8] = Array(repeatElement(Pickle.text("abcdefgh"), count: 200_000).joined())
        let stream = Self.stream { $0.pickle = Pickle.proto + Pickle.mark + texts }
        #expect(try TorchFileTests.codes(stream) == ["torch-bad-pickle"])
    }

    @Test("and mutated at any place it is refused or read, never more")
    func fuzz() throws {
        let seeds = [
            TinyTorchFile().bytes, try TorchFileTests.fixture("every-kind.bin"), TinyTorchStream().bytes,
            try TorchFileTests.fixture("every-kind-1.5.bin"),
        ]
        try TemporaryDirectory.with { folder in
            let outcome = Fuzzing.run(bytes: seeds, seed: 11, share: 20) { bytes in
                switch Fuzzing.attempt({ () throws(Diagnostics) in
                    try ParserFuzzTests.openWeights(bytes, as: "pytorch_model.bin", in: folder)
                }) {
                case .success(let weights):
                    for entry in weights.entries {
                        let reach = entry.strides.map { StridedLayout.reach(of: entry.spec, strides: $0) }
                        let end = entry.offset + ((reach ?? entry.spec.byteCount) ?? .max / 2)
                        #expect(end <= bytes.count)
                    }
                    return true
                case .failure(let error):
                    #expect(error.hasErrors && error.all.count <= 21)
                    return false
                }
            }
            #expect(outcome.accepted > 0 && outcome.refused > 0)
        }
    }
}
