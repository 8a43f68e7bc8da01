import SutureJSON

/// How many layers a stack has, and where the config says so.
struct LayerCount {
    /// The number of layers, drafts not counted.
    let count: Int

    /// Where the config says it.
    let paths: [[String]]

    /// Whether the config and the tensors agree.
    let agrees: Bool

    /// What the config says, if it says anything.
    let stated: Int?

    /// Settles the depth of a stack.
    ///
    /// - Parameters:
    ///   - prefix: The stack's prefix, whose words tell encoder from decoder.
    ///   - found: One more than the highest number among its tensors.
    ///   - hasDrafts: Whether its last layers carry a draft module's tensors.
    ///   - hasTwin: Whether it is one of an encoder and a decoder.
    ///   - rivals: The prefixes of other stacks of the same length, which a count may mean as well.
    ///   - scopes: The config's language models.
    ///   - modelType: The family.
    init(
        prefix: String,
        found: Int,
        hasDrafts: Bool,
        hasTwin: Bool,
        rivals: [String],
        scopes: [ConfigScope],
        modelType: String
    ) {
        let statements = Self.statements(prefix: prefix, scopes: scopes, modelType: modelType, hasTwin: hasTwin)
        let exact = Self.settled(statements.filter { $0.count == found }, prefix: prefix, rivals: rivals)
        if !exact.isEmpty, !hasDrafts {
            self.init(count: found, paths: exact.map(\.path), agrees: true, stated: found)
            return
        }
        let withDrafts = statements.filter { $0.count < found && ($0.count + $0.drafts == found || hasDrafts) }
        if let first = withDrafts.first {
            let same = withDrafts.filter { $0.count == first.count }
            self.init(count: first.count, paths: same.map(\.path), agrees: true, stated: first.count)
            return
        }
        if let first = (exact + statements).first {
            let same = statements.filter { $0.count == first.count }
            self.init(
                count: min(found, first.count),
                paths: same.map(\.path),
                agrees: first.count == found,
                stated: first.count
            )
            return
        }
        self.init(count: found, paths: [], agrees: true, stated: nil)
    }

    private init(count: Int, paths: [[String]], agrees: Bool, stated: Int?) {
        self.count = count
        self.paths = paths
        self.agrees = agrees
        self.stated = stated
    }

    /// Of several objects that give the same number, the one that means this stack where there is another so long.
    ///
    /// The language model's own object means the stack that is called so, and the object around it the other.
    private static func settled(_ statements: [Statement], prefix: String, rivals: [String]) -> [Statement] {
        guard !rivals.isEmpty else { return statements }
        let isInner = StackChoice.isLanguage(prefix) || !rivals.contains(where: StackChoice.isLanguage)
        let depths = statements.map(\.path.count)
        return statements.filter { $0.path.count == (isInner ? depths.max() : depths.min()) }
    }

    /// One place in the config that says how many layers there are.
    struct Statement {
        let path: [String]
        let count: Int
        let drafts: Int
    }

    /// What the config says of a stack: by its own keys where it is an encoder or a decoder beside another.
    static func statements(
        prefix: String,
        scopes: [ConfigScope],
        modelType: String,
        hasTwin: Bool
    ) -> [Statement] {
        var all: [Statement] = []
        for scope in scopes {
            if let word = scope.word, !prefix.contains(word) { continue }
            let keys = FamilyTable.countKeys(modelType) ?? ConfigScope.countKeys
            for key in keys {
                guard let count = scope.object[key]?.int, count > 0, count < 100_000 else { continue }
                all.append(Statement(path: scope.path + [key], count: count, drafts: scope.draftCount))
            }
            guard !keys.contains(where: { scope.object[$0]?.int != nil }) else { continue }
            for key in ConfigScope.layerLists {
                guard let value = scope.object[key], let count = value.array?.count ?? value.string?.utf8.count,
                    count > 0
                else { continue }
                all.append(Statement(path: scope.path + [key], count: count, drafts: scope.draftCount))
                break
            }
        }
        let isDecoder = prefix.contains("decoder")
        let isEncoder = prefix.contains("encoder") && !isDecoder
        let speaksOf = { (statement: Statement, word: String) in statement.path.contains { $0.contains(word) } }
        if isDecoder {
            let own = all.filter { speaksOf($0, "decoder") }
            guard own.isEmpty else { return own }
            let shared = all.filter { !speaksOf($0, "encoder") }
            guard hasTwin, FamilyTable.countsEncoderFirst(modelType) else { return shared }
            // T5 counts its decoder like its encoder until `num_decoder_layers` says otherwise.
            return shared.map { statement in
                guard statement.path.last == "num_layers" else { return statement }
                let path = statement.path.dropLast() + ["num_decoder_layers"]
                return Statement(path: Array(path), count: statement.count, drafts: statement.drafts)
            }
        }
        guard isEncoder else {
            let neutral = all.filter { !speaksOf($0, "decoder") || $0.path.first == "decoder" }
            return neutral.isEmpty ? all : neutral
        }
        return all.filter { !speaksOf($0, "decoder") }
    }
}
