import SutureTensors

extension TensorExpression {
    /// The expression as people read it, such as `slerp(a:model.norm.weight, b:model.norm.weight; t=0.5)`.
    package func text(in plan: Plan) -> String {
        switch self {
        case .stored(let reference): "\(plan.sources[reference.source].name):\(reference.spec.name)"
        case .scaled(let inner, let factor): "\(words(factor)) * \(inner.text(in: plan))"
        case .filled(let number): "fill(\(words(number)))"
        case .rounded(let inner, let dtype): "round(\(inner.text(in: plan)), \(dtype.rawValue))"
        case .extended(let first, let rows, let rest):
            "rows(\(first.text(in: plan)) to \(rows), then \(rest.text(in: plan)))"
        case .gathered(let gathered): gathered.text(in: plan)
        case .blended(let blend): blend.text(in: plan)
        case .adapted(let reference, .lowRank(let update)):
            "adapt(\(plan.sources[reference.source].name):\(reference.spec.name) + \(words(update.scale)) * "
                + "L·R of rank \(update.rank)"
                + (update.magnitudes == nil ? "" : update.scalesColumns ? ", columns scaled" : ", rows scaled") + ")"
        case .adapted(let reference, .dequantized(let scales, _)):
            "dequantize(\(plan.sources[reference.source].name):\(reference.spec.name), \(scales.spec.name))"
        case .adapted(let reference, .rows(let tensor, let numbers)):
            "adapt(\(plan.sources[reference.source].name):\(reference.spec.name), \(numbers.count) rows of \(tensor.spec.name))"
        case .adapted(let reference, .sum(let tensor, let scale)):
            "adapt(\(plan.sources[reference.source].name):\(reference.spec.name) + \(words(scale)) * \(tensor.spec.name))"
        }
    }
}

extension GatheredTensor {
    /// The blocks as people read them: `blocks(a:model.embed_tokens_per_layer.weight[0:6], [4:8])`.
    fileprivate func text(in plan: Plan) -> String {
        var last: Int?
        let parts = runs.map { run in
            defer { last = run.tensor }
            let name = run.tensor == last ? "" : TensorExpression.stored(tensors[run.tensor]).text(in: plan)
            return "\(name)[\(run.numbers.lowerBound):\(run.numbers.upperBound)]"
        }
        return "blocks(\(parts.joined(separator: ", ")))"
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
