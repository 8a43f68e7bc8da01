import ArgumentParser
import SutureKit

/// `suture lock`: pins the models of a recipe.
struct LockCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lock",
        abstract: "Pin the models of a recipe: revisions, and the SHA-256 of every file.",
        discussion: """
            Writes RECIPE.lock beside the recipe, as JSON. 'suture build --locked' then takes the pinned revisions, and \
            refuses a model any of whose files is another. In a hub cache weight files are named by their SHA-256, and \
            those names are taken; all other files are read.

            Examples:
              suture lock solar.yml
              suture lock solar.yml --check --rehash
              suture build solar.yml -o out --locked
            """
    )

    @Argument(help: "The recipe.", completion: .file(extensions: ["yaml", "yml"]))
    var recipe: String

    @OptionGroup(title: "Recipe") var options: RecipeOptions

    @Flag(help: "Read weight files in a hub cache too, rather than trust their names.")
    var rehash = false

    @Flag(help: "Write nothing: compare the models with the lock that is there.")
    var check = false

    @Option(help: "The number of threads; one a core when left out.")
    var threads: Int?

    @Flag(help: "Print as JSON.")
    var json = false

    func validate() throws {
        if recipe == "-" { throw ValidationError("a lock lies beside its recipe's file, and standard input has none") }
        if options.locked { throw ValidationError("--locked is for those who use a lock; --check compares with it") }
        if let threads, threads < 1 { throw ValidationError("--threads takes at least 1") }
    }

    func run() throws { try Reporting.run(json: json) { try work() } }

    private func work() throws {
        let path = options.lockPath(recipe)
        var reading = Surgery.Lock.Reading()
        reading.readsAll = rehash
        reading.threads = threads
        let progress = ProgressLine(total: 0)
        let lock = try check ? options.readLock(recipe) : nil
        let result = try options.plan(recipe, pinnedBy: lock)
        guard let plan = result.plan else { throw CommandFailure(result.diagnostics) }
        Interruption.watch()
        var (fileCount, byteCount) = (0, 0)
        do throws(Surgery.BuildError) {
            if let lock {
                let found = try lock.differences(
                    from: plan,
                    reading,
                    isCancelled: { Interruption.isRequested },
                    onProgress: { progress.hear($0) }
                )
                progress.finish()
                if !found.isEmpty { throw Surgery.BuildError(diagnostics: found, exitCode: 1) }
                (fileCount, byteCount) = (lock.fileCount, lock.byteCount)
                Terminal.say("\(files(lock)) are as they were pinned")
            } else {
                let made = try Surgery.Lock.make(
                    for: plan,
                    at: path,
                    reading,
                    isCancelled: { Interruption.isRequested },
                    onProgress: { progress.hear($0) }
                )
                try made.write()
                progress.finish()
                (fileCount, byteCount) = (made.fileCount, made.byteCount)
                Terminal.say("pinned \(files(made))")
            }
        } catch {
            progress.finish()
            throw CommandFailure(error)
        }
        Terminal.answer(json ? LockJSON.text(at: path, fileCount: fileCount, byteCount: byteCount) : path + "\n")
    }

    private func files(_ lock: Surgery.Lock) -> String {
        "\(lock.fileCount) files, \(ByteSize.format(lock.byteCount))"
    }
}

/// What a lock is, for other programs.
enum LockJSON {
    /// The text, with a final line break.
    static func text(at path: String, fileCount: Int, byteCount: Int) -> String {
        let object: JSONObject = ["lock": .string(path), "files": .int(fileCount), "bytes": .int(byteCount)]
        return JSONPrinter.print(.object(object), indent: 1) + "\n"
    }
}
