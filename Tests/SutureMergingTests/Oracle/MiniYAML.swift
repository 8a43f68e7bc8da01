/// The few kinds of YAML that the oracle's cases are written in: block mappings, block lists and plain scalars.
enum MiniYAML: Equatable {
    case scalar(String)
    case list([MiniYAML])
    case mapping([String: MiniYAML])

    subscript(key: String) -> MiniYAML? {
        guard case .mapping(let entries) = self else { return nil }
        return entries[key]
    }

    var text: String? {
        guard case .scalar(let text) = self else { return nil }
        return text
    }

    var number: Double? { text.flatMap { ["true": 1, "false": 0][$0] ?? Double($0) } }

    var items: [MiniYAML] {
        guard case .list(let items) = self else { return [] }
        return items
    }

    init(parsing text: String) {
        var lines = text.split(separator: "\n").map { line in
            (indent: line.prefix { $0 == " " }.count, text: String(line.drop { $0 == " " }))
        }
        self = MiniYAML.parse(&lines, indent: 0)
    }

    private static func parse(_ lines: inout [(indent: Int, text: String)], indent: Int) -> MiniYAML {
        guard let first = lines.first else { return .scalar("") }
        return first.text.hasPrefix("- ") ? parseList(&lines, first.indent) : parseMapping(&lines, first.indent)
    }

    private static func parseList(_ lines: inout [(indent: Int, text: String)], _ indent: Int) -> MiniYAML {
        var items: [MiniYAML] = []
        while let line = lines.first, line.indent == indent, line.text.hasPrefix("- ") {
            let rest = String(line.text.dropFirst(2))
            if rest.hasPrefix("- ") || isEntry(rest) {
                lines[0] = (indent + 2, rest)
                items.append(parse(&lines, indent: indent + 2))
            } else {
                lines.removeFirst()
                items.append(.scalar(rest))
            }
        }
        return .list(items)
    }

    private static func parseMapping(_ lines: inout [(indent: Int, text: String)], _ indent: Int) -> MiniYAML {
        var entries: [String: MiniYAML] = [:]
        while let line = lines.first, line.indent == indent, isEntry(line.text), !line.text.hasPrefix("- ") {
            let parts = line.text.split(separator: ":", maxSplits: 1).map(String.init)
            let value = parts.count > 1 ? String(parts[1].drop { $0 == " " }) : ""
            lines.removeFirst()
            guard value.isEmpty else {
                entries[parts[0]] = .scalar(value)
                continue
            }
            // A list may stand as far left as the key that holds it.
            entries[parts[0]] = parse(&lines, indent: indent)
        }
        return .mapping(entries)
    }

    private static func isEntry(_ text: String) -> Bool { text.hasSuffix(":") || text.contains(": ") }
}
