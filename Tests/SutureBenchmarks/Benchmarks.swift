import Glibc

/// Measures what must be fast, always against something known in the same run.
@main
enum Benchmarks {
    static let usage = """
        usage: suture-benchmarks kernels [NAME]
               suture-benchmarks JOB|merges [--size 2.2GB] [--rounds 5] [--compare]
                   [--folder DIR] [--threads N] [--window 4MiB] [--mover NAME | --all-movers]
                   [--hashes written|all|none]

        JOB is one of \(BuildJob.allCases.map(\.rawValue).joined(separator: ", ")); 'merges' is all that compute.
        SUTURE_INSTRUCTIONS=baseline, v3 or v4 in the environment chooses the loops.

        """

    static func main() {
        let arguments = Array(CommandLine.arguments.dropFirst())
        let rest = Array(arguments.dropFirst())
        switch arguments.first {
        case "kernels": measureKernels(named: arguments.dropFirst().first)
        case "merges": exit(BuildBenchmark.main(BuildJob.allCases.filter { $0 != .passthrough }, rest))
        case BuildBenchmark.onceName: exit(BuildBenchmark.once(rest))
        case let name:
            if let job = name.flatMap(BuildJob.init) { exit(BuildBenchmark.main([job], rest)) }
            print(usage, terminator: "")
            exit(64)
        }
    }
}
