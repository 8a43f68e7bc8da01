import SutureDiagnostics

// Blends, splices and their parameters in mergekit's words.

extension MergekitPrinter {
    /// The keys of a document that merges strips.
    mutating func blend(_ blend: Blend) -> [(String, PrintedYAML)] {
        var pairs = [("merge_method", blend.method.value.scalar)]
        if let base = blend.base ?? implicitBase(of: blend) {
            pairs.append(("base_model", .text(reference(base.target.value))))
        }
        let strips = blend.inputs.map(\.from) + (blend.base.map { [$0] } ?? [])
        for strip in strips { writeStage(strip.target.value) }
        if strips.allSatisfy({ $0.pieces == nil }) {
            let models = blend.inputs.map { input -> PrintedYAML in
                var pairs = [("model", PrintedYAML.text(reference(input.from.target.value)))]
                let own = parameters(input.parameters)
                if !own.isEmpty { pairs.append(("parameters", .mapping(own))) }
                return .mapping(pairs)
            }
            pairs.append(("models", .list(models)))
            let own = parameters(blend.parameters)
            if !own.isEmpty { pairs.append(("parameters", .mapping(own))) }
        } else {
            pairs.append(("slices", .list([.mapping(slice(blend))])))
        }
        return pairs
    }

    /// Without a base, slerp's first end is its first input; mergekit wants that said.
    private func implicitBase(of blend: Blend) -> SliceExpression? {
        guard case .text(let method) = blend.method.value, ["slerp", "arcee_fusion", "nearswap"].contains(method) else {
            return nil
        }
        return blend.inputs.first?.from
    }

    /// One slice that merges runs of layers.
    mutating func slice(_ blend: Blend) -> [(String, PrintedYAML)] {
        var sources: [PrintedYAML] = []
        var inputs = blend.inputs
        if let base = blend.base, !inputs.contains(where: { $0.from.text == base.text }) {
            inputs.append(Blend.Input(from: base))
        }
        for input in inputs {
            writeStage(input.from.target.value)
            guard let ranges = ranges(of: input.from), ranges.count == 1 else {
                refuse("the layers '\(input.from.text)' in one slice")
                continue
            }
            let range = PrintedYAML.list([.literal("\(ranges[0].lowerBound)"), .literal("\(ranges[0].upperBound)")])
            var pairs = [
                ("model", PrintedYAML.text(reference(input.from.target.value))), ("layer_range", .compact(range)),
            ]
            let own = parameters(input.parameters)
            if !own.isEmpty { pairs.append(("parameters", .mapping(own))) }
            sources.append(.mapping(pairs))
        }
        var pairs = [("sources", PrintedYAML.list(sources))]
        let own = parameters(blend.parameters)
        if !own.isEmpty { pairs.append(("parameters", .mapping(own))) }
        return pairs
    }

    /// A splice is a linear merge of weights 0 and 1, which is exact.
    mutating func splice(_ splice: Splice, node: String) -> [(String, PrintedYAML)] {
        var strips = [splice.onto]
        for take in splice.takes where !strips.contains(where: { $0.text == take.from.text }) {
            strips.append(take.from)
        }
        if splice.takes.contains(where: { $0.blend != nil }) { refuse("the blend of a taken part in node '\(node)'") }
        let inputs = strips.map { strip in
            var cases = splice.takes.reversed().map { take in
                Value.Case(
                    selector: take.selector,
                    value: Value(.constant(.integer(take.from.text == strip.text ? 1 : 0)), range: nil)
                )
            }
            cases.append(
                Value.Case(
                    selector: nil,
                    value: Value(.constant(.integer(strip.text == splice.onto.text ? 1 : 0)), range: nil)
                )
            )
            let weight = Argument(name: Marked("weight", at: nil), value: Value(.cases(cases), range: nil))
            return Blend.Input(from: strip, parameters: [weight])
        }
        let normalize = Argument(
            name: Marked("normalize", at: nil),
            value: Value(.constant(.boolean(false)), range: nil)
        )
        return blend(Blend(method: Marked(.text("linear"), at: nil), inputs: inputs, parameters: [normalize]))
    }

    private mutating func parameters(_ arguments: [Argument]) -> [(String, PrintedYAML)] {
        arguments.compactMap { argument in setting(argument.value).map { (argument.name.value, $0) } }
    }

    /// Factors by filter of what is scaled, and of what is set to zero.
    mutating func factors(scale: Value?, set: Value?) -> PrintedYAML? {
        var cases: [PrintedYAML] = []
        var isWhole: PrintedYAML?
        for (value, isSet) in [(set, true), (scale, false)] {
            guard let value, isWhole == nil else { continue }
            if isSet, !value.isZero {
                refuse("tensors set to something other than 0")
                continue
            }
            guard case .cases(let entries) = value.content else {
                isWhole = setting(value)
                continue
            }
            for entry in entries where isWhole == nil {
                guard let printed = setting(entry.value) else { continue }
                guard let selector = entry.selector else {
                    isWhole = printed
                    continue
                }
                cases += filters(selector).map { .mapping([("filter", .text($0)), ("value", printed)]) }
            }
        }
        guard !cases.isEmpty else { return isWhole }
        cases.append(.mapping([("value", isWhole ?? .literal("1.0"))]))
        return .list(cases)
    }

    private mutating func setting(_ value: Value) -> PrintedYAML? {
        switch value.content {
        case .constant(.integer(let number)): return .literal("\(number)")
        case .constant(.number(let number)): return .literal(number.inYAML11)
        case .constant(.boolean(let truth)): return .literal("\(truth)")
        case .constant(let expression):
            refuse("the value \(expression.text)")
            return nil
        case .curve(let points, let axis):
            if axis == .depth { refuse("curves over depth: mergekit's run over the slice") }
            var numbers: [PrintedYAML] = []
            for point in points {
                guard let number = setting(Value(.constant(point.value), range: nil)) else { return nil }
                numbers.append(number)
            }
            return .compact(.list(numbers))
        case .cases(let cases):
            var entries: [PrintedYAML] = []
            for entry in cases {
                guard let printed = setting(entry.value) else { return nil }
                guard let selector = entry.selector else {
                    entries.append(.mapping([("value", printed)]))
                    continue
                }
                entries += filters(selector).map { .mapping([("filter", .text($0)), ("value", printed)]) }
            }
            return .list(entries)
        }
    }

    /// The parts of tensors' names by which mergekit finds what a selector means.
    private mutating func filters(_ selector: Selector) -> [String] {
        if !selector.excluding.isEmpty { refuse("'not' in a selector") }
        return selector.including.flatMap { term -> [String] in
            switch term {
            case .role(let role):
                if role.value == "residual" { return ["o_proj", "down_proj"] }
                if let filter = Self.filters[role.value] { return [filter] }
                refuse("the role '\(role.value)'")
            case .layers: refuse("selectors of single layers")
            case .name(let glob):
                let bare = glob.value.drop { $0 == "*" }
                let text = String(bare.reversed().drop { $0 == "*" }.reversed())
                let isPart = glob.value.hasPrefix("*") && glob.value.hasSuffix("*") && glob.value.count > 1
                if isPart, !text.isEmpty, !text.contains(where: { "*?[".contains($0) }) { return [text] }
                refuse("the names '\(glob.value)': a filter is a part of a name")
            }
            return []
        }
    }

    /// What roles are called in models named like Llama's.
    private static let filters = [
        "*": "*", "attn.*": "self_attn", "attn.q": "q_proj", "attn.k": "k_proj", "attn.v": "v_proj", "attn.o": "o_proj",
        "attn.qkv": "qkv_proj", "attn.q_norm": "q_norm", "attn.k_norm": "k_norm", "mlp.*": "mlp",
        "mlp.gate": "gate_proj",
        "mlp.up": "up_proj", "mlp.down": "down_proj", "mlp.gate_up": "gate_up_proj", "norm.attn": "input_layernorm",
        "norm.mlp": "post_attention_layernorm", "norm.final": "model.norm", "embed": "embed_tokens", "head": "lm_head",
    ]
}

extension Value {
    /// Whether it is zero wherever it says something.
    fileprivate var isZero: Bool {
        switch content {
        case .constant(.integer(0)): true
        case .constant(.number(let number)): number == 0
        case .constant: false
        case .curve(let points, _): points.allSatisfy { Value(.constant($0.value), range: nil).isZero }
        case .cases(let cases): cases.allSatisfy(\.value.isZero)
        }
    }
}

extension Double {
    /// The number as YAML 1.1 knows it: an exponent wants a point before it and a sign in it.
    fileprivate var inYAML11: String {
        let text = "\(self)"
        guard let mark = text.firstIndex(of: "e"), !text[..<mark].contains(".") else { return text }
        return text[..<mark] + ".0" + text[mark...]
    }
}
