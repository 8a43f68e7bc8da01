import SutureCheckpoints
package import SutureDiagnostics
import SutureExecution
package import SuturePlanning

/// What a scheduler is asked for: a plan in parts, each with so much of a machine, and the step that finishes it.
package struct JobRequest: Hashable, Sendable {
    /// The recipe's name, or another for the jobs.
    package var name: String
    /// The plan's file, as the jobs see it.
    package var plan: String
    /// The folder to make, as the jobs see it.
    package var output: String
    /// How many parts.
    package var parts: Int
    /// The cores, and threads, of a part.
    package var cores: Int
    /// The memory that a part's process takes at most, in bytes.
    package var memory: Int
    /// The program, as the jobs see it.
    package var program = "suture"
    /// The container image that holds the program, where containers run.
    package var image = "suture:\(ToolVersion.number)"
    /// The volume claim that holds plan, sources and output, where containers run.
    package var claim = "models"
    /// Where that volume is in the containers.
    package var mount = "/models"

    /// The memory that a job asks the scheduler for, in bytes.
    ///
    /// Control groups count the page cache too: the last 64 MiB of each file that is written, and what was read lately.
    var jobMemory: Int { memory + 512 << 20 }

    /// Asks for what a plan needs.
    ///
    /// - Parameters:
    ///   - plan: The plan.
    ///   - path: Its file.
    ///   - output: The folder to make.
    ///   - parts: How many parts; `nil` for one for each 20 GB.
    ///   - cores: The cores of a part.
    ///   - memory: The memory of a part's process in bytes; `nil` for what so many threads make use of.
    /// - Throws: ``Surgery/BuildError`` where the plan cannot be run.
    package init(
        _ plan: Plan,
        at path: String,
        output: String,
        parts: Int? = nil,
        cores: Int = 4,
        memory: Int? = nil
    ) throws(Surgery.BuildError) {
        do throws(ExecutionError) {
            if let memory {
                self.memory = memory
            } else {
                self.memory = try Execution.memoryWanted(plan, threads: cores)
            }
        } catch {
            throw Surgery.BuildError(diagnostics: error.diagnostics, exitCode: error.exitCode)
        }
        name = plan.recipe.name
        self.plan = path
        self.output = output
        self.parts = parts ?? max(1, min(1000, plan.outputByteCount / 20_000_000_000 + 1))
        self.cores = cores
    }

    /// The number of whole mebibytes that hold so many bytes.
    static func mebibytes(_ byteCount: Int) -> Int { (byteCount + 1 << 20 - 1) >> 20 }

    /// The name in letters that every scheduler takes: lower case, digits and dashes.
    var plainName: String {
        let letters = name.lowercased().unicodeScalars.map { scalar in
            ("a"..."z").contains(scalar) || ("0"..."9").contains(scalar) ? Character(scalar) : "-"
        }
        let words = String(letters).split(separator: "-").joined(separator: "-")
        return "suture-" + (words.isEmpty ? "model" : String(words.prefix(32)))
    }

    /// What speaks against a text in a job file; `nil` where nothing does.
    package var fault: Diagnostic? {
        for text in [plan, output, program, image, claim, mount] {
            guard text.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F }) else { continue }
            return Diagnostic(
                code: "odd-path",
                "a job file cannot hold control characters, and '\(text)' has one",
                at: Diagnostic.Place?.none,
                fix: Diagnostic.FixIt("give the folder another name")
            )
        }
        return nil
    }
}

/// A scheduler that job files are printed for.
package enum JobFormat: String, CaseIterable, Sendable {
    /// Slurm: an array of jobs, and one that waits for it.
    case slurm
    /// Kubernetes: an indexed Job, and one that tries until all parts are there.
    case kubernetes
    /// Snakemake: a rule for parts and one that finishes.
    case snakemake

    /// The text of the job file.
    package func text(_ request: JobRequest) -> String {
        switch self {
        case .slurm: SlurmJob(request: request).text
        case .kubernetes: KubernetesJob(request: request).text
        case .snakemake: SnakemakeJob(request: request).text
        }
    }
}
