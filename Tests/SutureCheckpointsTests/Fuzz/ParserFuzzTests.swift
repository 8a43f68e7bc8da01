import SutureCheckpoints
import SutureDiagnostics
import SutureJSON
import SutureTensors
import SutureTestSupport
import SystemPackage
import Testing

@Suite("Mutated input is read or refused, never more", .tags(.slow), .unlessQuick)
struct ParserFuzzTests {
    /// Writes a file and reads where its tensors lie.
    static func openWeights(
        _ bytes: [UInt8],
        as name: String,
        in folder: FilePath
    ) throws(Diagnostics) -> WeightFile {
        let path = folder.appending(name)
        Fuzzing.overwrite(path, with: bytes)
        return try WeightFile.read(path, called: name)
    }

    @Test("by the JSON parser, whose values print and read back the same")
    func json() {
        let seeds = [
            #"{"a":[1,2.5e-7,-0,true,false,null,"x\u00e9\n\ud83d\ude00"],"b":{"c":{},"d":[]},"é":NaN,"i":-Infinity}"#,
            "[[[[1]],{\"a\":{\"b\":[\"\\\\\"]}}]]",
        ]
        let outcome = Fuzzing.run(seeds, seed: 1) { bytes in
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
        let outcome = Fuzzing.run(seeds, seed: 2) { bytes in
            switch Fuzzing.attempt({ () throws(Diagnostics) in
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
        let outcome = Fuzzing.run(seeds, seed: 3) { bytes in
            switch Fuzzing.attempt({ () throws(Diagnostics) in try ShardIndex.parse(bytes, path: "index") }) {
            case .success(let index):
                #expect(index.entries.allSatisfy { FileSystem.staysInside($0.file) })
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
        let outcome = Fuzzing.run(seeds, seed: 4) { bytes in
            let text = String(decoding: bytes, as: UTF8.self)
            let reference = CheckpointReference(parsing: text)
            #expect(reference.text == text)
            // No cache can be made here, so a model that is understood is refused by the system.
            let environment = ["SUTURE_CACHE": "/dev/null/x", "HF_HUB_CACHE": "/dev/null/x"]
            let opened = Fuzzing.attempt { () throws(Diagnostics) in
                try Checkpoint.open(reference, environment: environment)
            }
            switch opened {
            case .success: return true
            case .failure(let error):
                #expect(error.hasErrors)
                return error.all.contains { $0.code.hasPrefix("file-") }
            }
        }
        #expect(outcome.accepted > 0 && outcome.refused > 0)
    }
}
