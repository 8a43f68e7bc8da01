import SutureCheckpoints
import SutureJSON
import SystemPackage

/// Something that the program does on a disk that may fail.
enum FaultJob: String, CaseIterable, Sendable {
    /// Makes a model where nothing is.
    case build
    /// Makes a model in place of another.
    case replace
    /// Makes a model and packs its weights.
    case pack
    /// Writes the second of two parts, after the first.
    case part
    /// Makes a model of two parts.
    case finish

    /// Whether what is left behind by a failure is for the next run to go on with, asked or not.
    var alwaysResumes: Bool { self == .part || self == .finish }

    /// Whether the model is there when it is done.
    var makesOutput: Bool { self != .part }

    /// The command that is disturbed; the same again goes on with what a failure left.
    func command(_ bench: FaultBench, resumes: Bool = true) -> [String] {
        let limits = ["-o", bench.output.string, "--threads", "1"]
        let more = resumes ? ["--resume"] : []
        let build = ["build", bench.recipe.string, "--shard-size", "8kB"] + limits + more
        return switch self {
        case .build: build
        case .replace: build + ["--force"]
        case .pack: build + ["--compress", "zstd"]
        case .part: ["run", bench.plan.string, "--part", "2/2"] + limits
        case .finish: ["finish", bench.plan.string, "-o", bench.output.string]
        }
    }

    /// What is done before, undisturbed.
    func preparations(_ bench: FaultBench) -> [[String]] {
        let plan = ["plan", bench.recipe.string, "--shard-size", "8kB", "-o", bench.plan.string]
        func run(_ part: Int) -> [String] {
            ["run", bench.plan.string, "--part", "\(part)/2", "-o", bench.output.string, "--threads", "1"]
        }
        return switch self {
        case .build, .replace, .pack: []
        case .part: [plan, run(1)]
        case .finish: [plan, run(1), run(2)]
        }
    }

    /// What is done after it, undisturbed, for the model to be there.
    func conclusions(_ bench: FaultBench) -> [[String]] {
        self == .part ? [FaultJob.finish.command(bench)] : []
    }

    /// What bears the output's name before.
    var before: [String: [UInt8]] {
        self == .replace ? ["out/config.json": Array("{\"old\": 1}".utf8), "out/deep/old.bin": [1, 2, 3]] : [:]
    }
}
