import SutureCheckpoints
import SystemPackage

/// Something that the program does on a disk that may fail.
enum FaultJob: String, CaseIterable, Sendable {
    /// Makes a model where nothing is.
    case build
    /// Makes a model in place of another.
    case replace
    /// Makes a model and packs its weights.
    case pack

    /// The command that is disturbed; the same again goes on with what a failure left.
    func command(_ bench: FaultBench, resumes: Bool = true) -> [String] {
        let limits = ["-o", bench.output.string, "--threads", "1"]
        let more = resumes ? ["--resume"] : []
        let build = ["build", bench.recipe.string, "--shard-size", "8kB"] + limits + more
        return switch self {
        case .build: build
        case .replace: build + ["--force"]
        case .pack: build + ["--compress", "zstd"]
        }
    }

    /// What bears the output's name before.
    var before: [String: [UInt8]] {
        self == .replace ? ["out/config.json": Array("{\"old\": 1}".utf8), "out/deep/old.bin": [1, 2, 3]] : [:]
    }
}
