import Glibc
import SutureCheckpoints
import SutureDiagnostics
import SutureTensors
import SutureTestSupport
import SystemPackage
import Testing

/// Inputs that are almost right: a good one with some bytes changed, cut out, doubled or taken from a word list.
///
/// `SUTURE_FUZZ=1000000 swift test --filter Fuzz` runs a million. What is tested is that a parser
/// answers at all: a trap or a hang ends the run.
@Suite("Mutated input is read or refused, never more")
struct ParserFuzzTests {
    struct Mutator {
        private var state: UInt64
        private let words: [[UInt8]] = [
            "{", "}", "[", "]", "\"", ":", ",", "\\u", "\\", "null", "-", "0", "99999999999999999999", "1e999", "NaN",
            "\"__metadata__\"", "\"F32\"", "\"F4\"", "\"shape\"", "\"dtype\"", "\"data_offsets\"", "[0,0]",
            "9223372036854775807", "18446744073709551615", "4294967296", "../", "\"weight_map\"", "é", "\u{0}",
        ].map { Array($0.utf8) }

        init(seed: UInt64) { state = seed }

        mutating func next(_ limit: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int((state >> 33) % UInt64(max(1, limit)))
        }

        mutating func mutate(_ input: [UInt8]) -> [UInt8] {
            var bytes = input
            for _ in 0...next(4) {
                let place = next(bytes.count + 1)
                let length = min(next(12), bytes.count - place)
                switch next(7) {
                case 0 where place < bytes.count: bytes[place] = UInt8(next(256))
                case 1 where place < bytes.count: bytes[place] ^= 1 << UInt8(next(8))
                case 2: bytes.removeSubrange(place..<place + length)
                case 3: bytes.insert(contentsOf: bytes[place..<place + length], at: place)
                case 4: bytes.replaceSubrange(place..<place + length, with: words[next(words.count)])
                case 5: bytes.insert(contentsOf: words[next(words.count)], at: place)
                default: bytes.removeLast(next(min(8, bytes.count + 1)))
                }
            }
            return bytes
        }
    }

    /// Whether somebody asked for a number of inputs.
    static let isAsked = getenv("SUTURE_FUZZ") != nil

    static let count = getenv("SUTURE_FUZZ").flatMap { Int(String(cString: $0)) } ?? 20_000

    /// Runs a parser on mutations of seeds, and on mutations of those it accepts.
    ///
    /// - Returns: How many inputs were accepted and how many refused.
    static func run(_ seeds: [String], seed: UInt64, _ parse: ([UInt8]) -> Bool) -> (accepted: Int, refused: Int) {
        run(bytes: seeds.map { Array($0.utf8) }, seed: seed, parse)
    }

    /// Runs a parser on mutations of seeds; of `share` inputs only one, for parsers that read files.
    ///
    /// - Returns: How many inputs were accepted and how many refused.
    static func run(
        bytes seeds: [[UInt8]],
        seed: UInt64,
        share: Int = 1,
        _ parse: ([UInt8]) -> Bool
    ) -> (accepted: Int, refused: Int) {
        var mutator = Mutator(seed: seed)
        var pool = seeds
        var (accepted, refused) = (0, 0)
        for _ in 0..<(isAsked ? count : count / share) {
            let input = mutator.mutate(pool[mutator.next(pool.count)])
            guard parse(input) else {
                refused += 1
                continue
            }
            accepted += 1
            if input.count < 16_384 {
                if pool.count < 256 {
                    pool.append(input)
                } else {
                    pool[seeds.count + mutator.next(256 - seeds.count)] = input
                }
            }
        }
        return (accepted, refused)
    }

    /// Writes a file and reads where its tensors lie.
    static func openWeights(
        _ bytes: [UInt8],
        as name: String,
        in folder: FilePath
    ) throws(Diagnostics) -> WeightFile {
        let path = folder.appending(name)
        overwrite(path, with: bytes)
        return try WeightFile.read(path, called: name)
    }

    /// Writes a file over itself, without the care that a real one is written with.
    static func overwrite(_ path: FilePath, with bytes: [UInt8]) {
        do {
            let file = try FileDescriptor.open(
                path,
                .writeOnly,
                options: [.create, .truncate],
                permissions: .ownerReadWrite
            )
            try file.closeAfter { _ = try file.writeAll(bytes) }
        } catch { Issue.record("\(error)") }
    }

    static func attempt<Value>(_ body: () throws(Diagnostics) -> Value) -> Result<Value, Diagnostics> {
        do throws(Diagnostics) { return .success(try body()) } catch { return .failure(error) }
    }

    @Test("by the JSON parser, whose values print and read back the same")
    func json() {
        let seeds = [
            #"{"a":[1,2.5e-7,-0,true,false,null,"x\u00e9\n\ud83d\ude00"],"b":{"c":{},"d":[]},"é":NaN,"i":-Infinity}"#,
            "[[[[1]],{\"a\":{\"b\":[\"\\\\\"]}}]]",
        ]
        let outcome = Self.run(seeds, seed: 1) { bytes in
            guard let value = try? JSONParser.parse(bytes, duplicateKeys: .lastWins) else { return false }
            let printed = JSONPrinter.print(value, indent: bytes.count % 2 == 0 ? nil : 2)
            let again = try? JSONParser.parse(Array(printed.utf8))
            #expect(again == value, "\(String(decoding: bytes, as: UTF8.self))")
            return true
        }
        #expect(outcome.accepted > 0 && outcome.refused > 0)
    }

    @Test("by the header parser, whose tensors cover the data once")
    func header() {
        let seeds = [
            #"{"__metadata__":{"format":"pt"},"a":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]},"b":{"dtype":"BF16","shape":[4],"data_offsets":[24,32]}}  "#,
            #"{"x":{"dtype":"F4","shape":[8,8],"data_offsets":[0,32]}}"#,
            #"{"e":{"dtype":"U8","shape":[0],"data_offsets":[32,32]},"f":{"shape":[32],"dtype":"I8","data_offsets":[0,32]}}"#,
        ]
        let outcome = Self.run(seeds, seed: 2) { bytes in
            switch Self.attempt({ () throws(Diagnostics) in
                try SafetensorsHeader.parse(bytes, dataByteCount: 32, called: "x")
            }) {
            case .success(let header):
                var end = 0
                for entry in header.entries {
                    #expect(entry.byteRange.lowerBound == end && entry.byteRange.count == entry.spec.byteCount)
                    end = entry.byteRange.upperBound
                }
                #expect(end == 32)
                return true
            case .failure(let error):
                #expect(error.hasErrors)
                #expect(error.all.count <= 21)
                return false
            }
        }
        #expect(outcome.accepted > 0 && outcome.refused > 0)
    }

    @Test("by the index parser, whose files stay in the folder")
    func index() {
        let seeds = [
            #"{"metadata":{"total_size":12.0},"weight_map":{"a":"model-00001-of-00002.safetensors","b":"sub/x.safetensors"}}"#
        ]
        let outcome = Self.run(seeds, seed: 3) { bytes in
            switch Self.attempt({ () throws(Diagnostics) in try ShardIndex.parse(bytes, path: "index") }) {
            case .success(let index):
                #expect(index.entries.allSatisfy { ShardIndex.staysInside($0.file) })
                return true
            case .failure(let error):
                #expect(error.hasErrors)
                return false
            }
        }
        #expect(outcome.accepted > 0 && outcome.refused > 0)
    }

    @Test("by whoever takes references apart")
    func references() {
        let seeds = [
            "synthetic:llama?layers=8&hidden=64&seed=1&dtype=bf16&tune=7&noise=0.5&tied=1&data=none",
            "owner/name@v1+me/lora",
            "synthetic:mixtral?experts=4&shards=3", "/a/folder/../b@c",
        ]
        let outcome = Self.run(seeds, seed: 4) { bytes in
            let text = String(decoding: bytes, as: UTF8.self)
            let reference = CheckpointReference(parsing: text)
            #expect(reference.text == text)
            // No cache can be made here, so a model that is understood is refused by the system.
            let environment = ["SUTURE_CACHE": "/dev/null/x", "HF_HUB_CACHE": "/dev/null/x"]
            switch Self.attempt({ () throws(Diagnostics) in try Checkpoint.open(reference, environment: environment) })
            {
            case .success: return true
            case .failure(let error):
                #expect(error.hasErrors)
                return error.all.contains { $0.code.hasPrefix("file-") }
            }
        }
        #expect(outcome.accepted > 0 && outcome.refused > 0)
    }
}
