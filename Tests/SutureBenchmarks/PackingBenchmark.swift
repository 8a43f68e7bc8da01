import SutureCheckpoints
import SutureExecution
import SutureTensors
import SystemPackage

/// Packing a model and restoring it, against `cp` of the model.
enum PackingBenchmark {
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
        let recipe = options.folder.appending("recipe.yml")
        try FileSystem.write(BuildJob.passthrough.recipe(modelBytes: options.size), to: recipe)
        let paths = ["model", "packed", "restored", "copy"].map { options.folder.appending($0) }
        for path in paths { try FileSystem.removeTree(path) }
        defer { for path in paths { try? FileSystem.removeTree(path) } }
        let model = try ProgramRun.build(recipe, to: paths[0], cache: options.folder.appending("cache"))
        var times: [String: [Double]] = [:]
        var bytes: [String: Int] = [:]
        for _ in 0..<options.rounds {
            for (name, more) in [("plain", []), ("planes", ["--planes"])] {
                for path in paths[1...] { try FileSystem.removeTree(path) }
                times["cp", default: []].append(try copying(paths[0], to: paths[3], bytes: model.bytes))
                let packing = ["pack", paths[0].string, "-o", paths[1].string] + more
                times["pack \(name)", default: []].append(try run(packing, model.bytes))
                bytes["pack \(name)"] = try size(of: paths[1])
                let unpacking = ["unpack", paths[1].string, "-o", paths[2].string]
                times["unpack \(name)", default: []].append(try run(unpacking, model.bytes))
            }
        }
        let reference = times["cp"]?.median ?? 1
        print("\(ByteSize.format(model.bytes)) of weights, \(options.rounds) rounds, medians, fsync included")
        for (name, seconds) in times.sorted(by: { $0.key < $1.key }) {
            let time = seconds.median
            let rate = Int(Double(model.bytes) / time / 1e6)
            let packed = bytes[name].map { ", \(ByteSize.format($0)) written" } ?? ""
            print("\(name): \(hundredths(time)) s, \(rate) MB/s, \(hundredths(time / reference)) of cp\(packed)")
        }
    }

    private static func copying(_ source: FilePath, to target: FilePath, bytes: Int) throws -> Double {
        Disk.settle()
        Disk.touchFreeMemory(bytes)
        return try Disk.copy(source, to: target)
    }

    private static func run(_ arguments: [String], _ bytes: Int) throws -> Double {
        Disk.settle()
        Disk.touchFreeMemory(bytes)
        let program = FilePath(ChildProcess.own).removingLastComponent().appending("suture")
        let outcome = ChildProcess.run(program.string, arguments)
        guard outcome.succeeded else { throw ProgramRun.Failure(description: "'suture \(arguments[0])' failed") }
        return outcome.seconds
    }

    private static func size(of folder: FilePath) throws -> Int {
        try FileSystem.list(folder).reduce(0) { sum, name in
            sum + (try FileSystem.identity(of: folder.appending(name))?.byteCount ?? 0)
        }
    }
}
