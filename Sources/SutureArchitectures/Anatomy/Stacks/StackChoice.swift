/// Chooses the stacks of language models among all runs of layers, and for each the config that speaks of it.
///
/// A stack and the key that counts it are one choice: where a stack is moved and another's count is written, layers
/// are lost on loading.
struct StackChoice {
    /// A stack and its depth.
    struct Chosen {
        /// Its place among the finder's candidates.
        let candidate: Int
        /// How many layers it has, and where the config says so.
        let count: LayerCount
    }

    private let finder: StackFinder
    private let modelType: String

    /// The config objects of language models, outermost first.
    let scopes: [ConfigScope]

    /// The stacks; none where nothing looks like layers.
    private(set) var chosen: [Chosen] = []

    /// Which of them surgery works on.
    private(set) var main = 0

    init(finder: StackFinder, config: ConfigScope, modelType: String) {
        self.finder = finder
        self.modelType = modelType
        let language = ConfigScope.all(in: config.object)
        let others = ConfigScope.others(in: config.object, besides: language)
        let transformers = finder.transformers()
        let own = transformers.filter { i in
            let prefix = finder.candidates[i].prefix
            return Self.isLanguage(prefix) || !others.contains { $0.describes(prefix) }
        }
        var scopes = language
        var found = Self.choose(among: own, of: finder, scopes: scopes, modelType: modelType)
        if !found.contains(where: { $0.count.stated != nil }) {
            // Nothing that is known to be a language model is counted: what another object counts may be one.
            let named = others.filter { scope in
                transformers.contains { scope.describes(finder.candidates[$0].prefix) }
            }
            let elsewhere = Self.choose(among: transformers, of: finder, scopes: language + named, modelType: modelType)
            if elsewhere.contains(where: { $0.count.stated != nil && $0.count.agrees }) {
                scopes += named
                found = elsewhere
            }
        }
        self.scopes = scopes
        chosen = found
        main = mainPlace()
    }

    /// Whether a prefix says that a stack is a language model's.
    static func isLanguage(_ prefix: String) -> Bool { languageWords.contains(where: prefix.contains) }

    private static let languageWords = ["llm", "language_model", "text_model"]

    /// The stacks whose depth the config knows, or the deepest if it knows none.
    private static func choose(
        among transformers: [Int],
        of finder: StackFinder,
        scopes: [ConfigScope],
        modelType: String
    ) -> [Chosen] {
        let prefixes = transformers.map { finder.candidates[$0].prefix }
        let all = transformers.map { i in
            let candidate = finder.candidates[i]
            let count = LayerCount(
                prefix: candidate.prefix,
                found: candidate.end,
                hasDrafts: hasDrafts(candidate),
                hasTwin: prefixes.contains {
                    areTwins($0, candidate.prefix) || areTwins(candidate.prefix, $0)
                },
                rivals: transformers.filter { $0 != i && finder.candidates[$0].end == candidate.end }
                    .map { finder.candidates[$0].prefix },
                scopes: scopes,
                modelType: modelType
            )
            return Chosen(candidate: i, count: count)
        }
        let known = all.filter { $0.count.agrees && $0.count.stated != nil }
        if !known.isEmpty {
            return known + all.filter { $0.count.stated == nil && isLanguage(finder.candidates[$0.candidate].prefix) }
        }
        return all.max { finder.candidates[$0.candidate].end < finder.candidates[$1.candidate].end }.map { [$0] } ?? []
    }

    /// Whether the last layer has the tensors by which a draft layer joins embedding and hidden state.
    private static func hasDrafts(_ candidate: StackFinder.Candidate) -> Bool {
        let last = candidate.end - 1
        return candidate.tensors.contains { $0.layer == last && draftModules.contains(where: $0.suffix.hasPrefix) }
    }

    private static let draftModules = ["eh_proj.", "enorm.", "hnorm.", "shared_head."]

    /// Of an encoder and its decoder the decoder, else the largest.
    private func mainPlace() -> Int {
        let prefixes = chosen.map { finder.candidates[$0.candidate].prefix }
        let among = chosen.indices.filter { i in !prefixes.contains { Self.areTwins(prefixes[i], $0) } }
        return among.max { a, b in
            finder.candidates[chosen[a].candidate].byteCount < finder.candidates[chosen[b].candidate].byteCount
        } ?? 0
    }

    /// Whether two prefixes are those of an encoder and of its decoder: they first differ in just those words.
    static func areTwins(_ encoder: String, _ decoder: String) -> Bool {
        let pair = zip(encoder.split(separator: "."), decoder.split(separator: ".")).first { $0 != $1 }
        guard let pair else { return false }
        return pair.0.contains("encoder") && pair.1.contains("decoder")
    }

    /// The config object that describes a stack: the innermost where its count stands; where none says it, the
    /// language model's own.
    func scope(of stack: Stack) -> ConfigScope {
        let paths = stack.countPaths.map { Array($0.dropLast()) }
        let holders = scopes.filter { paths.contains($0.path) }
        if let inner = holders.max(by: { $0.path.count < $1.path.count }) { return inner }
        let own = scopes.filter { $0.isLanguage || $0.describes(stack.prefix) }
        return own.filter { $0.word.map(stack.prefix.contains) ?? true }.max { $0.path.count < $1.path.count }
            ?? scopes[0]
    }
}
