import SutureCheckpoints
import SutureTensors
import SystemPackage

/// Outputs of 1, 2, 4 and 8 times a size: time should grow with them, and memory should not.
enum GrowthBenchmark {
    static func main(_ arguments: [String]) -> Int32 {
        do {
            try measure(BenchmarkOptions(arguments, size: 1_000_000_000, rounds: 3))
            return 0
        } catch {
            BenchmarkOptions.complain(error)
            return 1
        }
    }

    private static func measure(_ options: BenchmarkOptions) throws {
        try FileSystem.createFolders(options.folder)
        let (output, copy) = (options.folder.appending("out"), options.folder.appending("copy"))
        let cache = options.folder.appending("cache")
        for factor in [1, 2, 4, 8] {
            let recipe = options.folder.appending("growth-\(factor).yml")
            try FileSystem.write(text(outputBytes: factor * options.size), to: recipe)
            var runs: [ProgramRun] = []
            var copies: [Double] = []
            for round in 0...options.rounds {
                for path in [output, copy] { try FileSystem.removeTree(path) }
                settle(factor * options.size)
                let run = try ProgramRun.build(recipe, to: output, cache: cache, options.more)
                settle(factor * options.size)
                let seconds = try Disk.copy(output, to: copy)
                // The first round makes the model, and reads it into the page cache.
                if round > 0 {
                    runs.append(run)
                    copies.append(seconds)
                }
            }
            let sorted = runs.sorted { $0.seconds < $1.seconds }
            guard !sorted.isEmpty else { continue }
            let run = sorted[sorted.count / 2]
            let perGigabyte = run.seconds / Double(run.bytes) * 1e9
            let line = run.line(ByteSize.format(run.bytes), copySeconds: copies.median)
            print(line + ", \(hundredths(perGigabyte)) s for each GB")
        }
        for path in [output, copy] { try FileSystem.removeTree(path) }
    }

    private static func settle(_ byteCount: Int) {
        Disk.settle()
        Disk.touchFreeMemory(byteCount)
    }

    /// The first layers of one model, which is the same for all sizes, again and again.
    private static func text(outputBytes: Int) -> String {
        // Four layers of 67 MB each, and an embedding and a head of 65 MB.
        let model = "synthetic:llama?layers=4&hidden=2048&heads=16&kv=16&mlp=8192&vocab=16000&dtype=bf16&seed=1"
        let layerBytes = (4 * 2048 * 2048 + 3 * 2048 * 8192 + 2 * 2048) * 2
        let layers = max(1, (outputBytes - 2 * 16000 * 2048 * 2) / layerBytes)
        let parts = (0..<(layers + 3) / 4).map { "\"m[0:\(min(4, layers - 4 * $0))]\"" }
        return """
            slicegraph: 1
            inputs: {m: "\(model)"}
            graph: {out: {stack: [\(parts.joined(separator: ", "))]}}

            """
    }
}
