import SutureTensors

extension TensorExpression {
    /// The expression as people read it, such as `slerp(a:model.norm.weight, b:model.norm.weight; t=0.5)`.
    package func text(in plan: Plan) -> String {
        switch self {
        case .stored(let reference): "\(plan.sources[reference.source].name):\(reference.spec.name)"
        case .scaled(let inner, let factor): "\(words(factor)) * \(inner.text(in: plan))"
        case .filled(let number): "fill(\(words(number)))"
        case .rounded(let inner, let dtype): "round(\(inner.text(in: plan)), \(dtype.rawValue))"
        case .gathered(let gathered): gathered.text(in: plan)
        case .blended(let blend): blend.text(in: plan)
        case .adapted(let reference, .lowRank(let update)):
            "adapt(\(plan.sources[reference.source].name):\(reference.spec.name) + \(words(update.scale)) * "
                + "L·R of rank \(update.rank)"
                + (update.magnitudes == nil ? "" : update.scalesColumns ? ", columns scaled" : ", rows scaled") + ")"
        case .adapted(let reference, .dequantized(let scales, _)):
            "dequantize(\(plan.sources[reference.source].name):\(reference.spec.name), \(scales.spec.name))"
        case .adapted(let reference, .sum(let tensor, let scale)):
            "adapt(\(plan.sources[reference.source].name):\(reference.spec.name) + \(words(scale)) * \(tensor.spec.name))"
        }
    }
}

extension GatheredTensor {
    /// The blocks as people read them: `blocks(a:model.embed_tokens_per_layer.weight[0:6], [4:8])`; of many no more than
    /// how many are whose.
    fileprivate func text(in plan: Plan) -> String {
        if let (first, rows, rest) = joined {
            return "rows(\(first.text(in: plan)) to \(rows)" + (rest.map { ", then \($0.text(in: plan))" } ?? "") + ")"
        }
        let word = isOfRows ? "rows" : "blocks"
        guard runs.count <= 12 else {
            let parts = shares.map { share in
                let owner = share.input.map { " of \(inputs[$0].text(in: plan))" } ?? ""
                return "\(share.count)\(share.word.map { " " + $0 } ?? "")\(owner)"
            }
            return "\(word)(\(parts.joined(separator: ", ")))"
        }
        var last: Int?
        let parts = runs.map { run in
            var place: Int?
            defer { last = place }
            switch run {
            case .blocks(let input, let numbers):
                place = input
                let name = input == last ? "" : inputs[input].text(in: plan)
                return "\(name)[\(numbers.lowerBound):\(numbers.upperBound)]"
            case .mean(let blocks):
                return "mean("
                    + blocks.map { "\(inputs[$0.input].text(in: plan))[\($0.number)]" }.joined(separator: ", ")
                    + ")"
            case .filled(let number, let count): return "\(count) of \(words(number))"
            case .padding(let count): return "\(count) of padding"
            }
        }
        return "\(word)(\(parts.joined(separator: ", ")))"
    }

    /// How many of its blocks are of which kind: whose, or made how.
    var shares: [(count: Int, input: Int?, word: String?)] {
        var counts: [(count: Int, input: Int?, word: String?)] = []
        func add(_ count: Int, _ input: Int?, _ word: String?) {
            if let known = counts.firstIndex(where: { $0.input == input && $0.word == word }) {
                counts[known].count += count
            } else {
                counts.append((count, input, word))
            }
        }
        for run in runs {
            switch run {
            case .blocks(let input, let numbers): add(numbers.count, input, nil)
            case .mean(let blocks): add(1, nil, "mean of \(blocks.count)")
            case .filled(let number, let count): add(count, nil, "of \(words(number))")
            case .padding(let count): add(count, nil, "of padding")
            }
        }
        return counts
    }
}

extension BlendExpression {
    /// The blend as people read it.
    fileprivate func text(in plan: Plan) -> String {
        let parts = inputs.enumerated().map { index, input in
            let own = inputParameters.indices.contains(index) ? inputParameters[index] : [:]
            return input.text(in: plan) + (own.isEmpty ? "" : "{\(list(own))}")
        }
        let against = base.map { "; base=\($0.text(in: plan))" } ?? ""
        return
            "\(method)(\(parts.joined(separator: ", "))\(against)\(parameters.isEmpty ? "" : "; \(list(parameters))"))"
    }

    private func list(_ values: [String: Double]) -> String {
        values.sorted { $0.key < $1.key }.map { "\($0.key)=\(words($0.value))" }.joined(separator: ", ")
    }
}
