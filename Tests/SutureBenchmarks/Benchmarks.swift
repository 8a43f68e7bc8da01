/// Measures parts of the house: `suture-benchmarks kernels`.
@main
enum Benchmarks {
    static func main() {
        let arguments = Array(CommandLine.arguments.dropFirst())
        switch arguments.first {
        case "kernels": measureKernels(named: arguments.dropFirst().first)
        default: print("usage: suture-benchmarks kernels [NAME]")
        }
    }
}
