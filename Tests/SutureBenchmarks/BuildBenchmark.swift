import Glibc
import SutureCheckpoints
import SutureDiagnostics
import SutureExecution
import SutureKit
import SuturePlanning
import SutureTensors
import SystemPackage

/// Builds a model of some gigabytes and compares the time with that of `cp`, both until all is on the disk.
struct BuildBenchmark {
    private let job: BuildJob
    private var size = 2_200_000_000
    private var rounds = 5
    private var compares = false
    private var folder = FilePath("/tmp/suture-benchmark")
    private var movers: [Mover] = [.automatic]
    private var threads: Int?
    private var hashes = HashedBytes.written
    private var window: Int?

    /// The subcommand that builds once, in a process of its own so that its memory can be told.
    static let onceName = "build"

    static func main(_ jobs: [BuildJob], _ arguments: [String]) -> Int32 {
        do {
            for job in jobs { try BuildBenchmark(job, arguments).run() }
            return 0
        } catch {
            complain("suture-benchmarks: \(error)\n\(Benchmarks.usage)")
            return 64
        }
    }

    private struct BadArgument: Error, CustomStringConvertible {
        let description: String
    }

    static func once(_ arguments: [String]) -> Int32 {
        do {
            let benchmark = try BuildBenchmark(.passthrough, Array(arguments.dropFirst(2)))
            guard arguments.count >= 2 else { throw BadArgument(description: "a recipe and an output are missing") }
            return benchmark.build(arguments[0], arguments[1])
        } catch {
            complain("suture-benchmarks: \(error)\n\(Benchmarks.usage)")
            return 64
        }
    }

    private init(_ job: BuildJob, _ arguments: [String]) throws {
        self.job = job
        var rest = arguments[...]
        func value<Value>(_ name: String, _ parse: (String) -> Value?) throws -> Value {
            guard let text = rest.popFirst(), let value = parse(text) else {
                throw BadArgument(description: "\(name) wants a value")
            }
            return value
        }
        while let name = rest.popFirst() {
            switch name {
            case "--size": size = try value(name, ByteSize.parse)
            case "--rounds": rounds = try value(name) { Int($0) }
            case "--folder": folder = try value(name) { FilePath($0) }
            case "--threads": threads = try value(name) { Int($0) }
            case "--window": window = try value(name, ByteSize.parse)
            case "--hashes": hashes = try value(name) { HashedBytes(rawValue: $0) }
            case "--mover": movers = [try value(name) { Mover(rawValue: $0) }]
            case "--all-movers": movers = Mover.allCases
            case "--compare": compares = true
            default: throw BadArgument(description: "unknown option '\(name)'")
            }
        }
    }

    // MARK: - One build

    private func build(_ recipe: String, _ output: String) -> Int32 {
        do {
            var planning = PlanningOptions()
            planning.environment["SUTURE_CACHE"] = folder.appending("cache").string
            let surgery = try Surgery(reading: recipe, options: planning)
            let result = surgery.plan()
            guard let plan = result.plan else {
                for diagnostic in result.diagnostics { Self.complain(diagnostic.message) }
                return 1
            }
            var options = ExecutionOptions()
            options.mover = movers[0]
            options.hashes = hashes
            options.threads = threads
            if let window { options.windowByteCount = window }
            let receipt = try Execution.run(plan, into: FilePath(output), options: options)
            print(receipt.logicalBytes, receipt.physicalBytes, receipt.peakMemory ?? 0)
            return 0
        } catch {
            Self.complain("\(error)")
            return 1
        }
    }

    // MARK: - Rounds

    private func run() throws {
        try FileSystem.createFolders(folder)
        let recipe = folder.appending("recipe.yml")
        try FileSystem.write(job.recipe(modelBytes: size), to: recipe)
        print("\(job.rawValue), models in \(folder)")
        let output = folder.appending("out")
        let copy = folder.appending("copy")
        var times: [String: [Double]] = [:]
        var bytes = 0
        var notes: [String: String] = [:]
        for round in 0...rounds {
            for mover in movers {
                try prepare(clearing: [output, copy])
                var arguments = [Self.onceName, recipe.string, output.string, "--mover", mover.rawValue]
                arguments += ["--folder", folder.string]
                arguments += ["--hashes", hashes.rawValue]
                if let threads { arguments += ["--threads", "\(threads)"] }
                if let window { arguments += ["--window", "\(window)"] }
                let outcome = ChildProcess.run(ChildProcess.own, arguments)
                let numbers = outcome.output.split(whereSeparator: \.isWhitespace).compactMap { Int($0) }
                guard outcome.succeeded, numbers.count == 3 else { throw BadArgument(description: "the build failed") }
                bytes = numbers[0]
                notes[mover.rawValue] =
                    "\(ByteSize.format(numbers[1])) written, peak memory \(ByteSize.format(numbers[2]))"
                // The first round makes the models, and reads everything into the page cache.
                if round > 0 { times[mover.rawValue, default: []].append(outcome.seconds) }
            }
            guard compares else { continue }
            try prepare(clearing: [copy])
            let seconds = try Disk.copy(output, to: copy)
            if round > 0 { times["cp", default: []].append(seconds) }
        }
        report(times, bytes, notes)
        for path in [output, copy] { try FileSystem.removeTree(path) }
    }

    private func prepare(clearing paths: [FilePath]) throws {
        for path in paths { try FileSystem.removeTree(path) }
        Disk.settle()
        Disk.touchFreeMemory(3 * size)
    }

    private func report(_ times: [String: [Double]], _ bytes: Int, _ notes: [String: String]) {
        let reference = times["cp"].map(median)
        print("\(ByteSize.format(bytes)) of output, \(rounds) rounds, medians, fsync included on every side")
        for (name, seconds) in times.sorted(by: { $0.key < $1.key }) {
            let time = median(seconds)
            var line = "\(name): \(rounded(time)) s, \(Int(Double(bytes) / time / 1e6)) MB/s"
            line += " (\(seconds.map { "\(rounded($0))" }.joined(separator: " ")))"
            if let reference { line += ", \(rounded(time / reference)) of cp" }
            if let note = notes[name] { line += ", " + note }
            print(line)
        }
        // Several jobs take minutes: what is measured shows when it is, also in a file.
        fflush(nil)
    }

    private static func complain(_ text: String) {
        _ = try? FileDescriptor.standardError.writeAll((text + "\n").utf8)
    }

    private func median(_ values: [Double]) -> Double {
        let sorted = values.sorted()
        return sorted.isEmpty ? 0 : sorted[sorted.count / 2]
    }

    private func rounded(_ value: Double) -> Double { (value * 100).rounded() / 100 }
}
