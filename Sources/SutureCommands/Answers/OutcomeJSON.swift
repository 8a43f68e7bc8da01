import SutureKit

/// Prints what a build made, for other programs.
struct OutcomeJSON {
    private let outcome: Surgery.Outcome

    private let said: [Diagnostic]

    init(_ outcome: Surgery.Outcome, said: [Diagnostic] = []) {
        self.outcome = outcome
        self.said = said
    }

    /// The text, with a final line break.
    var text: String {
        let object: JSONObject = [
            "folder": .string(outcome.folder),
            "bytes": .int(outcome.byteCount),
            "written_bytes": .int(outcome.writtenByteCount),
            "seconds": .double(outcome.duration / .seconds(1)),
            "peak_memory": outcome.peakMemory.map(JSONValue.int) ?? .null,
            "diagnostics": .array(said.map(PlanJSON.diagnostic)),
        ]
        return JSONPrinter.print(.object(object), indent: 1) + "\n"
    }
}
