import Glibc
import SutureCheckpoints
import SutureMerging
import SutureTestSupport
import SystemPackage
import Testing

/// `SUTURE_MEMORY=all` merges tensors larger than the memory, by each method for itself; otherwise all are in one small
/// model, and only where `SUTURE` names a fast program.
private let isThorough = getenv("SUTURE_MEMORY").map { String(cString: $0) } == "all"

@Suite(
    "The memory that a merge was given",
    .enabled(if: getenv("SUTURE") != nil && SpawnedProgram.suture != nil, "set SUTURE to a program built for release")
)
struct EveryMethodMemoryTests {
    @Test(
        "is enough for every method on any number of threads",
        arguments: isThorough ? MergeRegistry.names.map { [$0] } : [MergeRegistry.names],
        [(64, 8), (64, 1), (128, 8), (256, 16)]
    )
    func stayWithin(methods: [String], limits: (memory: Int, threads: Int)) throws {
        try TemporaryDirectory.with { folder in
            let recipe = folder.appending("recipe.yml")
            try FileSystem.write(text(methods, in: folder), to: recipe)
            let report = folder.appending("report.json")
            let more = "--threads \(limits.threads) --memory \(limits.memory)MB --json > \(report)"

            #expect(try shell("build \(recipe) -o \(folder.appending("out")) \(more)", folder) == 0)

            let peak = try JSONParser.parse(FileSystem.read(report)).object?["peak_memory"]?.int
            #expect(try #require(peak) <= limits.memory * 1_000_000, "\(methods)")
            if isThorough { print(methods[0], limits, peak ?? 0) }
        }
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
        let cache = isThorough ? FilePath("/tmp/suture-memory-cache") : folder.appending("cache")
        let environment = ["SUTURE_CACHE": cache.string, "PATH": "/usr/bin:/bin"]
        return try SpawnedProgram("/bin/sh", ["-c", "exec \(program) \(arguments)"], environment: environment).wait()
    }
}
