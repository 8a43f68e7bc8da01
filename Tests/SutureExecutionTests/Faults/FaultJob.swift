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

    /// The command line; the same again goes on with what a failure left.
    func arguments(_ bench: FaultBench, resumes: Bool = true) -> [String] {
        var words = ["build", bench.folder.appending("recipe.yml").string, "-o", bench.output.string]
        words += ["--threads", "1", "--shard-size", "8kB"]
        if resumes { words.append("--resume") }
        switch self {
        case .build: break
        case .replace: words.append("--force")
        case .pack: words += ["--compress", "zstd"]
        }
        return words
    }

    /// What bears the output's name before.
    var before: [String: [UInt8]]? {
        self == .replace ? ["config.json": Array("{\"old\": 1}".utf8), "deep/old.bin": [1, 2, 3]] : nil
    }
}
