import ArgumentParser
import SutureKit

/// How the weight files of an output are packed.
struct CompressionOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Pack the weight files: zstd, or zstd:LEVEL.", valueName: "how"))
    var compress: CompressionName?

    @Flag(help: "Take numbers of two bytes apart before they are packed; only 'suture unpack' restores such files.")
    var planes = false

    func validate() throws {
        if planes, compress == nil { throw ValidationError("--planes is a way to pack: add --compress zstd") }
    }

    /// What is asked for; `nil` for files as they are.
    var compression: Surgery.Compression? {
        compress.map { Surgery.Compression(level: $0.level, splitsPlanes: planes) }
    }
}

/// A way to pack on the command line: `zstd` or `zstd:3`.
struct CompressionName: ExpressibleByArgument {
    let level: Int

    init?(argument: String) {
        let parts = argument.split(separator: ":", omittingEmptySubsequences: false)
        guard parts[0] == "zstd", parts.count <= 2 else { return nil }
        guard parts.count == 2 else {
            level = 1
            return
        }
        guard let level = Int(parts[1]), (1...22).contains(level) else { return nil }
        self.level = level
    }
}
