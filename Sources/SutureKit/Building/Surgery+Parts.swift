import SutureCheckpoints
public import SutureDiagnostics
public import SutureExecution
public import SuturePlanning
import SystemPackage

extension Surgery {
    /// The most bytes that a plan's file may have.
    private static let mostPlanBytes = 1 << 30

    /// Reads a plan that was kept as a file.
    ///
    /// - Parameter path: The file, as `suture plan -o` writes it.
    /// - Returns: The plan.
    /// - Throws: `Diagnostics` with what is wrong with the file.
    public static func plan(readingFrom path: String) throws(Diagnostics) -> Plan {
        let text: [UInt8]
        do throws(FileError) { text = try FileSystem.read(FilePath(path), limit: mostPlanBytes) } catch {
            throw Diagnostics([error.diagnostic])
        }
        return try PlanReader.read(text, called: path, methods: .standard)
    }

    /// Keeps a plan as a file, whole or not at all.
    ///
    /// - Parameters:
    ///   - result: The plan, and what was found on the way to it.
    ///   - path: The file; one that is there is replaced.
    /// - Throws: `Diagnostics` where the system refuses.
    public static func write(_ result: PlanningResult, to path: String) throws(Diagnostics) {
        do throws(FileError) { try FileSystem.write(PlanJSON().print(result), to: FilePath(path)) } catch {
            throw Diagnostics([error.diagnostic])
        }
    }

    /// The folder of a model, as references in recipes name it.
    ///
    /// - Parameters:
    ///   - reference: A folder, or a name in the hub cache.
    ///   - environment: The environment, which says where the hub cache is.
    /// - Returns: The folder.
    /// - Throws: `Diagnostics` where no model is there.
    public static func folder(
        ofModel reference: String,
        environment: [String: String]
    ) throws(Diagnostics) -> String {
        try Checkpoint.open(CheckpointReference(parsing: reference), environment: environment).folder.string
    }

    /// Writes one part of what a plan describes, beside other runs that do the same with theirs.
    ///
    /// Nothing is under the folder's name afterwards: ``finish(_:into:options:isCancelled:onProgress:)`` comes last. A
    /// part that is done already is left as it is, and one that was interrupted is gone on with.
    ///
    /// - Parameters:
    ///   - plan: What to write.
    ///   - part: Which part.
    ///   - folder: The output's final name; the same for all parts.
    ///   - options: How.
    ///   - isCancelled: Asked now and then, from any thread.
    ///   - onProgress: Told of progress, from any thread.
    /// - Returns: What was made.
    /// - Throws: ``BuildError``.
    public static func run(
        _ plan: Plan,
        part: Part,
        into folder: String,
        options: BuildOptions = BuildOptions(),
        isCancelled: @escaping @Sendable () -> Bool = { false },
        onProgress: @escaping @Sendable (Progress) -> Void = { _ in }
    ) throws(BuildError) -> Outcome {
        try building(onProgress) { (onEvent) throws(ExecutionError) in
            try fetching(plan, options, all: false, isCancelled, onProgress) { (own) throws(ExecutionError) in
                try Execution.run(
                    part,
                    of: plan,
                    into: FilePath(folder),
                    options: own,
                    isCancelled: isCancelled,
                    onEvent: onEvent
                )
            }
        }
    }

    /// Makes an output of parts that have all been written: adds its small files and gives it its name.
    ///
    /// - Parameters:
    ///   - plan: The plan that the parts were run of.
    ///   - folder: The output's final name.
    ///   - options: How.
    ///   - isCancelled: Asked now and then, from any thread.
    ///   - onProgress: Told of progress, from any thread.
    /// - Returns: What was made.
    /// - Throws: ``BuildError``, also where a part is missing or was made from another plan.
    public static func finish(
        _ plan: Plan,
        into folder: String,
        options: BuildOptions = BuildOptions(),
        isCancelled: @escaping @Sendable () -> Bool = { false },
        onProgress: @escaping @Sendable (Progress) -> Void = { _ in }
    ) throws(BuildError) -> Outcome {
        try building(onProgress) { (onEvent) throws(ExecutionError) in
            try Execution.finish(
                plan,
                into: FilePath(folder),
                options: ExecutionOptions(options),
                isCancelled: isCancelled,
                onEvent: onEvent
            )
        }
    }

    /// The bytes that an interrupted build of an output has left, to be gone on with; `nil` where there is none.
    package static func interruptedByteCount(_ folder: String) -> Int? {
        guard let status = try? Execution.status(of: FilePath(folder)), !status.isPublished, status.parts.count == 1
        else { return nil }
        return status.parts[0].doneByteCount
    }

    /// Looks at how far an output is.
    ///
    /// - Parameter folder: The output's final name, or the one it is written under.
    /// - Returns: How far it is.
    /// - Throws: ``BuildError`` where nothing of an output is there.
    public static func status(of folder: String) throws(BuildError) -> StatusReport {
        do throws(ExecutionError) { return StatusReport(try Execution.status(of: FilePath(folder))) } catch {
            throw BuildError(diagnostics: error.diagnostics, exitCode: error.exitCode)
        }
    }
}
