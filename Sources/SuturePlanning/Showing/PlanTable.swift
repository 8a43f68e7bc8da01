import SutureTensors

/// Lays a plan out as a page that a person can check before running it.
///
/// ```text
/// solar-style: 48 layers, 10.7 billion parameters, 21.5 GB in 5 shards
///
///   0-23 base[0:24] | 24-47 base[8:32]
///
///   layers  from        asked for at
///   0-23    base[0:24]  solar.yml:8:9
///   24-47   base[8:32]  solar.yml:9:9
/// ```
public struct PlanTable: Sendable {
    private let plan: Plan
    private let memory: (used: Int, most: Int)?
    private let fetch: String?

    /// Creates a page.
    ///
    /// - Parameters:
    ///   - plan: The plan.
    ///   - memory: About how many bytes of memory running it makes use of, and the most that it takes, where that is
    ///     known.
    ///   - fetch: What has to be fetched first, in words; `nil` where all is on this machine.
    public init(_ plan: Plan, memory: (used: Int, most: Int)? = nil, fetch: String? = nil) {
        self.plan = plan
        self.fetch = fetch
        self.memory = memory
    }

    /// The page, without a final line break.
    public var text: String {
        ([headline, ""] + picture + [""] + runs + [""] + facts).joined(separator: "\n")
    }

    /// Name, layers, parameters and bytes in one line.
    public var headline: String {
        let layers = plan.stack.layerCount == 1 ? "1 layer" : "\(plan.stack.layerCount) layers"
        let files = plan.shards.count == 1 ? "1 file" : "\(plan.shards.count) shards"
        return "\(plan.recipe.name): \(layers), \(countText(plan.parameterCount)) parameters, "
            + "\(ByteSize.format(plan.outputByteCount)) in \(files)"
    }

    /// The stack as people think of it, in lines of readable length.
    public var picture: [String] {
        var lines: [String] = []
        var line = ""
        for run in plan.stack.runs {
            let part = "\(numbers(run.layers)) \(run.label)"
            if !line.isEmpty, line.count + part.count + 3 > 100 {
                lines.append("  " + line + " |")
                line = ""
            }
            line += (line.isEmpty ? "" : " | ") + part
        }
        return lines + ["  " + line]
    }

    private var runs: [String] {
        let rows = plan.stack.runs.map { [numbers($0.layers), $0.label, $0.place ?? ""] }
        return align([["layers", "from", "asked for at"]] + rows)
            + StackLegend(plan.stack).lines.map { "  \($0.sign) \($0.meaning)" }
    }

    private var facts: [String] {
        var rows = plan.donors.map { [$0.part, $0.source, $0.reason] }
        for source in plan.sources {
            let bytes = source.files.reduce(0) { $0 + $1.byteCount }
            let files = source.files.count == 1 ? "1 file" : "\(source.files.count) files"
            let commit = source.revision.map { " at \($0.prefix(12))" } ?? ""
            rows.append(["source", source.name, "\(source.reference)\(commit), \(ByteSize.format(bytes)) in \(files)"])
        }
        for account in plan.accounts {
            let tensors = account.tensorCount == 1 ? "1 tensor" : "\(account.tensorCount) tensors"
            rows.append(["", account.source, "\(tensors), \(ByteSize.format(account.byteCount)) \(account.fate)"])
        }
        let copied = plan.tensors.count { $0.isCopy }
        let computed = plan.makings.filter { !$0.making.isEmpty }.map { "\($0.count) \($0.making.inWords)" }
        rows.append([
            "tensors", "\(plan.tensors.count)",
            "\(copied) copied byte for byte, \(plan.tensors.count - copied) computed"
                + (computed.isEmpty ? "" : ": " + computed.joined(separator: "; ")),
        ])
        rows += plan.tensors.compactMap { tensor in tensor.rowWords(in: plan).map { ["rows", tensor.spec.name, $0] } }
        if let fetch { rows.append(["fetch", fetch]) }
        if let memory {
            rows.append([
                "memory", ByteSize.format(memory.used), "about; never more than \(ByteSize.format(memory.most))",
            ])
        }
        return align(rows)
    }

    private func numbers(_ layers: Range<Int>) -> String {
        layers.count == 1 ? "\(layers.lowerBound)" : "\(layers.lowerBound)-\(layers.upperBound - 1)"
    }

    private func countText(_ count: Int) -> String {
        for (size, word) in [(1e12, "trillion"), (1e9, "billion"), (1e6, "million"), (1e3, "thousand")]
        where Double(count) >= size {
            let tenths = Int((Double(count) / size * 10).rounded())
            return "\(tenths / 10).\(tenths % 10) \(word)"
        }
        return "\(count)"
    }

    /// Pads every column but the last to its widest cell.
    private func align(_ rows: [[String]]) -> [String] {
        let columns = rows.map(\.count).max() ?? 0
        let widths = (0..<columns).map { column in rows.map { $0.count > column ? $0[column].count : 0 }.max() ?? 0 }
        return rows.map { row in
            var line = " "
            for (column, cell) in row.enumerated() {
                line += " " + cell
                if column < row.count - 1 { line += String(repeating: " ", count: widths[column] - cell.count + 1) }
            }
            while line.last == " " { line.removeLast() }
            return line
        }
    }
}

extension Plan.Tensor {
    /// Whether its bytes are moved as they are.
    public var isCopy: Bool {
        guard case .stored(let reference) = expression else { return false }
        return reference.spec.dtype == spec.dtype
    }
}
