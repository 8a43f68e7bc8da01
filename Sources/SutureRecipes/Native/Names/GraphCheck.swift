import SutureDiagnostics

// What can be seen from the names alone: circles, and what nobody uses.

extension NativeParser {
    /// Reports nodes that need themselves, and inputs, nodes and imports that nobody uses.
    mutating func checkGraph(isImported: Bool) {
        let hasErrors = findings.hasErrors
        let order = Dictionary(graph.nodes.enumerated().map { ($1.name.value, $0) }) { first, _ in first }
        checkCircles(order)
        // Where something could not be read, what it uses is not known.
        guard !hasErrors, !isImported else { return }
        let reached = reachable(order)
        for node in graph.nodes where !findings.isFull && !reached.contains(node.name.value) {
            findings.append(.unused("node", code: "unused-node", node.name))
        }
        let named = Set((references.values.joined() + factReferences).map(\.value))
        for input in graph.inputs where !findings.isFull && !named.contains(input.name.value) {
            findings.append(.unused("input", code: "unused-input", input.name))
        }
        for alias in importAliases where !findings.isFull && !usedAliases.contains(alias.value) {
            findings.append(.unused("import", code: "unused-import", alias))
        }
    }

    /// The nodes that what is written takes from, directly or not.
    private func reachable(_ order: [String: Int]) -> Set<String> {
        var waiting =
            [graph.output.node?.value ?? "out"] + (references[""] ?? []).map(\.value) + factReferences.map(\.value)
        var reached: Set<String> = []
        while let name = waiting.popLast() {
            guard order[name] != nil, reached.insert(name).inserted else { continue }
            waiting += (references[name] ?? []).map(\.value)
        }
        return reached
    }

    /// Follows every node's references; one that leads back to a node on the way closes a circle.
    private mutating func checkCircles(_ order: [String: Int]) {
        enum Visit { case underWay, done }
        var visits: [String: Visit] = [:]
        for start in graph.nodes.map(\.name.value) where visits[start] == nil {
            var path: [(name: String, next: Int)] = [(start, 0)]
            visits[start] = .underWay
            while let last = path.last {
                let targets = references[last.name] ?? []
                guard last.next < targets.count else {
                    visits[last.name] = .done
                    path.removeLast()
                    continue
                }
                path[path.count - 1].next += 1
                let target = targets[last.next]
                guard order[target.value] != nil else { continue }
                switch visits[target.value] {
                case .done: continue
                case .underWay:
                    let circle = path.drop { $0.name != target.value }.map(\.name) + [target.value]
                    findings.append(.nodeCycle(circle, at: target.range))
                case nil:
                    guard path.count < Self.chainLimit else {
                        findings.append(.chainTooLong(Self.chainLimit, of: "nodes", at: target.range))
                        return
                    }
                    visits[target.value] = .underWay
                    path.append((target.value, 0))
                }
            }
        }
    }

    /// More nodes one upon another than anybody means, and no more than can be followed safely.
    private static let chainLimit = 200
}

extension Diagnostic {
    fileprivate static func unused(_ kind: String, code: String, _ name: Marked<String>) -> Diagnostic {
        Diagnostic(
            .warning,
            code: code,
            "\(kind) '\(name.value)' is never used",
            at: name.range,
            fix: FixIt("use it or take it out")
        )
    }
}
