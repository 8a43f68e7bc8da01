extension Sequence<Diagnostic> {
    /// The messages, with those told once that say the same of other tensors, and how many there were.
    ///
    /// The same means: one code at one place, in words that differ in names of tensors alone.
    package func grouped() -> [Diagnostic] {
        var order: [GroupKey] = []
        var groups: [GroupKey: (first: Diagnostic, count: Int)] = [:]
        for diagnostic in self {
            let key = GroupKey(diagnostic)
            if groups[key] == nil { order.append(key) }
            groups[key, default: (diagnostic, 0)].count += 1
        }
        return order.compactMap { key in
            guard let (first, count) = groups[key] else { return nil }
            return count == 1 ? first : first.counted(count - 1)
        }
    }
}

/// What messages of one cause have in common.
private struct GroupKey: Hashable {
    let severity: Diagnostic.Severity
    let code: String
    let message: [Substring]
    let range: SourceRange?
    let path: String?
    let tensor: [Substring]

    init(_ diagnostic: Diagnostic) {
        severity = diagnostic.severity
        code = diagnostic.code
        message = Self.words(of: diagnostic.message)
        range = diagnostic.range
        if case .file(let path, let tensor)? = diagnostic.place {
            self.path = path
            self.tensor = tensor.map { Self.isTensor($0[...]) ? ["#"] : [$0[...]] } ?? []
        } else {
            path = nil
            tensor = []
        }
    }

    /// The parts between quotes and around them, without the names of tensors.
    private static func words(of message: String) -> [Substring] {
        message.split(separator: "'", omittingEmptySubsequences: false).map { isTensor($0) ? "#" : $0 }
    }

    /// Whether a text is the name of a tensor or the end of one: names with a dot before their last word.
    private static func isTensor(_ text: Substring) -> Bool {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count > 1, parts.allSatisfy({ !$0.isEmpty }), !text.contains("/"), !text.contains(" ") else {
            return false
        }
        return parts.count > 2 || parts.last == "weight" || parts.last == "bias"
    }
}

extension Diagnostic {
    /// The message, and that so many more say the same.
    fileprivate func counted(_ more: Int) -> Diagnostic {
        let message = message + " (and \(more) more alike)"
        return Diagnostic(severity, code: code, message, at: place, fix: fix, notes: notes)
    }
}
