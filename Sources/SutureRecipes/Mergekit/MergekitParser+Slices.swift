import SutureDiagnostics

extension MergekitParser {
    /// One model of `models:` or one source of a slice.
    struct Source {
        let model: MergekitModel
        let strip: SliceExpression
        let parameters: MergekitParameters
        let range: SourceRange
        /// The half-open range of layers; `nil` for all.
        var layers: (start: Int, end: Int)?
    }

    // MARK: - models:

    /// `models:`: one blend of whole models.
    mutating func models(_ entries: [YAMLNode], _ body: Body, at range: SourceRange) {
        var sources: [Source] = []
        for entry in entries {
            guard entry.pairs != nil else {
                findings.append(.wrongType("an item of 'models'", needs: "{model: …}", found: entry))
                continue
            }
            checkKeys(of: entry, "an item of 'models'", known: ["model", "parameters"], inert: ["layer_range"])
            guard let node = present(entry, "model") else {
                findings.append(.missingKey("model", of: "an item of 'models'", at: entry.range))
                continue
            }
            let own = parameters(entry["parameters"], "a model")
            guard let model = model(node, "'model'") else { continue }
            sources.append(Source(model: model, strip: strip(model), parameters: own, range: entry.range))
        }
        guard sources.count == entries.count else { return }
        // Only this form merges a base that is not listed.
        if let base = body.base, !sources.contains(where: { $0.model.identity == base.identity }),
            body.method?.base ?? .unused == .unused
        {
            if body.method == nil {
                findings.append(.passthroughOfSeveral(2, at: base.reference.range ?? range))
                return
            }
            sources.append(
                Source(model: base, strip: strip(base), parameters: [:], range: base.reference.range ?? range)
            )
        }
        guard let operation = operation(sources, slice: [:], base: body.base, body, isWhole: true, at: range) else {
            return
        }
        graph.nodes.append(SliceGraph.Node(name: Marked(body.node, at: nil), operation: operation, range: range))
    }

    // MARK: - slices:

    /// `slices:`: one part of the stack after another.
    mutating func slices(_ entries: [YAMLNode], _ body: Body, at range: SourceRange) {
        var parts: [(sources: [Source], item: StackItem)] = []
        for (index, entry) in entries.enumerated() {
            guard entry.pairs != nil else {
                findings.append(.wrongType("an item of 'slices'", needs: "{sources: […]}", found: entry))
                continue
            }
            checkKeys(
                of: entry,
                "an item of 'slices'",
                known: ["sources", "base_model", "parameters"],
                inert: ["residual_weight"]
            )
            let own = parameters(entry["parameters"], "a slice")
            checkUse(of: own, by: body.method ?? Self.passthroughMethod, isPerInput: false)
            let base = present(entry, "base_model").flatMap { model($0, "'base_model'") } ?? body.base
            let sources = self.sources(of: entry)
            guard !sources.isEmpty,
                let operation = operation(sources, slice: own, base: base, body, isWhole: false, at: entry.range)
            else { continue }
            if entries.count == 1, case .blend = operation {
                graph.nodes.append(
                    SliceGraph.Node(name: Marked(body.node, at: nil), operation: operation, range: entry.range)
                )
                checkRanges([sources])
                return
            }
            parts.append((sources, item(operation, number: index + 1, body, at: entry.range)))
        }
        guard parts.count == entries.count, !parts.isEmpty else { return }
        checkRanges(parts.map(\.sources))
        if let first = parts.first, let last = parts.last, last.sources.count > first.sources.count {
            findings.append(.lastSliceHasMore(first.sources.count, last.sources.count, at: last.item.range))
        }
        graph.nodes.append(
            SliceGraph.Node(
                name: Marked(body.node, at: nil),
                operation: .stack(LayerStack(parts.map(\.item))),
                range: range
            )
        )
    }

    /// The stack item of a slice; a blend becomes a node of its own.
    private mutating func item(_ operation: Operation, number: Int, _ body: Body, at range: SourceRange) -> StackItem {
        switch operation {
        case .stack(let stack) where stack.items.count == 1: return stack.items[0]
        default:
            let prefix = body.node == "out" ? "slice" : "\(body.node)_slice"
            let name = newName(for: "\(prefix)_\(number)")
            graph.nodes.append(SliceGraph.Node(name: Marked(name, at: nil), operation: operation, range: range))
            let whole = SliceExpression(target: Marked(name, at: range), range: range)
            return StackItem(.layers(StackItem.Layers(from: whole)), range: range)
        }
    }

    private mutating func sources(of entry: YAMLNode) -> [Source] {
        guard let list = present(entry, "sources") else {
            findings.append(.missingKey("sources", of: "an item of 'slices'", at: entry.range))
            return []
        }
        guard let elements = list.elements, !elements.isEmpty else {
            findings.append(.wrongType("'sources'", needs: "a list of {model:, layer_range:}", found: list))
            return []
        }
        var sources: [Source] = []
        for element in elements {
            guard element.pairs != nil else {
                findings.append(.wrongType("an item of 'sources'", needs: "{model:, layer_range:}", found: element))
                continue
            }
            checkKeys(of: element, "an item of 'sources'", known: ["model", "layer_range", "parameters"])
            let own = parameters(element["parameters"], "a source")
            let model = present(element, "model").flatMap { self.model($0, "'model'") }
            if present(element, "model") == nil {
                findings.append(.missingKey("model", of: "an item of 'sources'", at: element.range))
            }
            guard let range = layerRange(of: element), let model else { continue }
            sources.append(
                Source(
                    model: model,
                    strip: strip(model, range: range),
                    parameters: own,
                    range: element.range,
                    layers: (range.start.value, range.end.value)
                )
            )
        }
        return sources.count == elements.count ? sources : []
    }

    private mutating func layerRange(
        of element: YAMLNode
    ) -> (start: Marked<Int>, end: Marked<Int>, range: SourceRange)? {
        guard let node = present(element, "layer_range") else {
            findings.append(.missingKey("layer_range", of: "an item of 'sources'", at: element.range))
            return nil
        }
        guard let bounds = node.elements, bounds.count == 2 else {
            findings.append(.badLayerRange(node))
            return nil
        }
        guard let start = integer(bounds[0], "the start of 'layer_range'"),
            let end = integer(bounds[1], "the end of 'layer_range'")
        else { return nil }
        guard start.value >= 0, end.value >= start.value else {
            findings.append(.impossibleRange(start.value, end.value, at: node.range))
            return nil
        }
        return (start, end, node.range)
    }

    /// Reports ranges that can be seen to be wrong whatever the models are.
    private mutating func checkRanges(_ slices: [[Source]]) {
        for sources in slices {
            guard let first = sources.first, let layers = first.layers else { continue }
            for source in sources.dropFirst() {
                guard let other = source.layers, other.end - other.start != layers.end - layers.start else { continue }
                findings.append(
                    .unequalRanges(layers.end - layers.start, other.end - other.start, at: source.strip.range)
                )
            }
        }
        guard slices.allSatisfy({ $0.allSatisfy { $0.layers.map { $0.start == $0.end } ?? false } }) else { return }
        for sources in slices {
            guard let first = sources.first, let layers = first.layers else { continue }
            findings.append(.closedRange(layers.start, at: first.strip.range))
        }
    }

    // MARK: - What is done with the sources

    /// The operation of a slice or of `models:`.
    private mutating func operation(
        _ sources: [Source],
        slice: MergekitParameters,
        base: MergekitModel?,
        _ body: Body,
        isWhole: Bool,
        at range: SourceRange
    ) -> Operation? {
        guard let method = body.method else { return passthrough(sources, slice: slice, body, at: range) }
        for source in sources { checkUse(of: source.parameters, by: method, isPerInput: true) }
        guard let expression = baseStrip(sources, base: base, method: method, body, isWhole: isWhole, at: range) else {
            return nil
        }
        let isBaseAlone = body.isModule && sources.first?.model.identity == base?.identity
        if sources.count == 1, !isWhole || isBaseAlone, method.base != .unused {
            // One tensor alone is passed on as it is; against a base, only the base itself is.
            if method.base != .required || sources[0].model.identity == base?.identity {
                let layers = StackItem.Layers(from: sources[0].strip)
                return .stack(LayerStack([StackItem(.layers(layers), range: range)]))
            }
        }
        warnOfRepeatedModels(sources)
        let levels = [slice] + body.levels
        var blend = Blend(
            method: body.methodName.map(Expression.text),
            inputs: [],
            base: expression.base,
            parameters: method.parameters.filter { !$0.isPerInput }.compactMap { combine($0.name, levels, as: $0.kind) }
        )
        for source in sources {
            let own = method.parameters.filter(\.isPerInput).compactMap {
                combine($0.name, [source.parameters] + levels, as: $0.kind)
            }
            blend.inputs.append(Blend.Input(from: source.strip, parameters: own))
            let isBase = method.base != .unused && source.model.identity == base?.identity
            guard !isBase else { continue }
            for parameter in method.parameters where parameter.isPerInput && isNeeded(parameter) {
                if !own.contains(where: { $0.name.value == parameter.name }) {
                    findings.append(.missingModelParameter(parameter, of: method, source.model, at: source.range))
                }
            }
        }
        for parameter in method.parameters where !parameter.isPerInput && isNeeded(parameter) {
            if !blend.parameters.contains(where: { $0.name.value == parameter.name }) {
                findings.append(.missingFileParameter(parameter, of: method, at: body.methodName.range))
            }
        }
        return .blend(blend)
    }

    /// Whether a parameter must be given; one with a wrong value has been reported.
    private func isNeeded(_ parameter: RecipeVocabulary.Parameter) -> Bool {
        parameter.isRequired && !wrongParameters.contains(parameter.name)
    }

    /// What a file may say of `passthrough`, which merges nothing and so is no registered method.
    static let passthroughMethod = RecipeVocabulary.Method(
        name: "passthrough",
        summary: "passes tensors on as they are",
        parameters: [
            RecipeVocabulary.Parameter(
                name: "scale",
                isPerInput: true,
                isRequired: false,
                kind: .float,
                summary: "factor on the tensor"
            )
        ],
        base: .unused
    )

    /// A part that is passed on as it is, perhaps scaled.
    private mutating func passthrough(
        _ sources: [Source],
        slice: MergekitParameters,
        _ body: Body,
        at range: SourceRange
    ) -> Operation? {
        guard sources.count == 1, let source = sources.first else {
            findings.append(.passthroughOfSeveral(sources.count, at: sources.dropFirst().first?.range ?? range))
            return nil
        }
        let scale = combine("scale", [source.parameters, slice] + body.levels, as: .float)
        checkUse(of: source.parameters, by: Self.passthroughMethod, isPerInput: true)
        var layers = StackItem.Layers(from: source.strip)
        layers.scale = scale?.value
        return .stack(LayerStack([StackItem(.layers(layers), range: range)]))
    }

    /// The strip of the base among the sources, or beside them.
    ///
    /// - Returns: The base's strip, which may be none; `nil` when one is missing and has been reported.
    private mutating func baseStrip(
        _ sources: [Source],
        base: MergekitModel?,
        method: RecipeVocabulary.Method,
        _ body: Body,
        isWhole: Bool,
        at range: SourceRange
    ) -> (base: SliceExpression?, Void)? {
        guard method.base != .unused else { return (nil, ()) }
        guard let base else {
            guard method.base == .optional || sources.count == 1 && !isWhole && method.base == .member else {
                findings.append(.missingBase(body.methodName.value, key: "base_model", at: body.methodName.range))
                return nil
            }
            return (nil, ())
        }
        if let own = sources.first(where: { $0.model.identity == base.identity }) { return (own.strip, ()) }
        if isWhole, method.base != .member || sources.count == 1 { return (strip(base), ()) }
        if method.base == .optional || (sources.count == 1 && method.base == .member) { return (nil, ()) }
        findings.append(.baseNotAmongSources(base.reference, method.name, isWhole: isWhole, at: range))
        return nil
    }

    private mutating func warnOfRepeatedModels(_ sources: [Source]) {
        for (index, source) in sources.enumerated() {
            guard sources[..<index].contains(where: { $0.model.identity == source.model.identity }) else { continue }
            findings.append(.modelTwiceInSlice(source.model.reference))
        }
    }
}
