import Glibc
import SutureCheckpoints
import SutureJSON
import SutureTensors
import SystemPackage

/// What `suture` took to do something, in a process of its own so that its memory can be told.
struct ProgramRun {
    /// From start to end, the last sync included.
    let seconds: Double

    /// The bytes of what was made.
    let bytes: Int

    /// The bytes of them that were written; the others share blocks with a source.
    let writtenBytes: Int

    /// The most memory it had.
    let peakMemory: Int

    /// Why a run failed.
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// Builds a recipe; the program is the one beside this one.
    ///
    /// - Parameters:
    ///   - recipe: The recipe.
    ///   - output: The folder to make.
    ///   - cache: Where made-up models are.
    ///   - more: More arguments.
    /// - Returns: What it took.
    /// - Throws: Whatever kept it from an end.
    static func build(
        _ recipe: FilePath,
        to output: FilePath,
        cache: FilePath,
        _ more: [String] = []
    ) throws -> ProgramRun {
        let program = FilePath(ChildProcess.own).removingLastComponent().appending("suture")
        guard try FileSystem.kind(of: program) == .file else {
            throw Failure(description: "build the program 'suture' as well: there is none at \(program)")
        }
        let arguments = ["build", recipe.string, "-o", output.string, "--json"] + more
        let outcome = ChildProcess.run(program.string, arguments, environment: ["SUTURE_CACHE": cache.string])
        guard outcome.succeeded, let report = try JSONParser.parse(Array(outcome.output.utf8)).object else {
            throw Failure(description: "the build of \(recipe) failed")
        }
        return ProgramRun(
            seconds: outcome.seconds,
            bytes: report["bytes"]?.int ?? 0,
            writtenBytes: report["written_bytes"]?.int ?? 0,
            peakMemory: report["peak_memory"]?.int ?? 0
        )
    }

    /// The line of a report.
    ///
    /// - Parameters:
    ///   - name: What was measured.
    ///   - copySeconds: What `cp` took for the same bytes.
    /// - Returns: The line.
    func line(_ name: String, copySeconds: Double) -> String {
        "\(name): \(hundredths(seconds)) s, \(rate(seconds)) MB/s, \(hundredths(seconds / copySeconds)) of cp "
            + "(\(hundredths(copySeconds)) s, \(rate(copySeconds)) MB/s), "
            + "\(ByteSize.format(writtenBytes)) of \(ByteSize.format(bytes)) written, "
            + "peak memory \(ByteSize.format(peakMemory))"
    }

    private func rate(_ seconds: Double) -> Int { Int(Double(bytes) / max(seconds, 1e-6) / 1e6) }
}

/// A number with two digits after the point, three where it is small.
func hundredths(_ value: Double) -> String {
    let digits = value < 0.1 ? 1000.0 : 100
    return "\((value * digits).rounded() / digits)"
}

extension [Double] {
    /// The one in the middle.
    var median: Double { isEmpty ? 0 : sorted()[count / 2] }
}
