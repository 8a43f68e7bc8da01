import Glibc

/// Measures what must be fast, always against something known in the same run.
@main
enum Benchmarks {
    static let usage = """
        usage: suture-benchmarks kernels [NAME]
               suture-benchmarks passthrough|linear|slerp|ties [--size 2.2GB] [--rounds 5] [--compare]
                   [--folder DIR] [--threads N] [--window 4MiB] [--mover NAME | --all-movers]
               suture-benchmarks clone|growth|packing [--size 1GB] [--rounds 3] [--folder DIR] [-- OPTIONS OF BUILD]

        """

    static func main() {
        let arguments = Array(CommandLine.arguments.dropFirst())
        switch arguments.first {
        case "kernels": measureKernels(named: arguments.dropFirst().first)
        case "clone": exit(CloneBenchmark.main(Array(arguments.dropFirst())))
        case "growth": exit(GrowthBenchmark.main(Array(arguments.dropFirst())))
        case "packing": exit(PackingBenchmark.main(Array(arguments.dropFirst())))
        case let name:
            if let job = name.flatMap(BuildJob.init) { exit(BuildBenchmark.main(job, Array(arguments.dropFirst()))) }
            print(usage, terminator: "")
            exit(64)
        }
    }
}
