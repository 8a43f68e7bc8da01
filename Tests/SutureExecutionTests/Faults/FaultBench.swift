import Glibc
import SutureCheckpoints
import SutureJSON
import SutureTestSupport
import SystemPackage

/// A folder in which the built program makes models while its disk fails.
///
/// ```text
/// models/a, models/b   two small models
/// recipe.yml           stacks and blends them
/// place/               where outputs go
/// ```
struct FaultBench {
    /// The folder; all calls below it count.
    let folder: FilePath

    /// Where outputs go.
    var place: FilePath { folder.appending("place") }

    /// The output.
    var output: FilePath { place.appending("out") }

    private let program: String
    private let library: FilePath

    /// What a run of the program came to.
    struct Outcome {
        /// The exit code; `nil` where a signal ended it.
        let code: Int32?
        /// What it said on stderr.
        let words: String
        /// Its file calls, where they were asked for.
        let calls: [DiskCall]
    }

    /// Gives a bench to `body` and clears it away afterwards.
    static func with(_ body: (FaultBench) throws -> Void) throws {
        guard let program = SpawnedProgram.suture, let library = FailingDisk.library else { return }
        try TemporaryDirectory.with { root in
            let bench = FaultBench(folder: root.appending("bench"), program: program, library: library)
            try FileSystem.createFolders(bench.place)
            for (seed, name) in ["a", "b"].enumerated() {
                var tiny = TinyCheckpoint.llama(layers: 3, hidden: 16, mlp: 24, vocabulary: 64, shards: 2, seed: seed)
                tiny.companions = [("tokenizer.json", "{}\n"), ("1_Pooling/config.json", "{}\n")]
                try tiny.write(to: bench.folder.appending("models").appending(name))
            }
            try FileSystem.write(
                """
                slicegraph: 1
                inputs: {a: "\(bench.folder)/models/a", b: "\(bench.folder)/models/b"}
                graph:
                  ab: {blend: {method: slerp, inputs: [a, b], params: {t: 0.4}}}
                  out: {stack: ["a[0:2]", "ab[1:3]"]}

                """,
                to: bench.folder.appending("recipe.yml")
            )
            try body(bench)
        }
    }

    private init(folder: FilePath, program: String, library: FilePath) {
        self.folder = folder
        self.program = program
        self.library = library
    }

    /// Starts the program.
    func start(_ arguments: [String], _ fault: DiskFault? = nil, trace: FilePath? = nil) throws -> SpawnedProgram {
        var environment = ["PATH": "/usr/bin:/bin", "HOME": folder.string]
        if fault != nil || trace != nil {
            environment["LD_PRELOAD"] = library.string
            environment["FAULT_FOLDER"] = folder.string
        }
        environment["FAULT_TRACE"] = trace?.string
        environment.merge(fault?.environment ?? [:]) { $1 }
        return try SpawnedProgram(program, arguments, environment: environment, words: wordsPath)
    }

    private var wordsPath: FilePath { folder.removingLastComponent().appending("words") }

    /// What the program has said on stderr so far.
    func words() throws -> String { String(decoding: try FileSystem.read(wordsPath), as: UTF8.self) }

    /// Runs the program to its end.
    func run(_ arguments: [String], _ fault: DiskFault? = nil, isTraced: Bool = false) throws -> Outcome {
        let trace = isTraced ? folder.removingLastComponent().appending("trace") : nil
        if let trace { try FileSystem.removeTree(trace) }
        let code = try start(arguments, fault, trace: trace).wait()
        return Outcome(code: code, words: try words(), calls: try trace.map(DiskCall.list) ?? [])
    }

    /// The recipe.
    var recipe: FilePath { folder.appending("recipe.yml") }

    /// Where its plan is kept.
    var plan: FilePath { folder.appending("plan.json") }

    /// Empties the place, and puts some files there.
    func clear(leaving files: [String: [UInt8]] = [:]) throws {
        try FileSystem.removeTree(place)
        try FileSystem.createFolder(place)
        for (name, bytes) in files {
            let path = place.appending(FilePath(name).components)
            try FileSystem.createFolders(path.removingLastComponent())
            try FileSystem.write(bytes, to: path)
        }
    }

    /// What is in the output; `nil` where nothing has its name.
    func contents() throws -> [String: [UInt8]]? {
        guard try FileSystem.kind(of: output, followsLinks: false) != nil else { return nil }
        return try Workbench.contents(of: output)
    }
}
