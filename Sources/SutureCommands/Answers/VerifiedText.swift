import SutureKit

/// Prints what verifying a model found, for people and for programs.
struct VerifiedText {
    private let verified: Surgery.Verified

    init(_ verified: Surgery.Verified) {
        self.verified = verified
    }

    /// A few lines, with a final line break.
    var text: String {
        let faults = verified.diagnostics.count { $0.severity == .error }
        let isWhole = verified.hasManifest && verified.unchecked.count == 0
        let fine = isWhole ? "nothing is wrong" : "nothing is wrong in what could be checked"
        let verdict = faults == 0 ? fine : faults == 1 ? "1 fault" : "\(faults) faults"
        var lines = ["\(verified.folder): \(verdict)"]
        func add(_ title: String, _ amount: Surgery.Verified.Amount) {
            guard amount.count > 0 else { return }
            let tensors = amount.count == 1 ? "1 tensor" : "\(amount.count) tensors"
            lines.append("  " + title + "  \(tensors), \(ByteSize.format(amount.byteCount))")
        }
        add("in all       ", verified.tensors)
        add("same hash    ", verified.hashed)
        add("made again   ", verified.recomputed)
        add("not checked  ", verified.unchecked)
        return lines.joined(separator: "\n") + "\n"
    }

    /// JSON, with a final line break.
    var json: String {
        func amount(_ amount: Surgery.Verified.Amount) -> JSONValue {
            .object(["tensors": .int(amount.count), "bytes": .int(amount.byteCount)])
        }
        let object: JSONObject = [
            "folder": .string(verified.folder),
            "good": .bool(verified.isGood),
            "manifest": .bool(verified.hasManifest),
            "all": amount(verified.tensors),
            "hashed": amount(verified.hashed),
            "recomputed": amount(verified.recomputed),
            "unchecked": amount(verified.unchecked),
            "seconds": .double(verified.duration / .seconds(1)),
            "peak_memory": verified.peakMemory.map(JSONValue.int) ?? .null,
            "diagnostics": .array(verified.diagnostics.map(PlanJSON.diagnostic)),
        ]
        return JSONPrinter.print(.object(object), indent: 1) + "\n"
    }
}
