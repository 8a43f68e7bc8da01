import SutureArchitectures
import SutureCheckpoints
import SutureDiagnostics
import SutureJSON
import SutureMerging
import SutureRecipes
import SutureTokenizers
import SystemPackage

/// Brings the vocabularies of models together, where the recipe says whose tokens are written.
///
/// A union has the tokens of one model with the numbers that they have there, and after them those of the others that it
/// lacks: model by model as the recipe mentions them, each by number.
struct VocabularyAligner {
    let graph: SliceGraph
    let sources: [ResolvedSource]
    /// The models of the recipe's inputs.
    let inputs: [String: Int]
    /// The models that the output is made of, that of its config first.
    let owners: [Int]
    /// The release of mergekit whose results are wanted.
    let compatibility: MergeRelease?

    private(set) var findings: [Diagnostic] = []

    init(
        graph: SliceGraph,
        sources: [ResolvedSource],
        inputs: [String: Int],
        owners: [Int],
        compatibility: MergeRelease?
    ) {
        self.compatibility = compatibility
        self.graph = graph
        self.sources = sources
        self.inputs = inputs
        self.owners = owners
    }

    private var isMergekit: Bool { graph.dialect == .mergekit }

    /// The tokens and rows; `nil` where the recipe asks for nothing that the models do not have, or where it cannot be
    /// done, which is reported.
    mutating func align() -> VocabularyAlignment? {
        guard let rules = graph.output.tokenizer, !owners.isEmpty, let start = start(rules),
            sources[start].checkpoint.gguf == nil
        else { return nil }
        if rules.isPlain, !rules.isUnion, !isMergekit, graph.output.accept.contains(where: { $0.value == "vocabulary" })
        {
            return nil
        }
        if rules.isOfBase, isMergekit, rules.base == nil, graph.output.config?.range == nil, owners.count > 1 {
            findings.append(.baseIsFirst(sources[start].name, at: rules.range))
        }
        let mentioned = graph.inputs.compactMap { inputs[$0.name.value] }.filter(owners.contains)
        let members = ([start] + mentioned).reduce(into: [Int]()) { if !$0.contains($1) { $0.append($1) } }
        guard let vocabulary = sources[start].vocabulary else {
            if let other = members.first(where: { sources[$0].vocabulary != nil }) {
                findings.append(.noVocabulary(sources[start].name, beside: sources[other].name, at: rules.range))
            } else if let rule = rules.tokens.first {
                findings.append(.noVocabulary(sources[start].name, rule.token))
            } else if rules.isUnion {
                let other = members.first { !haveSameFile(start, $0) }
                findings.append(
                    other.map { .noVocabulary(sources[start].name, beside: sources[$0].name, at: rules.range) }
                        ?? .unionIsOne(sources[start].name, at: rules.range)
                )
            }
            return nil
        }
        var alignment = VocabularyAlignment(
            tokens: vocabulary.tokens,
            numbers: vocabulary.numbers,
            start: start,
            base: base(rules),
            members: members.filter { owners.contains($0) },
            range: rules.range
        )
        if rules.isUnion { unite(&alignment) }
        add(rules.tokens, to: &alignment)
        alignment.rowCount = rowCount(rules, alignment)
        alignment.keepsPadding = !isMergekit
        for model in Set(members + owners) { map(model, in: &alignment) }
        for rule in rules.tokens { settle(rule, in: &alignment) }
        guard !findings.contains(where: { $0.severity == .error }) else { return nil }
        return isNeeded(alignment) ? alignment : nil
    }

    /// Whether two models whose tokenizers cannot be read have one file, or none.
    private func haveSameFile(_ a: Int, _ b: Int) -> Bool {
        let files = [a, b].map { sources[$0].vocabularyFile }
        return files[0]?.name == files[1]?.name
            && files[0].map { SmallFile.bytes($0.path) } == files[1].map { SmallFile.bytes($0.path) }
    }

    /// The model whose tokenizer is written.
    private func start(_ rules: TokenizerRules) -> Int? {
        switch rules.source {
        case .input(let name): inputs[name.value]
        case .base, .union:
            base(rules) ?? graph.inputs.lazy.compactMap { inputs[$0.name.value] }.first(where: owners.contains)
        }
    }

    private func base(_ rules: TokenizerRules) -> Int? {
        (rules.base ?? (rules.isOfBase ? graph.output.config : nil)).flatMap { inputs[$0.value] }
    }

    /// Puts the tokens of the other models behind those of the first.
    private mutating func unite(_ alignment: inout VocabularyAlignment) {
        var counts: [(model: Int, tokens: Int, pieces: Int)] = []
        for model in alignment.members where model != alignment.start {
            guard let vocabulary = sources[model].vocabulary else { continue }
            let rows = sources[model].anatomy.facts.embeddingRows ?? vocabulary.tokens.count
            var pieces = 0
            let before = alignment.added.count
            for (number, token) in vocabulary.tokens.prefix(rows).enumerated() {
                guard let token, alignment.numbers[TokenText(token)] == nil else { continue }
                let isAdded = vocabulary.added.contains(number)
                if !isAdded { pieces += 1 }
                append(token, isAdded ? vocabulary.definitions[number] ?? [:] : nil, to: &alignment)
            }
            counts.append((model, alignment.added.count - before, pieces))
        }
        guard !alignment.added.isEmpty else {
            findings.append(.unionIsOne(sources[alignment.start].name, at: alignment.range))
            return
        }
        let parts = counts.filter { $0.tokens > 0 }.map { (sources[$0.model].name, $0.tokens) }
        let start = (sources[alignment.start].name, alignment.tokens.count - alignment.added.count)
        findings.append(.union(start, parts, isMergekit: isMergekit, at: alignment.range))
        if let other = counts.first(where: { $0.pieces > 0 }) {
            findings.append(.piecesOfAnother(sources[other.model].name, other.pieces, start.0, at: alignment.range))
        }
    }

    private func append(_ token: String, _ definition: JSONObject?, to alignment: inout VocabularyAlignment) {
        let number = alignment.tokens.count
        alignment.added.append(TokenizerEdit.Token(text: token, number: number, definition: definition))
        alignment.tokens.append(token)
        alignment.numbers[TokenText(token)] = number
    }

    /// Adds tokens that only the recipe has.
    private mutating func add(_ rules: [TokenizerRules.TokenRule], to alignment: inout VocabularyAlignment) {
        for rule in rules where alignment.numbers[TokenText(rule.token.value)] == nil {
            let owner = alignment.members.compactMap { sources[$0].vocabulary }.first {
                $0.numbers[TokenText(rule.token.value)] != nil
            }
            if owner == nil {
                let known = sources[alignment.start].vocabulary?.addedTokens ?? []
                findings.append(.tokenIsNew(rule.token, sources[alignment.start].name, known))
            }
            let number = owner?.numbers[TokenText(rule.token.value)]
            append(rule.token.value, number.flatMap { owner?.definitions[$0] } ?? [:], to: &alignment)
        }
    }

    private func rowCount(_ rules: TokenizerRules, _ alignment: VocabularyAlignment) -> Int {
        let count = alignment.tokens.count
        if let multiple = rules.multiple?.value, multiple > 0 {
            let (padded, overflow) = ((count + multiple - 1) / multiple).multipliedReportingOverflow(by: multiple)
            return overflow ? count : padded
        }
        return isMergekit ? count : max(count, sources[alignment.start].anatomy.facts.embeddingRows ?? 0)
    }

    /// Finds the rows of a model's tokens.
    private mutating func map(_ model: Int, in alignment: inout VocabularyAlignment) {
        let source = sources[model]
        let count = source.anatomy.facts.embeddingRows ?? 0
        var rows = [Int](repeating: -1, count: alignment.rowCount)
        guard let own = source.vocabulary ?? assumed(for: model, like: alignment.start) else {
            findings.append(.noVocabulary(source.name, beside: sources[alignment.start].name, at: alignment.range))
            return
        }
        for number in rows.indices {
            guard number < alignment.tokens.count, let token = alignment.tokens[number] else {
                // What has no token in either stays where it is.
                let isPadding = number >= own.tokens.count || own.tokens[number] == nil
                let isKept = alignment.keepsPadding || number < alignment.tokens.count
                if isKept, isPadding, number < count { rows[number] = number }
                continue
            }
            if let row = own.numbers[TokenText(token)], row < count { rows[number] = row }
        }
        alignment.rows[model] = rows
    }

    /// What a model without tokenizer files is taken to have: the tokens of another with as many rows.
    private func assumed(for model: Int, like start: Int) -> TokenVocabulary? {
        let rows = { (index: Int) in sources[index].anatomy.facts.embeddingRows }
        return sources[model].vocabularyFile == nil && rows(model) == rows(start) ? sources[start].vocabulary : nil
    }

    /// Finds the row that a rule means.
    private mutating func settle(_ rule: TokenizerRules.TokenRule, in alignment: inout VocabularyAlignment) {
        guard let number = alignment.numbers[TokenText(rule.token.value)] else { return }
        var row: VocabularyAlignment.Row?
        if let name = rule.row?.owner {
            guard let model = inputs[name.value], owners.contains(model) else {
                findings.append(.rowFromStranger(name, rule.token.value, models: owners.map { sources[$0].name }))
                return
            }
            let count = sources[model].anatomy.facts.embeddingRows ?? 0
            let own = sources[model].vocabulary ?? assumed(for: model, like: alignment.start)
            let wanted: Int?
            switch rule.row {
            case .other(_, let token):
                wanted = own?.numbers[TokenText(token.value)]
                if wanted == nil {
                    findings.append(.unknownToken(token, in: sources[model].name, own?.addedTokens ?? []))
                }
            case .numbered(_, let number):
                wanted = (0..<count).contains(number.value) ? number.value : nil
                if wanted == nil { findings.append(.noSuchRow(number, in: sources[model].name, rows: count)) }
            default:
                wanted = own?.numbers[TokenText(rule.token.value)]
                if wanted == nil {
                    findings.append(.unknownToken(rule.token, in: sources[model].name, own?.addedTokens ?? []))
                }
            }
            guard let wanted, wanted < count else { return }
            row = .model(model, row: wanted)
        } else if case .zeros = rule.row {
            row = .zeros
        }
        alignment.rules[number] = VocabularyAlignment.Rule(row: row, isForced: rule.isForced)
    }

    /// Whether any row is another than it was.
    private func isNeeded(_ alignment: VocabularyAlignment) -> Bool {
        if !alignment.added.isEmpty || alignment.rules.values.contains(where: \.isForced) { return true }
        // Padding that all models have alike is kept, but where mergekit's own result is wanted.
        let counts = Set(owners.map { sources[$0].anatomy.facts.embeddingRows })
        let isMultiple = counts.allSatisfy { $0?.isMultiple(of: graph.output.tokenizer?.multiple?.value ?? 1) ?? false }
        let areAlike = owners.allSatisfy { model in
            alignment.tokens.indices.allSatisfy { alignment.tokens[$0] == nil || alignment.row($0, of: model) == $0 }
        }
        if counts.count == 1, areAlike, isMultiple, compatibility == nil { return false }
        return owners.contains { model in
            sources[model].anatomy.facts.embeddingRows != alignment.rowCount
                || alignment.rows[model].map { rows in rows.indices.contains { rows[$0] != $0 } } ?? true
        }
    }
}

extension TokenVocabulary {
    /// The tokens that were added to those that were trained, in the order of their numbers.
    var addedTokens: [String] { added.sorted().compactMap { tokens[$0] } }
}
