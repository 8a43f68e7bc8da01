import SutureCheckpoints
import SutureTensors
import SystemPackage

/// What the benchmarks of the program understand.
struct BenchmarkOptions {
    /// The bytes of the model, about.
    var size: Int

    /// How often each side is measured.
    var rounds: Int

    /// Where all of it happens.
    var folder = FilePath("/tmp/suture-benchmark")

    /// What is handed on to the program, after `--`.
    var more: [String] = []

    /// An argument that is none of these.
    struct BadArgument: Error, CustomStringConvertible {
        let description: String
    }

    init(_ arguments: [String], size: Int, rounds: Int) throws {
        (self.size, self.rounds) = (size, rounds)
        var rest = arguments[...]
        while let name = rest.popFirst() {
            if name == "--" {
                more = Array(rest)
                return
            }
            guard let text = rest.popFirst() else { throw BadArgument(description: "\(name) wants a value") }
            switch name {
            case "--size": self.size = ByteSize.parse(text) ?? size
            case "--rounds": self.rounds = Int(text) ?? rounds
            case "--folder": folder = FilePath(text)
            default: throw BadArgument(description: "unknown option '\(name)'")
            }
        }
    }

    /// Says why there are no numbers.
    static func complain(_ error: any Error) {
        _ = try? FileDescriptor.standardError.writeAll("suture-benchmarks: \(error)\n\(Benchmarks.usage)".utf8)
    }
}
