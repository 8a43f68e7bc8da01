import SutureKit

/// Runs what writes, with a line of progress and a clean end when a signal comes.
enum Writing {
    /// Runs it and reports what was made.
    ///
    /// - Parameters:
    ///   - total: The bytes to write, for the line of progress.
    ///   - json: Whether the outcome is printed as JSON.
    ///   - isPart: Whether no folder comes of it yet.
    ///   - said: What was said before, which is a part of the outcome too.
    ///   - body: What writes.
    /// - Throws: ``CommandFailure``.
    static func run(
        total: Int,
        json: Bool,
        isPart: Bool = false,
        said: [Diagnostic] = [],
        _ body: (@escaping @Sendable (Surgery.Progress) -> Void) throws(Surgery.BuildError) -> Surgery.Outcome
    ) throws {
        let progress = ProgressLine(total: total)
        Interruption.watch()
        do throws(Surgery.BuildError) {
            let outcome = try body { progress.hear($0) }
            progress.finish()
            Terminal.show(outcome.notices)
            report(outcome, json: json, isPart: isPart, said: said + outcome.notices)
        } catch {
            progress.finish()
            throw CommandFailure(error)
        }
    }

    private static func report(_ outcome: Surgery.Outcome, json: Bool, isPart: Bool, said: [Diagnostic]) {
        if json {
            Terminal.answer(OutcomeJSON(outcome, said: said).text)
            return
        }
        if outcome.wasDone {
            Terminal.say("this was done already")
        } else {
            let seconds = outcome.duration / .seconds(1)
            let rate = seconds > 0 ? ", \(ByteSize.format(Int(Double(outcome.byteCount) / seconds)))/s" : ""
            let memory = outcome.peakMemory.map { ", peak memory \(ByteSize.format($0))" } ?? ""
            Terminal.say("\(ByteSize.format(outcome.byteCount)) in \(tenths(seconds)) s\(rate)\(memory)")
        }
        if !isPart { Terminal.answer(outcome.folder + "\n") }
    }

    private static func tenths(_ seconds: Double) -> String {
        let whole = Int((seconds * 10).rounded())
        return "\(whole / 10).\(whole % 10)"
    }
}
