import SutureCheckpoints
import SutureKit

/// Prints what a build made, for other programs.
struct OutcomeJSON {
    private let outcome: Surgery.Outcome

    init(_ outcome: Surgery.Outcome) {
        self.outcome = outcome
    }

    /// The text, with a final line break.
    var text: String {
        let object: JSONObject = [
            "folder": .string(outcome.folder),
            "bytes": .int(outcome.byteCount),
            "written_bytes": .int(outcome.writtenByteCount),
            "seconds": .double(outcome.duration / .seconds(1)),
            "peak_memory": outcome.peakMemory.map(JSONValue.int) ?? .null,
        ]
        return JSONPrinter.print(.object(object), indent: 1) + "\n"
    }
}
