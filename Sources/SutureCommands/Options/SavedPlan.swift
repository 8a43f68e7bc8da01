import ArgumentParser
import SutureKit

/// A plan in a file, and where its sources are on this machine.
struct SavedPlan: ParsableArguments {
    @Argument(help: "The plan, as 'suture plan RECIPE -o FILE' writes it.", completion: .file(extensions: ["json"]))
    var plan: String

    @Option(
        name: .customLong("input"),
        help: ArgumentHelp("Where a source of the plan is on this machine; may be repeated.", valueName: "name=ref")
    )
    var inputs: [NameAndValue] = []

    /// Reads the plan; what is wrong with it is shown, and ends the command.
    func read() throws -> Plan { try Self.read(plan) }

    /// Reads a plan; what is wrong with it is shown, and ends the command.
    static func read(_ path: String) throws -> Plan {
        do throws(Diagnostics) { return try Surgery.plan(readingFrom: path) } catch {
            throw CommandFailure(error, exitCode: error.all.contains { $0.code.hasPrefix("file-") } ? 2 : 1)
        }
    }

    /// The folders of the sources that are elsewhere here.
    func folders() throws -> [String: String] {
        var folders: [String: String] = [:]
        for input in inputs {
            let (name, model) = try input.parts(of: "--input", example: "base=/models/base")
            guard folders[name] == nil else { throw ValidationError("--input \(name) is given twice") }
            do throws(Diagnostics) {
                folders[name] = try Surgery.folder(ofModel: model, environment: Terminal.environment)
            } catch {
                throw CommandFailure(error)
            }
        }
        return folders
    }
}
