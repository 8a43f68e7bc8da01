import Glibc
import SutureCheckpoints
import SutureJSON
import SutureKit
import SutureMerging
import SutureTestSupport
import SystemPackage
import Testing

/// `SUTURE_MEMORY=all` merges tensors larger than the memory, by each method for itself; otherwise all are in one small
/// model, and only where `SUTURE` names a fast program.
private let isThorough = getenv("SUTURE_MEMORY").map { String(cString: $0) } == "all"

@Suite(
    "The memory that a merge was given",
    .tags(.slow),
    .unlessQuick,
    .enabled(if: getenv("SUTURE") != nil && SpawnedProgram.suture != nil, "set SUTURE to a program built for release")
)
struct EveryMethodMemoryTests {
    @Test(
        "is enough for every method on any number of threads",
        arguments: isThorough ? MergeRegistry.standard.names.map { [$0] } : [MergeRegistry.standard.names],
        [(64, 8), (64, 1), (128, 8), (256, 16)]
    )
    func stayWithin(methods: [String], limits: (memory: Int, threads: Int)) throws {
        try TemporaryDirectory.with { folder in
            let recipe = folder.appending("recipe.yml")
            try FileSystem.write(text(methods, in: folder), to: recipe)
            var memory = limits.memory * 1_000_000
            var peak = try peakMemory(of: recipe, memory, limits.threads)
            if case .refused(let least) = peak {
                // What needs more says so, and keeps to what it asked for.
                #expect(least > memory)
                memory = least
                peak = try peakMemory(of: recipe, memory, limits.threads)
            }
            guard case .taken(let bytes) = peak else {
                Issue.record("\(methods): \(peak)")
                return
            }
            #expect(bytes <= memory, "\(methods)")
            if isThorough { print(methods[0], limits, memory, bytes) }
        }
    }

    /// What became of a build.
    private enum Peak {
        case taken(Int)
        case refused(least: Int)
        case failed(String)
    }

    private func peakMemory(of recipe: FilePath, _ memory: Int, _ threads: Int) throws -> Peak {
        let folder = recipe.removingLastComponent()
        let (report, words) = (folder.appending("report.json"), folder.appending("words"))
        let options = "--force --threads \(threads) --memory \(memory) --json > \(report) 2> \(words)"
        if try shell("build \(recipe) -o \(folder.appending("out")) \(options)", folder) == 0 {
            return .taken(try JSONParser.parse(FileSystem.read(report)).object?["peak_memory"]?.int ?? .max)
        }
        let text = String(decoding: try FileSystem.read(words), as: UTF8.self)
        guard let least = text.firstMatch(of: /the build needs (\d+)\.0 MB of memory/) else { return .failed(text) }
        return .refused(least: (Int(least.1) ?? 0) * 1_000_000)
    }

    /// A model in which each layer is merged by another method, as the program's own example of it says.
    private func text(_ methods: [String], in folder: FilePath) throws -> String {
        let size = isThorough ? "hidden=4096&mlp=11008" : "hidden=256&mlp=704"
        let model = "synthetic:llama?layers=\(methods.count)&\(size)&heads=4&vocab=1000&dtype=bf16&seed=1"
        let inputs = ["base", "a", "b", "c"].enumerated().map { "\($1): \"\(model)&tune=\($0 + 2)\"" }
        let nodes = try methods.map { method in
            let page = folder.appending(method)
            #expect(try shell("methods \(method) > \(page)", folder) == 0)
            let lines = String(decoding: try FileSystem.read(page), as: UTF8.self).split(separator: "\n")
            return "  by_\(method): {\(lines.last ?? "")}"
        }
        let layers = methods.enumerated().map { "\"by_\($1)[\($0):\($0 + 1)]\"" }
        return """
            slicegraph: 1
            inputs: {\(inputs.joined(separator: ", "))}
            graph:
              merged: {blend: {method: linear, inputs: [{from: a, weight: 0.6}, {from: b, weight: 0.4}]}}
            \(nodes.joined(separator: "\n"))
              out: {stack: [\(layers.joined(separator: ", "))]}
            output: {dtype: bfloat16, ends: {embed: base, norm: base, head: base}}

            """
    }

    private func shell(_ arguments: String, _ folder: FilePath) throws -> Int32? {
        let program = try #require(SpawnedProgram.suture)
        let cache = isThorough ? TemporaryDirectory.base.appending("suture-memory-cache") : folder.appending("cache")
        let environment = ["SUTURE_CACHE": cache.string, "PATH": "/usr/bin:/bin"]
        return try SpawnedProgram("/bin/sh", ["-c", "exec \(program) \(arguments)"], environment: environment).wait()
    }
}
