import Glibc
import SutureCheckpoints
import SutureTensors
import SystemPackage

/// A model stacked on itself on file systems that share blocks, against `cp --reflink=never` of the result.
enum CloneBenchmark {
    static func main(_ arguments: [String]) -> Int32 {
        do {
            let options = try BenchmarkOptions(arguments, size: 2_200_000_000, rounds: 3)
            for kind in ["xfs", "btrfs"] {
                do { try measure(kind, options) } catch let refusal as LoopDisk.Refusal {
                    print("\(kind): skipped, \(refusal)")
                }
            }
            return 0
        } catch {
            BenchmarkOptions.complain(error)
            return 1
        }
    }

    private static func measure(_ kind: String, _ options: BenchmarkOptions) throws {
        // Model, output and copy, and what file systems keep for themselves.
        try LoopDisk.with(kind, byteCount: 5 * options.size + (1 << 30), in: options.folder) { disk in
            let recipe = disk.appending("recipe.yml")
            try FileSystem.write(BuildJob.passthrough.recipe(modelBytes: options.size), to: recipe)
            let (output, copy, cache) = (disk.appending("out"), disk.appending("copy"), disk.appending("cache"))
            var runs: [ProgramRun] = []
            var copies: [Double] = []
            var taken = 0
            for round in 0...options.rounds {
                for path in [output, copy] { try FileSystem.removeTree(path) }
                let free = try settledSpace(at: disk)
                let run = try ProgramRun.build(recipe, to: output, cache: cache, options.more)
                taken = free - (try settledSpace(at: disk))
                Disk.touchFreeMemory(3 * options.size)
                let seconds = try Disk.copy(output, to: copy)
                // The first round makes the model.
                if round > 0 {
                    runs.append(run)
                    copies.append(seconds)
                }
            }
            guard let run = runs.min(by: { $0.seconds < $1.seconds }), let best = copies.min() else { return }
            let times = runs.map { hundredths($0.seconds) }.joined(separator: " ")
            print(run.line(kind, copySeconds: best) + ", the disk lost \(ByteSize.format(taken)); rounds: \(times)")
        }
    }

    /// The free bytes, once the file system has given back what was removed.
    private static func settledSpace(at disk: FilePath) throws -> Int {
        var last = -1
        while true {
            Disk.settle()
            usleep(300_000)
            let free = try FileSystem.freeSpace(at: disk)
            if free == last { return free }
            last = free
        }
    }
}
