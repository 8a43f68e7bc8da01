import SutureDiagnostics

/// Faults of one file, of which a hostile one may have millions: the first are kept, the rest counted.
struct FaultList {
    private var kept: [Diagnostic] = []
    private var count = 0
    private let name: String
    private let limit = 20

    init(name: String) {
        self.name = name
    }

    var isEmpty: Bool { count == 0 }

    mutating func append(_ fault: @autoclosure () -> Diagnostic) {
        if count < limit { kept.append(fault()) }
        count += 1
    }

    var diagnostics: Diagnostics {
        var all = Diagnostics(kept)
        if count > limit { all.append(.moreFaults(name, count - limit)) }
        return all
    }
}

extension Diagnostic {
    fileprivate static func moreFaults(_ file: String, _ count: Int) -> Diagnostic {
        let message = count == 1 ? "1 more fault of this kind" : "\(count) more faults of these kinds"
        return Diagnostic(code: "more-faults", message, at: .file(file, tensor: nil))
    }
}
