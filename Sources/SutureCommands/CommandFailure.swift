import ArgumentParser
import SutureKit

/// Why a command did not do what it was asked to.
struct CommandFailure: Error {
    /// What was found: errors, and what else was said on the way to them.
    let diagnostics: [Diagnostic]

    /// The process' exit code.
    let exitCode: Int32

    init(_ diagnostics: [Diagnostic], exitCode: Int32? = nil) {
        self.diagnostics = diagnostics
        self.exitCode = exitCode ?? Surgery.exitCode(of: diagnostics)
    }

    init(_ error: Diagnostics, exitCode: Int32? = nil) { self.init(error.all, exitCode: exitCode) }

    init(_ error: Surgery.BuildError) { self.init(error.diagnostics, exitCode: error.exitCode) }
}

/// Runs what a command does, and tells of its failure: drawn for people, and as JSON where a program asked for that.
enum Reporting {
    /// Runs the work of a command, which a signal ends with a word as long as the work does not listen itself.
    ///
    /// - Parameters:
    ///   - json: Whether a program reads standard output.
    ///   - body: The work.
    /// - Throws: `ExitCode` after what was wrong has been told, and what the command line is to blame for.
    static func run(json: Bool, _ body: () throws -> Void) throws {
        Interruption.endOnRequest(json: json)
        do { try body() } catch let failure as CommandFailure {
            let told = failure.diagnostics.grouped()
            Terminal.show(told)
            if json { Terminal.answer(PlanJSON().print(told)) }
            throw ExitCode(failure.exitCode)
        }
    }
}
