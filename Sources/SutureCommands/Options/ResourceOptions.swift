import ArgumentParser
import SutureKit

/// What a run may take of the machine.
struct ResourceOptions: ParsableArguments {
    @Option(help: "The number of threads; one a core when left out.")
    var threads: Int?

    @Option(help: ArgumentHelp("The memory to take at most, such as 2GB.", valueName: "size"))
    var memory: ByteCount?

    func validate() throws {
        if let threads, threads < 1 { throw ValidationError("--threads takes at least 1") }
    }

    /// Options of a build that takes no more; what a signal stops is kept, to go on with.
    var buildOptions: Surgery.BuildOptions {
        var options = Surgery.BuildOptions()
        options.threads = threads
        options.memory = memory?.bytes
        options.keepsCancelled = true
        options.environment = Terminal.environment
        return options
    }
}
