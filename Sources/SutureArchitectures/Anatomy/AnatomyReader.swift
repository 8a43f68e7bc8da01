import SutureJSON
import SutureTensors

/// Puts an anatomy together: stacks, then the roles in their layers, then the ends.
struct AnatomyReader {
    private let config: JSONObject
    private let tensors: [TensorSpec]
    private let modelType: String
    private let finder: StackFinder

    init(config: JSONObject, tensors: [TensorSpec]) {
        self.tensors = tensors
        modelType = config["model_type"]?.string ?? ""
        finder = StackFinder(modelType: modelType, tensors: tensors)
        self.config = PairedBlocks.byLayers(config, depths: Set(finder.candidates.map(\.end)))
    }

    func read() throws(AnatomyError) -> Anatomy {
        if let reason = FamilyTable.refusal(modelType) {
            throw .unsupported(modelType: modelType, reason: reason)
        }
        let choice = StackChoice(finder: finder, config: ConfigScope(path: [], object: config), modelType: modelType)
        guard !choice.chosen.isEmpty else { throw .noLayers(tensorCount: tensors.count, modelType: modelType) }

        var findings: [Finding] = []
        var parts = [ModelPart?](repeating: nil, count: tensors.count)
        var stacks: [Stack] = []
        for (place, chosen) in choice.chosen.enumerated() {
            let candidate = finder.candidates[chosen.candidate]
            stacks.append(
                Stack(
                    prefix: candidate.prefix,
                    layerCount: chosen.count.count,
                    countPaths: chosen.count.paths,
                    isMain: place == choice.main,
                    extraLayers: chosen.count.count..<max(candidate.end, chosen.count.count)
                )
            )
        }
        let main = stacks[choice.main]
        let scope = choice.scope(of: main)
        let families = NestedFamilies.names(modelType, in: scope)
        let stream = ResidualStream(families: families, config: scope.object)
        for (place, chosen) in choice.chosen.enumerated() {
            let candidate = finder.candidates[chosen.candidate]
            fillLayers(of: candidate, stack: place, count: chosen.count.count, in: stream, into: &parts)
            if place == choice.main { findings += countFindings(candidate, chosen.count, in: choice.scopes) }
        }
        let ordered = [scope] + choice.scopes.filter { $0.path != scope.path }
        let vocab = ModelFacts.vocabulary(in: ordered)
        let family = scope.object["model_type"]?.string ?? modelType
        let isTied = ModelFacts.isTied(in: ordered, modelType: family).value
        fillOthers(main: main, vocab: vocab, isTied: isTied, into: &parts)

        let rows = zip(parts, tensors).lazy.compactMap { part, tensor in
            part == .end(.embed) && tensor.shape.rank == 2 ? tensor.shape.dimensions.first : nil
        }.first
        let stated = choice.chosen[choice.main].count.stated
        let facts = ModelFacts(
            scopes: ordered,
            modelType: family,
            embeddingRows: rows,
            layers: stated.map { ModelFacts.Fact(value: $0, path: main.countPaths.first ?? []) }
        )
        if stacks.count > 1 { findings.append(.severalStacks(stacks, main: choice.main)) }
        return Anatomy(
            modelType: modelType,
            architectureNames: config["architectures"]?.array?.compactMap(\.string) ?? [],
            stacks: stacks,
            main: choice.main,
            parts: parts.map { $0 ?? .other },
            followers: FollowerFinder(stacks: stacks, main: choice.main).find(among: tensors, parts),
            facts: facts,
            scopePath: scope.path,
            families: families,
            stream: stream,
            findings: findings
        )
    }

    private func countFindings(
        _ candidate: StackFinder.Candidate,
        _ count: LayerCount,
        in scopes: [ConfigScope]
    ) -> [Finding] {
        guard let stated = count.stated else {
            for scope in scopes {
                for key in ConfigScope.countKeys {
                    guard let value = scope.object[key], value != .null else { continue }
                    return [.noSuchLayerCount(scope.path + [key], value, found: candidate.end)]
                }
            }
            return [.noLayerCount(candidate.prefix, found: candidate.end)]
        }
        var findings: [Finding] = []
        if !count.agrees {
            findings.append(.layerCountMismatch(path: count.paths.first ?? [], stated: stated, found: candidate.end))
        }
        let present = Set(candidate.tensors.lazy.map(\.layer))
        let missing = (0..<count.count).filter { !present.contains($0) }
        if !missing.isEmpty { findings.append(.layersWithoutTensors(missing, prefix: candidate.prefix)) }
        return findings
    }

    // MARK: - Layers

    private func fillLayers(
        of candidate: StackFinder.Candidate,
        stack: Int,
        count: Int,
        in stream: ResidualStream,
        into parts: inout [ModelPart?]
    ) {
        // Layers repeat their suffixes, and experts theirs: each is looked at once.
        var patterns: [String: String] = [:]
        var layers: [Int: [Int]] = [:]
        for (place, entry) in candidate.tensors.enumerated() {
            guard entry.layer < count else {
                parts[entry.tensor] = .extraLayer(stack: stack, layer: entry.layer, suffix: entry.suffix)
                continue
            }
            layers[entry.layer, default: []].append(place)
            if patterns[entry.suffix] == nil { patterns[entry.suffix] = LayeredName.pattern(of: entry.suffix) }
        }
        var kinds: [Set<String>: LayerKind] = [:]
        for (layer, places) in layers {
            let suffixes = Set(places.map { candidate.tensors[$0].suffix })
            var kind =
                kinds[suffixes]
                ?? LayerKind(suffixes.compactMap { patterns[$0] }, modelType: modelType, stream: stream)
            for place in places {
                let entry = candidate.tensors[place]
                let role = kind.role(of: entry.suffix, pattern: patterns[entry.suffix] ?? entry.suffix)
                parts[entry.tensor] = .layer(stack: stack, layer: layer, suffix: entry.suffix, role: role)
            }
            kinds[suffixes] = kind
        }
    }

    /// What the tensors of layers with the same suffixes do.
    struct LayerKind {
        /// The rules of one list: the layer itself, or a whole layer in a list beside it.
        private struct Names {
            private let modelType: String
            private let suffixes: [String]
            private let sublayers: [String: Sublayer]
            private let namer: RoleNamer

            init(_ suffixes: [String], modelType: String) {
                self.modelType = modelType
                self.suffixes = Set(suffixes).sorted()
                sublayers = FamilyRoles.sublayers(of: self.suffixes, modelType: modelType)
                namer = RoleNamer(sublayers)
            }

            func role(of suffix: String, pattern: String) -> Role {
                let sublayer = sublayers[pattern] ?? .other
                return FamilyRoles.role(of: suffix, among: suffixes, sublayer: sublayer, modelType: modelType)
                    ?? namer.role(of: suffix, sublayer: sublayer)
            }
        }

        private let lists: [String: Names]
        private let stream: ResidualStream
        private var roles: [String: Role] = [:]

        init(_ patterns: [String], modelType: String, stream: ResidualStream) {
            self.stream = stream
            let grouped = Dictionary(grouping: patterns.map(SideList.parted), by: \.list)
            lists = grouped.mapValues { Names($0.map(\.inside), modelType: modelType) }
        }

        mutating func role(of suffix: String, pattern: String) -> Role {
            if let role = roles[suffix] { return role }
            let (list, inside) = SideList.parted(suffix)
            let kind = SideList.parted(pattern).inside
            let isBare = !list.isEmpty && inside.isEmpty
            let named =
                isBare
                ? Role(
                    .other,
                    RoleNamer.modules(of: String(list.drop { $0 == "^" })).joined(separator: "."),
                    sublayer: .other
                )
                : lists[list]?.role(of: inside, pattern: kind) ?? Role(.other, suffix, sublayer: .other)
            let role = stream.role(named, of: suffix)
            roles[suffix] = role
            return role
        }
    }

    // MARK: - The rest

    private func fillOthers(main: Stack, vocab: Int?, isTied: Bool, into parts: inout [ModelPart?]) {
        if let family = GGUFFamily.of([modelType]) {
            for i in tensors.indices where parts[i] == nil { parts[i] = GGUFNames.end(tensors[i].name, family: family) }
            return
        }
        var rest: [Int] = []
        for i in tensors.indices where parts[i] == nil {
            let name = tensors[i].name
            if let tower = FamilyTable.tower(of: name, modelType: modelType, stack: main.prefix) {
                parts[i] = .tower(tower)
            } else if let draft = Self.draft(of: name) {
                parts[i] = .draft(draft)
            } else {
                rest.append(i)
            }
        }
        let finder = EndFinder(
            prefix: main.prefix,
            vocab: vocab,
            knownHead: FamilyTable.head(modelType),
            isTied: isTied
        )
        let ends = finder.ends(of: rest.map { tensors[$0] })
        for (i, end) in zip(rest, ends) { parts[i] = end.map(ModelPart.end) ?? .other }
    }

    /// The draft module that a name lies in, such as `mtp` or `model.mtp_layers`.
    private static func draft(of name: String) -> String? {
        var prefix: [Substring] = []
        for part in name.split(separator: ".") {
            prefix.append(part)
            if part == "mtp" || part.hasPrefix("mtp_") { return prefix.joined(separator: ".") }
            guard prefix.count < 3 else { return nil }
        }
        return nil
    }
}
