import SutureAnalysis
import SutureArchitectures
import SutureCheckpoints
import SutureJSON
import SutureTensors

/// How a model differs from another, for people and for programs.
public struct DifferenceReport: Sendable {
    private let difference: ModelDifference
    private let config: [ConfigDifference]
    private let vocabulary: VocabularyDifference?

    init(_ difference: ModelDifference) {
        self.difference = difference
        let checkpoints = (difference.first.checkpoint, difference.second.checkpoint)
        config = ConfigDifference.find(checkpoints.0.config, checkpoints.1.config)
        vocabulary = VocabularyDifference(checkpoints.0, checkpoints.1)
    }

    /// Whether both have the same tensors byte for byte, the same config and the same tokens.
    public var isEqual: Bool {
        difference.isEqual && config.isEmpty && (vocabulary?.differing.isEmpty ?? true)
    }

    // MARK: - For people

    /// The report as a page, with a final line break.
    ///
    /// - Parameters:
    ///   - listsTensors: Whether every tensor has a line.
    ///   - mostChanged: How many of the tensors that changed most are named.
    /// - Returns: Lines of at most some 120 columns; names of tensors may be longer.
    public func text(listsTensors: Bool = false, mostChanged: Int = 5) -> String {
        let equal = difference.pairs.count(where: \.isEqual)
        let total = difference.total
        var lines = ["\(difference.second.name) against \(difference.first.name)"]
        lines.append(
            "  tensors     \(equal) of \(difference.pairs.count) equal byte for byte"
                + (total.isEqual
                    ? "" : "; over all a change of \(Self.percent(total.relative)), cosine \(Self.cosine(total))")
        )
        lines += layerLines
        for (label, names) in [
            ("only in \(difference.first.name)", difference.unpaired.filter { !$0.isSecond }.map(\.name)),
            (
                "only in \(difference.second.name)",
                difference.unpaired.filter { $0.isSecond && $0.shapes.isEmpty }.map(\.name)
            ),
            (
                "other shapes",
                difference.unpaired.filter { !$0.shapes.isEmpty }.map {
                    "\($0.name) \($0.shapes[0]) and \($0.shapes[1])"
                }
            ),
        ] where !names.isEmpty {
            lines.append("  \(label): \(Self.some(names, 4))")
        }
        lines += config.prefix(12).map {
            "  config      \($0.path): \(Self.value($0.first)) and \(Self.value($0.second))"
        }
        if config.count > 12 { lines.append("  config      and \(config.count - 12) more") }
        if let vocabulary { lines.append("  tokens      \(vocabulary.words)") }
        if !total.isEqual {
            lines.append("")
            lines += table
            lines += changed(mostChanged)
        }
        if listsTensors {
            lines.append("")
            lines += difference.pairs.map { "  \(line($0))" }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// How layers were laid side by side, where that is not by number.
    private var layerLines: [String] {
        let alignment = difference.alignment
        guard !alignment.likeness.isEmpty else { return [] }
        var runs: [(start: Int, origin: Int?, count: Int)] = []
        for (layer, origin) in alignment.origins.enumerated() {
            if let last = runs.last, last.origin.map({ $0 + last.count }) == origin {
                runs[runs.count - 1].count += 1
            } else {
                runs.append((layer, origin, 1))
            }
        }
        return [
            "  layers      \(difference.first.layers.count) and \(alignment.origins.count), laid beside what they are most like:"
        ]
            + runs.map { run in
                let numbers = { (start: Int) in run.count == 1 ? "\(start)" : "\(start)-\(start + run.count - 1)" }
                let likeness = alignment.likeness[run.start..<run.start + run.count]
                let least = likeness.min() ?? 0
                return "    \(numbers(run.start))  "
                    + (run.origin.map { "layer \(numbers($0)), likeness \(Self.number(least, 3))" }
                        ?? "like none; at best \(Self.number(likeness.max() ?? 0, 3))")
            }
    }

    /// Relative changes by layer and kind of role.
    private var table: [String] {
        let cells = difference.cells
        let groups = Role.Group.allCases.filter { group in cells.contains { $0.group == group } }
        var layers: [Int?] = []
        for cell in cells where layers.last != .some(cell.layer) && !layers.contains(cell.layer) {
            layers.append(cell.layer)
        }
        var rows = [["layer"] + groups.map(\.rawValue)]
        for layer in layers {
            rows.append(
                [layer.map(String.init) ?? "-"]
                    + groups.map { group in
                        cells.first { $0.layer == layer && $0.group == group }.map(Self.text) ?? ""
                    }
            )
        }
        let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            "  "
                + zip(row, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }
                .joined(separator: "  ").trimmed
        }
    }

    /// The tensors that changed most.
    private func changed(_ count: Int) -> [String] {
        let most = difference.pairs.filter { !$0.isEqual && $0.isMeasured }
            .sorted { ($0.statistics.relative, $1.name) > ($1.statistics.relative, $0.name) }.prefix(count)
        return most.isEmpty ? [] : ["", "  changed most:"] + most.map { "    \(line($0))" }
    }

    private func line(_ pair: ModelDifference.Pair) -> String {
        let found = pair.statistics
        var words: [String] = []
        if pair.isEqual {
            words.append("equal")
        } else if !pair.isMeasured {
            words.append("other bytes")
        } else if found.isEqual {
            words.append("the same numbers in another dtype")
        } else if pair.isScaled {
            words.append("\(Self.number(found.scale, 4)) times the other")
        } else {
            words.append("\(Self.percent(found.relative)), cosine \(Self.cosine(found))")
            if found.flippedCount > 0 { words.append("\(Self.percent(found.flipped)) of signs turned") }
        }
        for (model, strange) in zip([difference.first, difference.second], found.strangeCounts)
        where pair.isMeasured && strange > 0 {
            words.append("\(strange) not finite in \(model.name)")
        }
        let origin = pair.originalName == pair.name ? "" : " (\(pair.originalName))"
        return "\(pair.name)\(origin)  \(words.joined(separator: ", "))"
    }

    private static func text(_ cell: ModelDifference.Cell) -> String {
        if cell.equalCount == cell.count { return "=" }
        return cell.statistics.count == 0 ? "bytes" : percent(cell.statistics.relative)
    }

    // MARK: - For programs

    /// The report as JSON, with a final line break.
    public var json: String {
        let object: JSONObject = [
            "first": .string(difference.first.name),
            "second": .string(difference.second.name),
            "equal": .bool(isEqual),
            "layers": .array(
                difference.alignment.origins.enumerated().map { layer, origin in
                    let likeness = difference.alignment.likeness
                    return .object([
                        "layer": .int(layer), "origin": origin.map(JSONValue.int) ?? .null,
                        "likeness": likeness.isEmpty ? .null : .double(likeness[layer]),
                    ])
                }
            ),
            "total": .object(Self.object(difference.total)),
            "tensors": .array(difference.pairs.map { .object(Self.object($0)) }),
            "unpaired": .array(
                difference.unpaired.map { tensor in
                    .object([
                        "name": .string(tensor.name), "in": .string(tensor.isSecond ? "second" : "first"),
                        "shapes": .array(tensor.shapes.map { .array($0.dimensions.map(JSONValue.int)) }),
                    ])
                }
            ),
            "config": .array(
                config.map {
                    .object(["key": .string($0.path), "first": $0.first ?? .null, "second": $0.second ?? .null])
                }
            ),
            "tokens": vocabulary.map { vocabulary in
                .object([
                    "counts": .array(vocabulary.counts.map { $0.map(JSONValue.int) ?? .null }),
                    "differing": .array(vocabulary.differing.map(JSONValue.int)),
                ])
            } ?? .null,
        ]
        return JSONPrinter.print(.object(object), indent: 1) + "\n"
    }

    private static func object(_ pair: ModelDifference.Pair) -> JSONObject {
        var object: JSONObject = [
            "name": .string(pair.name), "original": .string(pair.originalName),
            "layer": pair.layer.map(JSONValue.int) ?? .null, "role": .string(pair.role.description),
            "equal": .bool(pair.isEqual),
        ]
        guard pair.isMeasured else { return object }
        object["scaled"] = .bool(pair.isScaled)
        for member in Self.object(pair.statistics).members { object[member.key] = member.value }
        return object
    }

    /// Infinite and missing numbers are `null`: JSON has none.
    private static func object(_ found: PairStatistics.Finding) -> JSONObject {
        func number(_ value: Double) -> JSONValue { value.isFinite ? .double(value) : .null }
        return [
            "elements": .int(found.count), "equal_elements": .int(found.equalCount),
            "relative": number(found.relative), "cosine": number(found.cosine), "scale": number(found.scale),
            "signs_turned": .int(found.flippedCount), "not_finite": .array(found.strangeCounts.map(JSONValue.int)),
        ]
    }

    // MARK: - Words

    private static func some(_ names: [String], _ count: Int) -> String {
        names.prefix(count).joined(separator: ", ") + (names.count > count ? " and \(names.count - count) more" : "")
    }

    private static func value(_ value: JSONValue?) -> String {
        guard let value else { return "none" }
        let text = JSONPrinter.print(value)
        return text.count > 60 ? "\(text.prefix(57))…" : text
    }

    private static func percent(_ share: Double) -> String {
        share.isFinite ? (share > 0 && share < 0.0001 ? "< 0.01 %" : "\(number(share * 100, 2)) %") : "from zero"
    }

    /// Nines are what matters of a cosine near 1.
    private static func cosine(_ found: PairStatistics.Finding) -> String { number(found.cosine, 6) }

    static func number(_ value: Double, _ digits: Int) -> String {
        guard value.isFinite, abs(value) < 1e9 else { return "\(value)" }
        let power = (0..<digits).reduce(1.0) { power, _ in power * 10 }
        let scaled = Int((abs(value) * power).rounded())
        let fraction = String(scaled % Int(power))
        return (value < 0 && scaled > 0 ? "-" : "") + "\(scaled / Int(power))."
            + String(repeating: "0", count: digits - fraction.count) + fraction
    }
}

extension String {
    /// The text without spaces at its end.
    fileprivate var trimmed: String {
        var text = self
        while text.last == " " { text.removeLast() }
        return text
    }
}
