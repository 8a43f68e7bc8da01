import SutureCheckpoints
import SutureDiagnostics
@testable import SutureExecution
import SutureJSON
@testable import SuturePlanning
import SutureTestSupport
import SystemPackage
import Testing

@Suite("What Suture itself wrote, mutated at any place, is read or refused, never more", .tags(.slow), .unlessQuick)
struct OwnDocumentsFuzzTests {
    @Test("a manifest, whose hash vouches for it")
    func manifest() throws {
        try Workbench.with(.llama(layers: 2)) { bench in
            try Execution.run(bench.stack([0, 1, 1], shardSize: 900), into: bench.output)
            let text = try FileSystem.read(bench.output.appending(DocumentNames.manifest))
            let body = Array(text.dropLast(Manifest.seal(of: "").utf8.count))
            let outcome = Fuzzing.run(bytes: [body], seed: 31, share: 10) { bytes in
                let sealed = bytes + Array(Manifest.seal(of: String(decoding: bytes, as: UTF8.self)).utf8)
                do throws(Diagnostic) {
                    let manifest = try Manifest(parsing: sealed, path: "manifest.json")
                    #expect(manifest.ranges.count == manifest.tensors.count)
                    #expect(manifest.tensors.allSatisfy { manifest.shards.indices.contains($0.shard) })
                    return true
                } catch {
                    #expect(!error.message.isEmpty)
                    return false
                }
            }
            #expect(outcome.accepted > 0 && outcome.refused > 0)
        }
    }

    @Test("a lock")
    func lock() throws {
        let hash = try #require(SHA256Hash(digits: String(repeating: "0a", count: 32)))
        let files = ["config.json", "+adapter_model.safetensors"].map {
            RecipeLock.File(name: $0, byteCount: 7, sha256: hash)
        }
        let lock = RecipeLock(sources: [
            RecipeLock.Source(name: "x", reference: "org/x", hubID: "org/x", revision: "main", files: files)
        ])
        let outcome = Fuzzing.run([lock.text], seed: 32) { bytes in
            do throws(Diagnostic) {
                let lock = try RecipeLock(parsing: bytes, path: "recipe.lock")
                return try RecipeLock(parsing: Array(lock.text.utf8), path: "recipe.lock") == lock
            } catch {
                #expect(!error.message.isEmpty)
                return false
            }
        }
        #expect(outcome.accepted > 0 && outcome.refused > 0)
    }

    @Test("what lies beside an output that is being written: marker, receipt and journal")
    func work() throws {
        try Workbench.with(.llama(layers: 2)) { bench in
            let plan = try bench.stack([0, 1, 1], shardSize: 900)
            let part = try #require(Part(1, of: 2))
            try Execution.run(part, of: plan, into: bench.output)
            let work = WorkFolder(in: try OutputPlace(bench.output).partial)
            let byteCounts = [900, 40]
            func journal() throws(ExecutionError) -> Journal {
                try Journal.open(
                    work.journal(part),
                    of: part,
                    fingerprint: "abc",
                    byteCounts: byteCounts,
                    calls: .system
                )
            }
            try journal().record(512, ofStretch: 0)
            let readers: [(FilePath, () throws(ExecutionError) -> Bool)] = [
                (work.marker, { () throws(ExecutionError) in try !PartMarker.read(work).parts.isEmpty }),
                (work.receipt(part), { () throws(ExecutionError) in try PartReceipt.read(work.receipt(part)) != nil }),
                (
                    work.journal(part),
                    { () throws(ExecutionError) in
                        _ = Journal.durableBytes(in: work.journal(part))
                        return try zip(journal().durableBytes, byteCounts).allSatisfy { (0...$1).contains($0) }
                    }
                ),
            ]
            for (path, read) in readers {
                let outcome = Fuzzing.run(bytes: [try FileSystem.read(path)], seed: 33, share: 30) { bytes in
                    Fuzzing.overwrite(path, with: bytes)
                    do throws(ExecutionError) { return try read() } catch {
                        #expect(!error.diagnostics.isEmpty)
                        return false
                    }
                }
                #expect(outcome.accepted > 0 && outcome.refused > 0, "\(path)")
            }
        }
    }
}
