import SutureCheckpoints
import SutureDiagnostics
import SutureTensors

/// Puts an anatomy together: stacks, then the roles in their layers, then the ends.
struct AnatomyReader {
    private let config: JSONObject
    private let tensors: [TensorSpec]
    private let modelType: String
    private let scopes: [ConfigScope]
    private let finder: StackFinder

    init(config: JSONObject, tensors: [TensorSpec]) {
        self.config = config
        self.tensors = tensors
        scopes = ConfigScope.all(in: config)
        modelType = config["model_type"]?.string ?? ""
        finder = StackFinder(modelType: modelType, tensors: tensors)
    }

    func read() throws(AnatomyError) -> Anatomy {
        if let reason = FamilyTable.refusal(modelType) {
            throw .unsupported(modelType: modelType, reason: reason)
        }
        let chosen = languageStacks()
        guard !chosen.isEmpty else { throw .noLayers(tensorCount: tensors.count, modelType: modelType) }
        let main = mainStack(of: chosen)

        var findings: [Finding] = []
        var parts = [Part?](repeating: nil, count: tensors.count)
        var stacks: [Stack] = []
        for (place, choice) in chosen.enumerated() {
            let candidate = finder.candidates[choice.candidate]
            stacks.append(
                Stack(
                    prefix: candidate.prefix,
                    layerCount: choice.count.count,
                    countPaths: choice.count.paths,
                    isMain: place == main,
                    extraLayers: choice.count.count..<max(candidate.end, choice.count.count)
                )
            )
            fillLayers(of: candidate, stack: place, count: choice.count.count, into: &parts)
            findings += countFindings(candidate, choice.count, isMain: place == main)
        }
        let scope = scope(of: stacks[main])
        let ordered = [scope] + scopes.filter { $0.path != scope.path }
        let vocab = ModelFacts.vocabulary(in: ordered)
        fillOthers(main: stacks[main], vocab: vocab, into: &parts)

        let rows = zip(parts, tensors).lazy.compactMap { part, tensor in
            part == .end(.embed) && tensor.shape.rank == 2 ? tensor.shape.dimensions.first : nil
        }.first
        let stated = chosen[main].count.stated
        let facts = ModelFacts(
            scopes: ordered,
            modelType: scope.object["model_type"]?.string ?? modelType,
            embeddingRows: rows,
            layers: stated.map { ModelFacts.Fact(value: $0, path: stacks[main].countPaths.first ?? []) }
        )
        if stacks.count > 1 { findings.append(.severalStacks(stacks, main: main)) }
        return Anatomy(
            modelType: modelType,
            architectureNames: config["architectures"]?.array?.compactMap(\.string) ?? [],
            stacks: stacks,
            main: main,
            parts: parts.map { $0 ?? .other },
            facts: facts,
            scopePath: scope.path,
            findings: findings
        )
    }

    // MARK: - Stacks

    private struct Choice {
        let candidate: Int
        let count: LayerCount
    }

    /// The stacks of language models: those whose depth the config knows, or the deepest if it knows none.
    private func languageStacks() -> [Choice] {
        let transformers = finder.transformers()
        let prefixes = transformers.map { finder.candidates[$0].prefix }
        let all = transformers.map { i in
            let candidate = finder.candidates[i]
            let count = LayerCount(
                prefix: candidate.prefix,
                found: candidate.end,
                hasDrafts: hasDrafts(candidate),
                hasTwin: prefixes.contains {
                    Self.areTwins($0, candidate.prefix) || Self.areTwins(candidate.prefix, $0)
                },
                scopes: scopes,
                modelType: modelType
            )
            return Choice(candidate: i, count: count)
        }
        let known = all.filter { $0.count.agrees && $0.count.stated != nil }
        if !known.isEmpty {
            let named = all.filter { choice in
                let prefix = finder.candidates[choice.candidate].prefix
                return choice.count.stated == nil && Self.languageWords.contains(where: prefix.contains)
            }
            return known + named
        }
        return all.max { finder.candidates[$0.candidate].end < finder.candidates[$1.candidate].end }.map { [$0] } ?? []
    }

    /// Words in a prefix that make it a language model's even where the config does not count it.
    private static let languageWords = ["llm", "language_model", "text_model"]

    /// Whether the last layer has the tensors by which a draft layer joins embedding and hidden state.
    private func hasDrafts(_ candidate: StackFinder.Candidate) -> Bool {
        let last = candidate.end - 1
        return candidate.tensors.contains { $0.layer == last && Self.draftModules.contains(where: $0.suffix.hasPrefix) }
    }

    private static let draftModules = ["eh_proj.", "enorm.", "hnorm.", "shared_head."]

    /// Of an encoder and its decoder the decoder, else the largest.
    private func mainStack(of chosen: [Choice]) -> Int {
        let prefixes = chosen.map { finder.candidates[$0.candidate].prefix }
        let among = chosen.indices.filter { i in !prefixes.contains { Self.areTwins(prefixes[i], $0) } }
        return among.max { a, b in
            finder.candidates[chosen[a].candidate].byteCount < finder.candidates[chosen[b].candidate].byteCount
        } ?? 0
    }

    /// Whether two prefixes are those of an encoder and of its decoder: they first differ in just those words.
    private static func areTwins(_ encoder: String, _ decoder: String) -> Bool {
        let pair = zip(encoder.split(separator: "."), decoder.split(separator: ".")).first { $0 != $1 }
        guard let pair else { return false }
        return pair.0.contains("encoder") && pair.1.contains("decoder")
    }

    /// The config object that describes a stack: where its count stands, the innermost if in several.
    private func scope(of stack: Stack) -> ConfigScope {
        let paths = stack.countPaths.map { Array($0.dropLast()) }
        let holders = scopes.filter { paths.contains($0.path) }
        return holders.max { $0.path.count < $1.path.count } ?? scopes[0]
    }

    private func countFindings(
        _ candidate: StackFinder.Candidate,
        _ count: LayerCount,
        isMain: Bool
    ) -> [Finding] {
        guard isMain else { return [] }
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
        into parts: inout [Part?]
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
                kinds[suffixes] ?? LayerKind(suffixes.compactMap { patterns[$0] }, modelType: modelType)
            for place in places {
                let entry = candidate.tensors[place]
                let role = kind.role(of: entry.suffix, pattern: patterns[entry.suffix] ?? entry.suffix)
                parts[entry.tensor] = .layer(stack: stack, layer: layer, suffix: entry.suffix, role: role)
            }
            kinds[suffixes] = kind
        }
    }

    /// What the tensors of layers with the same suffixes do.
    private struct LayerKind {
        private let modelType: String
        private let patterns: [String]
        private let sublayers: [String: Sublayer]
        private let namer: RoleNamer
        private var roles: [String: Role] = [:]

        init(_ patterns: [String], modelType: String) {
            self.modelType = modelType
            self.patterns = Set(patterns).sorted()
            sublayers = FamilyRoles.sublayers(of: self.patterns, modelType: modelType)
            namer = RoleNamer(sublayers)
        }

        mutating func role(of suffix: String, pattern: String) -> Role {
            if let role = roles[suffix] { return role }
            let sublayer = sublayers[pattern] ?? .other
            let role =
                FamilyRoles.role(of: suffix, among: patterns, sublayer: sublayer, modelType: modelType)
                ?? namer.role(of: suffix, sublayer: sublayer)
            roles[suffix] = role
            return role
        }
    }

    // MARK: - The rest

    private func fillOthers(main: Stack, vocab: Int?, into parts: inout [Part?]) {
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
        let ends = EndFinder(prefix: main.prefix, vocab: vocab, knownHead: FamilyTable.head(modelType)).ends(
            of: rest.map { tensors[$0] }
        )
        for (i, end) in zip(rest, ends) { parts[i] = end.map(Part.end) ?? .other }
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

extension Finding {
    /// The config and the tensors count layers differently.
    static func layerCountMismatch(path: [String], stated: Int, found: Int) -> Finding {
        Finding(
            .error,
            code: "layer-count-mismatch",
            "config.json says \(stated) layers in \(path.joined(separator: ".")), the tensors have \(found)",
            fix: stated > found
                ? "fetch the checkpoint's missing files" : "set \(path.last ?? "the count") to \(found)",
            field: path
        )
    }

    /// The config has no key that counts layers.
    static func noLayerCount(_ prefix: String, found: Int) -> Finding {
        Finding(
            .warning,
            code: "no-layer-count",
            "config.json does not say how many layers there are, the tensors under \(prefix) have \(found)",
            fix: "add num_hidden_layers: \(found) to config.json"
        )
    }

    /// The config counts layers with something that is no count.
    static func noSuchLayerCount(_ path: [String], _ value: JSONValue, found: Int) -> Finding {
        let shown = excerpt(JSONPrinter.print(value))
        return Finding(
            .warning,
            code: "no-layer-count",
            "config.json says \(path.joined(separator: ".")): \(shown), and the tensors have \(found) layers",
            fix: "set it to \(found)",
            field: path
        )
    }

    /// Some numbers between the first layer and the last have no tensors.
    static func layersWithoutTensors(_ layers: [Int], prefix: String) -> Finding {
        let shown = layers.prefix(8).map(String.init).joined(separator: ", ") + (layers.count > 8 ? ", …" : "")
        return Finding(
            .warning,
            code: "layer-without-tensors",
            "\(layers.count == 1 ? "layer" : "layers") \(shown) of \(prefix) \(layers.count == 1 ? "has" : "have") no tensors",
            fix: "fetch the checkpoint's missing files, unless the family leaves such layers empty"
        )
    }

    /// There is more than one stack, and surgery works on one.
    static func severalStacks(_ stacks: [Stack], main: Int) -> Finding {
        let others = stacks.indices.filter { $0 != main }.map { "\(stacks[$0].prefix) (\(stacks[$0].layerCount))" }
        return Finding(
            .note,
            code: "several-stacks",
            "layers mean those of \(stacks[main].prefix); \(others.joined(separator: ", ")) is carried as it is"
        )
    }
}
