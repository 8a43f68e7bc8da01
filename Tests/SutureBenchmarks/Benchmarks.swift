import Glibc

/// Measures what must be fast, always against something known in the same run.
@main
enum Benchmarks {
    static let usage = """
        usage: suture-benchmarks kernels [NAME]
               suture-benchmarks passthrough [--size 2.2GB] [--rounds 5] [--compare] [--folder DIR]

        """

    static func main() {
        let arguments = Array(CommandLine.arguments.dropFirst())
        switch arguments.first {
        case "kernels": measureKernels(named: arguments.dropFirst().first)
        case "passthrough": exit(Passthrough.main(Array(arguments.dropFirst())))
        default:
            print(usage, terminator: "")
            exit(64)
        }
    }
}
