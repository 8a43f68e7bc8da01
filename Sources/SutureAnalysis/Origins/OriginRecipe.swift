import SutureArchitectures
import SutureCheckpoints
import SutureRecipes
import SutureTensors

/// A recipe that makes a model again of what it was found to be made of.
package struct OriginRecipe: Sendable {
    /// Its text, in the native language; `nil` where layers are like those of no source.
    package let text: String?

    /// The layers that it stacks, and how.
    package let runs: [OriginRun]

    /// What each run is in the recipe's words.
    package let words: [String]

    /// The name that each source has in it.
    package static func name(_ source: Int) -> String {
        source < 26 ? String(UnicodeScalar(UInt8(ascii: "a") + UInt8(source))) : "m\(source)"
    }

    /// Writes the recipe.
    ///
    /// - Parameters:
    ///   - origins: What was found.
    ///   - references: How the sources are to be named: folders, hub names.
    package init(of origins: ModelOrigins, references: [String]) {
        var draft = Draft(origins)
        runs = OriginRun.all(of: origins)
        var items: [PrintedYAML] = []
        var words: [String] = []
        for run in runs {
            let item = draft.item(run)
            items.append(item)
            words.append(draft.words(run))
        }
        self.words = words
        guard runs.allSatisfy({ !$0.starts.isEmpty }) else {
            text = nil
            return
        }
        let outer = draft.outer(first: runs.first, last: runs.last)
        var pairs: [(String, PrintedYAML)] = [
            ("slicegraph", .literal("1")), ("description", .text("what \(origins.model.name) was found to be made of")),
            (
                "inputs",
                .mapping(draft.used.sorted().map { (Self.name($0), .text(references[$0])) })
            ),
            ("graph", .mapping(draft.nodes + [("out", .mapping([("stack", .list(items))]))])),
        ]
        if !outer.isEmpty { pairs.append(("output", .mapping(outer))) }
        pairs.append(("expect", .mapping([("layers", .literal("\(origins.model.layers.count)"))])))
        text = PrintedYAML.mapping(pairs).document(blockDepth: 4)
    }
}

/// What has been written of a recipe.
private struct Draft {
    let origins: ModelOrigins
    /// Nodes that have a name, since they are no slices.
    var nodes: [(String, PrintedYAML)] = []
    /// The sources that have a part in it.
    var used: Set<Int> = []

    init(_ origins: ModelOrigins) { self.origins = origins }

    /// The strip of a source that a run takes.
    private mutating func strip(_ source: Int, _ run: OriginRun) -> String {
        used.insert(source)
        return Self.strip(source, run, origins)
    }

    private static func strip(_ source: Int, _ run: OriginRun, _ origins: ModelOrigins) -> String {
        let name = OriginRecipe.name(source)
        guard let range = run.range(of: source) else { return name }
        if range == 0..<origins.sources[source].layers.count { return name }
        return range.count == 1 ? "\(name)[\(range.lowerBound)]" : "\(name)[\(range.lowerBound):\(range.upperBound)]"
    }

    /// An item of the stack.
    mutating func item(_ run: OriginRun) -> PrintedYAML {
        let body = body(run)
        let edits = RoleValues.edits(run, isSlerp: isSlerp(run))
        guard !edits.isEmpty else { return .text(body) }
        return .mapping([("from", .text(body))] + edits)
    }

    /// Whether a run is a blend by slerp rather than by sums.
    private func isSlerp(_ run: OriginRun) -> Bool {
        run.starts.count == 2 && RoleValues.turns(run, run.starts.keys.sorted()) != nil
    }

    /// A slice, or the name of a node.
    private mutating func body(_ run: OriginRun) -> String {
        let main = run.main
        let blended = run.roles.values.joined().contains { ($0.origin.mixture?.members.count ?? 0) > 1 }
        if blended { return node(blend(run)) }
        let taken = run.roles.keys.sorted().compactMap { role -> (Int, String)? in
            let owners = run.owners(of: role)
            return owners.isEmpty || owners.contains(main) ? nil : (owners.min() ?? main, role)
        }
        let onto = strip(main, run)
        guard !taken.isEmpty else { return onto }
        let takes = Set(taken.map(\.0)).sorted().map { source -> PrintedYAML in
            let roles = RoleValues.selector(taken.filter { $0.0 == source }.map(\.1), in: run) { role in
                let owners = run.owners(of: role)
                return owners.isEmpty || owners.contains(source)
            }
            return .mapping([("where", roles), ("from", .text(strip(source, run)))])
        }
        return node(.mapping([("splice", .mapping([("onto", .text(onto)), ("take", .list(takes))]))]))
    }

    /// A blend of all that have a part in a run.
    private mutating func blend(_ run: OriginRun) -> PrintedYAML {
        let members = run.starts.keys.sorted()
        let strips = members.map { strip($0, run) }
        if members.count == 2, let turns = RoleValues.turns(run, members) {
            return .mapping([
                (
                    "blend",
                    .mapping([
                        ("method", .text("slerp")), ("inputs", .list(strips.map { .text($0) })),
                        ("params", .mapping([("t", turns)])),
                    ])
                )
            ])
        }
        let inputs = zip(members, strips).map { member, strip -> PrintedYAML in
            .mapping([("from", .text(strip)), ("weight", RoleValues.weights(run, of: member))])
        }
        return .mapping([
            (
                "blend",
                .mapping([
                    ("method", .text("linear")), ("inputs", .list(inputs)),
                    ("params", .mapping([("normalize", .literal("false"))])),
                ])
            )
        ])
    }

    private mutating func node(_ operation: PrintedYAML) -> String {
        let name = "part\(nodes.count)"
        nodes.append((name, operation))
        return name
    }

    /// A run for people: `a[0:8]`, `0.6 a[0:8] + 0.4 b[0:8]`.
    func words(_ run: OriginRun) -> String {
        guard !run.starts.isEmpty else { return "like no layers that were named" }
        return run.starts.keys.sorted { $0 == run.main || ($1 != run.main && $0 < $1) }
            .map { Self.strip($0, run, origins) }.joined(separator: " and ")
    }

    // MARK: - Outside the layers

    /// What stands in `output`: whose ends they are, and the dtype.
    mutating func outer(first: OriginRun?, last: OriginRun?) -> [(String, PrintedYAML)] {
        var output: [(String, PrintedYAML)] = []
        let own = dtype(of: origins.model)
        if used.contains(where: { dtype(of: origins.sources[$0]) != own }), let own {
            output.append(("dtype", .text(own.recipeNames.first ?? own.rawValue)))
        }
        let ends = [("embed", Role.Group.embed, first), ("norm", .norm, last), ("head", .head, last)].compactMap {
            key,
            group,
            owner in
            end(group, unless: owner).map { (key, PrintedYAML.text($0)) }
        }
        if !ends.isEmpty { output.append(("ends", .mapping(ends))) }
        return output
    }

    /// Whether a run that stands at an end gives what was found there, without a word.
    private static func gives(_ run: OriginRun, _ part: ModelOrigins.Part) -> Bool {
        if let mixture = part.origin.mixture, mixture.members.count > 1 {
            return run.starts.keys.allSatisfy { source in
                RoleValues.weight(run, of: source).map { RoleValues.agrees(part, with: $0, of: source) } ?? false
            } && Set(mixture.members).isSubset(of: run.starts.keys)
        }
        let isBlend = run.roles.values.joined().contains { ($0.origin.mixture?.members.count ?? 0) > 1 }
        let owners = part.origin.copies ?? part.origin.mixture?.members ?? []
        return !isBlend && owners.contains(run.main) && abs(part.factor - 1) < 0.003
    }

    /// The dtype that most of a model's numbers have.
    private func dtype(of model: StudiedModel) -> DType? {
        let bytes = Dictionary(grouping: model.checkpoint.tensors) { $0.spec.dtype }
            .mapValues { $0.reduce(0) { $0 + $1.spec.byteCount } }
        return bytes.max { ($0.value, $1.key.rawValue) < ($1.value, $0.key.rawValue) }?.key
    }

    /// Whose an end is: a source, or a blend of several; `nil` where the run that has it by itself says so.
    private mutating func end(_ group: Role.Group, unless owner: OriginRun?) -> String? {
        let parts = origins.parts.filter { $0.layer == nil && $0.role.group == group }
        guard let largest = parts.max(by: { $0.elementCount < $1.elementCount }) else { return nil }
        if let owner, Self.gives(owner, largest) { return nil }
        if let copies = largest.origin.copies {
            let source = copies.first { used.contains($0) } ?? copies[0]
            used.insert(source)
            return OriginRecipe.name(source)
        }
        guard let mixture = largest.origin.mixture else { return nil }
        used.formUnion(mixture.members)
        if mixture.members.count == 1 { return OriginRecipe.name(mixture.members[0]) }
        let inputs = mixture.members.map { member -> PrintedYAML in
            .mapping([
                ("from", .text("\(OriginRecipe.name(member))[0]")),
                ("weight", .literal(RoleValues.text(mixture.weights[member]))),
            ])
        }
        let name = "outer_\(group.rawValue)"
        nodes.append(
            (
                name,
                .mapping([
                    (
                        "blend",
                        .mapping([
                            ("method", .text("linear")), ("inputs", .list(inputs)),
                            ("params", .mapping([("normalize", .literal("false"))])),
                        ])
                    )
                ])
            )
        )
        return name
    }
}
