import SutureArchitectures
import SutureDiagnostics
import SutureTensors

/// A model's tensor with a row for each token, before its rows were moved.
struct RowGiver: Hashable, Sendable {
    /// The model.
    let source: Int
    /// The tensor, as the model has it.
    let tensor: TensorExpression
}

extension VocabularyAlignment {
    /// Gives all tensors of the models that have a row for each token the output's rows; which those are made of is
    /// settled by ``realize(_:)``, when it is known which models have a part in each.
    ///
    /// - Returns: What cannot be done.
    func prepare(_ sources: inout [ResolvedSource]) -> [Diagnostic] {
        var findings: [Diagnostic] = []
        for model in rows.keys.sorted() {
            let source = sources[model]
            func prepare(_ slots: inout [Strip.Slot], isEnd: Bool) {
                for index in slots.indices {
                    switch fate(of: slots[index], in: source, isEnd: isEnd) {
                    case .stays: continue
                    case .cannotFollow(let reason):
                        let name = slots[index].spec.name
                        findings.append(.rowsCannotFollow(name, of: source.name, reason, at: source.range))
                    case .follows:
                        let spec = slots[index].spec
                        let shape = Shape([rowCount] + spec.shape.dimensions.dropFirst())
                        slots[index].givers = [RowGiver(source: model, tensor: slots[index].expression.rowLeaf)]
                        do throws(TensorSpecError) {
                            slots[index].spec = try TensorSpec(spec.name, spec.dtype, shape)
                        } catch { findings.append(.impossibleTensor(error, at: range)) }
                    }
                }
            }
            prepare(&sources[model].strip.ends.embed.slots, isEnd: true)
            prepare(&sources[model].strip.ends.head.slots, isEnd: true)
            var rest = source.rest.filter { !$0.part.isTower }.slots
            let places = source.rest.indices.filter { !source.rest[$0].part.isTower }
            prepare(&rest, isEnd: false)
            for (place, slot) in zip(places, rest) { sources[model].strip.rest.tensors[place].slot = slot }
        }
        return findings
    }

    private enum Fate {
        case stays, follows
        case cannotFollow(String)
    }

    /// Whether a tensor has a row for each token, and those can be moved.
    private func fate(of slot: Strip.Slot, in source: ResolvedSource, isEnd: Bool) -> Fate {
        guard let count = source.anatomy.facts.embeddingRows, let length = slot.spec.shape.dimensions.first else {
            return .stays
        }
        let words = slot.suffix.lowercased()
        let isMeant =
            isEnd
            ? ["", "copy", "bias", "per_layer"].contains(slot.role.part)
            : Self.tables.contains { words.split(separator: ".").contains(Substring($0)) }
        guard isMeant else {
            // Logits may have a bias in a row of its own.
            let isBias = slot.spec.shape.dimensions == [1, count] && words.contains("bias")
            return isBias && !isUnmoved(source) ? .cannotFollow("it has a column for each token") : .stays
        }
        guard length == count else {
            let isTable = slot.role.part == "per_layer" && words.contains("embed_tokens")
            return isTable && !isUnmoved(source)
                ? .cannotFollow("it has \(length) rows, the embedding \(count)") : .stays
        }
        guard slot.spec.dtype.isBlendable, !slot.isCompanion, slot.expression.rowLeaf.leafForm != nil else {
            return isUnmoved(source) ? .stays : .cannotFollow("they are packed")
        }
        return .follows
    }

    /// Names of modules outside the ends that have a row for each token.
    private static let tables = [
        "embed_tokens", "lm_head", "shared", "wte", "word_embeddings", "shared_head", "embed_out",
    ]

    /// Whether all rows of a model stay where they are.
    private func isUnmoved(_ source: ResolvedSource) -> Bool {
        let own = rows[source.index] ?? []
        return source.anatomy.facts.embeddingRows == rowCount && own.indices.allSatisfy { own[$0] == $0 }
            && !rules.values.contains(where: \.isForced)
    }

    // MARK: - Rows

    /// Says of every tensor with a row for each token what its rows are made of.
    ///
    /// - Returns: Tokens that none of the models of a tensor has.
    func realize(_ composition: inout Composition) -> [Diagnostic] {
        var findings: [Diagnostic] = []
        let sources = composition.sources
        func realize(_ slots: inout [Strip.Slot]) {
            for index in slots.indices where !slots[index].givers.isEmpty {
                var lacking: Set<Int> = []
                slots[index].expression = moved(slots[index].expression, in: slots[index], sources, &lacking)
                let tokens = lacking.sorted().compactMap { self.tokens[$0] }
                if !tokens.isEmpty { findings.append(.rowsOfZeros(slots[index].suffix, tokens, at: range)) }
            }
        }
        realize(&composition.strip.ends.embed.slots)
        realize(&composition.strip.ends.head.slots)
        realize(&composition.rest.slots)
        return findings
    }

    private func moved(
        _ expression: TensorExpression,
        in slot: Strip.Slot,
        _ sources: [ResolvedSource],
        _ lacking: inout Set<Int>
    ) -> TensorExpression {
        guard let giver = slot.givers.first(where: { $0.tensor == expression }) else {
            guard expression.leafForm == nil else { return expression }
            var missing = lacking
            let result = expression.map { moved($0, in: slot, sources, &missing) }
            lacking = missing
            return result
        }
        var models = slot.givers.map(\.source)
        // Where one model gives all, nobody else is asked.
        let base = self.base.flatMap { models.count > 1 || models == [$0] ? $0 : nil } ?? slot.rowBase
        if let base, !models.contains(base) { models.append(base) }
        var inputs = [giver.tensor]
        var places = [giver.source: 0]
        func input(_ model: Int) -> Int? {
            if let known = places[model] { return known }
            let known = slot.givers.first { $0.source == model }?.tensor
            guard let tensor = known ?? sources[model].strip.table(alike: slot) else { return nil }
            places[model] = inputs.count
            inputs.append(tensor)
            return inputs.count - 1
        }
        let runs = (0..<rowCount).map { number -> GatheredTensor.Run in
            let rule = rules[number]
            if rule?.isForced != true, let own = row(number, of: giver.source) { return .blocks(of: 0, own..<own + 1) }
            guard number < tokens.count, tokens[number] != nil else { return .padding(count: 1) }
            let rows = standIn(for: number, among: models, base: base)
            let blocks = rows.compactMap { row -> GatheredTensor.Block? in
                guard case .model(let model, let number) = row, let place = input(model) else { return nil }
                return GatheredTensor.Block(input: place, number: number)
            }
            switch blocks.count {
            case 0:
                if rows.isEmpty { lacking.insert(number) }
                return .filled(0, count: 1)
            case 1: return .blocks(of: blocks[0].input, blocks[0].number..<blocks[0].number + 1)
            default: return .mean(blocks)
            }
        }
        let gathered = GatheredTensor(inputs: inputs, runs: runs)
        let isWhole = gathered.runs == [.blocks(of: 0, 0..<(giver.tensor.leafForm?.shape.dimensions.first ?? -1))]
        return isWhole ? giver.tensor : .gathered(gathered)
    }
}

extension TensorExpression {
    /// What is read of it and not computed, where it is made of one such thing.
    fileprivate var rowLeaf: TensorExpression {
        guard leafForm == nil, children.count == 1 else { return self }
        return children[0].rowLeaf
    }
}

extension Strip {
    /// The tensor that is to this model what another is elsewhere: of a tied model the embedding is the head.
    fileprivate func table(alike slot: Slot) -> TensorExpression? {
        let own = (slot.role.group == .head ? ends.head : ends.embed).slots.filter {
            $0.role.part == slot.role.part && $0.spec.shape.rank == slot.spec.shape.rank && !$0.givers.isEmpty
        }
        let found =
            own.first ?? (slot.role.group == .head && slot.isVocabularyMatrix ? tiedHead(named: slot).first : nil)
        return found?.givers.first?.tensor
    }
}

extension ModelPart {
    fileprivate var isTower: Bool {
        if case .tower = self { true } else { false }
    }
}
