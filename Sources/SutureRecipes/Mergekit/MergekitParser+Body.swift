import SutureDiagnostics

// One document: its models or slices become nodes, the last of which has the document's name.

extension MergekitParser {
    static let documentKeys = [
        "merge_method", "models", "slices", "modules", "base_model", "dtype", "out_dtype", "tokenizer_source",
        "tokenizer", "chat_template", "parameters", "name",
    ]

    /// One document while it is read.
    struct Body {
        /// The method; `nil` for passthrough.
        let method: RecipeVocabulary.Method?
        /// The method's name where it is written.
        let methodName: Marked<String>
        /// The base of all slices that name none of their own.
        let base: MergekitModel?
        /// The parameters of the module and of the file, the nearest first.
        let levels: [MergekitParameters]
        /// The node that stands for the document, or for a module of it.
        let node: String
        /// Whether it is one of several modules, of which some may be the base's alone.
        let isModule: Bool
    }

    /// Reads a document.
    ///
    /// - Parameters:
    ///   - document: The document.
    ///   - node: The node that stands for it.
    ///   - isWritten: Whether its settings are those of what is written.
    mutating func body(_ document: YAMLNode, node: String, isWritten: Bool) {
        guard document.pairs != nil else {
            findings.append(.wrongType("a document", needs: "keys such as 'merge_method'", found: document))
            return
        }
        checkKeys(of: document, "a mergekit file", known: Self.documentKeys)
        let global = parameters(document["parameters"], "the file")
        let base = present(document, "base_model").flatMap { model($0, "'base_model'") }
        let name = method(of: document)
        let forms = self.forms(of: document)
        let main =
            forms.firstIndex { $0.module.map { Self.isLanguage($0.value) } ?? true }
            ?? forms.firstIndex { $0.module?.value == "default" }
        var modules: [OutputSettings.Module] = []
        if !isWritten, forms.count > 1, let module = forms[1].module {
            findings.append(.modulesOfStage(forms.count, at: module.range))
        } else if let name, main != nil {
            for (index, form) in forms.enumerated() {
                let own = index == main ? node : newName(for: form.module?.value ?? node)
                let body = Body(
                    method: name.value == "passthrough" ? nil : vocabulary.method(name.value),
                    methodName: name,
                    base: base,
                    levels: [form.parameters, global],
                    node: own,
                    isModule: forms.count > 1
                )
                let method = body.method ?? Self.passthroughMethod
                checkUse(of: global, by: method, isPerInput: false)
                checkUse(of: form.parameters, by: method, isPerInput: false)
                switch form.kind {
                case .models(let entries): self.models(entries, body, at: form.range)
                case .slices(let entries): slices(entries, body, at: form.range)
                }
                guard index != main, let module = form.module else { continue }
                modules.append(
                    .init(name: module, from: .init(target: Marked(own, at: module.range), range: module.range))
                )
            }
        } else if main == nil, let module = forms.first?.module {
            findings.append(.noLanguageModule(forms.compactMap(\.module?.value), at: module.range))
        }
        if isWritten { settings(document, base: base, modules: modules) }
    }

    private mutating func method(of document: YAMLNode) -> Marked<String>? {
        guard let node = document["merge_method"] else {
            let range = document.range
            findings.append(.missingKey("merge_method", of: "a mergekit file", at: range))
            return nil
        }
        guard let name = text(node, "'merge_method'") else { return nil }
        let known = vocabulary.methods.map(\.name)
        guard name.value == "passthrough" || known.contains(name.value) else {
            findings.append(
                .unknownMergeMethod(
                    name.value,
                    at: name.range,
                    known: known.contains("passthrough") ? known : known + ["passthrough"]
                )
            )
            return nil
        }
        return name
    }

    // MARK: - Models, slices, modules

    /// The one of `models`, `slices` and `modules` that a document has.
    struct Form {
        enum Kind {
            case models([YAMLNode])
            case slices([YAMLNode])
        }

        let kind: Kind
        /// The module, where the document names it.
        var module: Marked<String>?
        /// The module's own parameters.
        let parameters: MergekitParameters
        let range: SourceRange
    }

    private mutating func forms(of document: YAMLNode) -> [Form] {
        let found = lists(of: document, parameters: [:])
        var all = found
        if let modules = present(document, "modules") {
            guard let pairs = modules.pairs else {
                findings.append(
                    .wrongType("'modules'", needs: "a mapping from module to slices or models", found: modules)
                )
                return []
            }
            for pair in pairs {
                checkKeys(of: pair.value, "a module", known: ["slices", "models", "parameters"])
                let own = parameters(pair.value["parameters"], "a module")
                let forms = lists(of: pair.value, parameters: own)
                if forms.count != 1 {
                    findings.append(.oneForm(forms.map(\.range), of: "a module", at: pair.key.range))
                }
                all += forms.prefix(1).map { form in
                    var form = form
                    form.module = pair.key.scalar.map { Marked($0.text, at: pair.key.range) }
                    return form
                }
            }
            if pairs.isEmpty { findings.append(.oneForm([], of: "'modules'", at: modules.range)) }
        }
        let isBroken = ["models", "slices"].contains { key in present(document, key).map { $0.elements == nil } ?? false
        }
        if all.count != 1, !isBroken, present(document, "modules") == nil || found.count > 0 {
            findings.append(.oneForm(all.map(\.range), of: "a mergekit file", at: document.range))
            return []
        }
        return all
    }

    /// Whether a module is the language model, whose layers the others lie beside: mergekit's words for it in the
    /// families it knows, and the beginning of tensor names in those it does not.
    private static func isLanguage(_ module: String) -> Bool {
        let words = ["text", "language", "decoder", "llm"]
        return module.isEmpty || module == "model" || module == "model." || words.contains(where: module.contains)
    }

    /// The lists under `models` and `slices`; an empty one counts as absent.
    private mutating func lists(of node: YAMLNode, parameters: MergekitParameters) -> [Form] {
        var forms: [Form] = []
        for key in ["models", "slices"] {
            guard let list = present(node, key) else { continue }
            guard let elements = list.elements else {
                findings.append(.wrongType("'\(key)'", needs: "a list", found: list))
                continue
            }
            guard !elements.isEmpty else { continue }
            forms.append(
                Form(
                    kind: key == "models" ? .models(elements) : .slices(elements),
                    parameters: parameters,
                    range: list.range
                )
            )
        }
        return forms
    }

    // MARK: - Settings

    private mutating func settings(_ document: YAMLNode, base: MergekitModel?, modules: [OutputSettings.Module]) {
        var output = OutputSettings()
        // What mergekit calls 'shared' in T5 is the embedding.
        output.modules = modules.filter { $0.name.value != "shared" }
        output.ends.embed = modules.first { $0.name.value == "shared" }?.from
        let dtype = present(document, "dtype").flatMap { self.dtype($0, "'dtype'", isArithmetic: true) }
        output.computeDType = dtype
        let stored = present(document, "out_dtype").flatMap { self.dtype($0, "'out_dtype'") }
        output.dtype = stored ?? dtype
        findings.checkLoaders(of: output.dtype)
        output.keepsFloat32 = stored == nil
        output.chatTemplate = present(document, "chat_template").flatMap { text($0, "'chat_template'") }
        if let base {
            output.config = donor(Marked(name(of: base), at: base.reference.range))
        } else if let first = graph.inputs.first {
            output.config = Marked(first.name.value, at: nil)
        }
        if let block = present(document, "tokenizer") {
            output.tokenizer = tokenizer(block)
            if let source = present(document, "tokenizer_source") { findings.append(.twoTokenizers(at: source.range)) }
        } else if let source = present(document, "tokenizer_source") {
            output.tokenizer = tokenizerSource(source).map { TokenizerRules(source: $0, range: source.range) }
        }
        // Whose rows stand in, and whose tokens come first, is said by the base here.
        if base != nil, let config = output.config, let rules = output.tokenizer, !rules.isOfBase {
            output.tokenizer?.base = config
        }
        graph.output = output
    }

    /// The input whose config a base stands for; a stage's is that of the first model it takes from.
    private func donor(_ name: Marked<String>) -> Marked<String> {
        var name = name
        for _ in 0..<200 {
            if graph.inputs.contains(where: { $0.name.value == name.value }) { break }
            guard let node = graph.nodes.first(where: { $0.name.value == name.value }),
                let next = node.operation.content.leader?.target.value
            else { break }
            name = Marked(next, at: name.range)
        }
        return name
    }

    private mutating func tokenizer(_ node: YAMLNode) -> TokenizerRules? {
        guard node.pairs != nil else {
            findings.append(.wrongType("'tokenizer'", needs: "a mapping with 'source'", found: node))
            return nil
        }
        return tokenizerBlock(node, keys: ["source", "tokens", "pad_to_multiple_of"])
    }
}

extension MergekitParser: TokenizerBlockReader {
    mutating func tokenizerSource(_ node: YAMLNode) -> OutputSettings.TokenizerSetting? {
        switch node.scalar?.text {
        case "base": return .base(node.range)
        case "union": return .union(node.range)
        default: break
        }
        guard var source = model(node, "the tokenizer's source") else { return nil }
        if source.reference.value.hasPrefix("model:") {
            source = MergekitModel(reference: source.reference.map { String($0.dropFirst("model:".count)) })
        }
        if let known = inputNames[source.identity] { return .input(Marked(known, at: node.range)) }
        let name = name(of: source)
        // Nothing but files beside the weights is wanted of it.
        if let index = graph.inputs.lastIndex(where: { $0.name.value == name }) {
            graph.inputs[index].isOptional = true
        }
        return .input(donor(Marked(name, at: node.range)))
    }

    mutating func rowOwner(_ node: YAMLNode) -> Marked<String>? {
        guard let model = model(node, "'source'") else { return nil }
        guard let name = inputNames[model.identity] else {
            findings.append(.rowOfStranger(model.reference, known: graph.inputs.compactMap { $0.reference?.value }))
            return nil
        }
        return Marked(name, at: node.range)
    }

    mutating func checkKeys(of node: YAMLNode, _ subject: String, known: [String]) {
        checkKeys(of: node, subject, known: known, inert: [])
    }

    mutating func wholeNumber(_ node: YAMLNode, _ subject: String) -> Marked<Int>? { integer(node, subject) }

    mutating func truth(_ node: YAMLNode, _ subject: String) -> Bool? {
        guard let number = number(node) else {
            findings.append(.wrongType(subject, needs: "true or false", found: node))
            return nil
        }
        return number != 0
    }
}

extension Diagnostic {
    fileprivate static func modulesOfStage(_ count: Int, at range: SourceRange?) -> Diagnostic {
        Diagnostic(
            code: "several-modules",
            "a stage that others take from has one module, this has \(count)",
            at: range,
            fix: FixIt("list its models under 'models', which merges all modules alike")
        )
    }

    fileprivate static func noLanguageModule(_ names: [String], at range: SourceRange?) -> Diagnostic {
        Diagnostic(
            code: "no-language-module",
            "none of the modules is the language model: \(names.map { "'\($0)'" }.joined(separator: ", "))",
            at: range,
            fix: FixIt("say what it is made of as well: text_decoder: {models: […]}")
        )
    }

    fileprivate static func oneForm(_ found: [SourceRange], of subject: String, at range: SourceRange) -> Diagnostic {
        guard !found.isEmpty else {
            return missingKey(
                "\(subject) needs 'slices' or 'models' with something in it",
                at: SourceRange(file: range.file, start: range.start, end: range.start),
                fix: FixIt("list the models under 'models'")
            )
        }
        return Diagnostic(
            code: "several-forms",
            "\(subject) has one of 'models', 'slices' and 'modules', this has \(found.count)",
            at: found.dropFirst().first ?? SourceRange(file: range.file, start: range.start, end: range.start),
            fix: FixIt("keep one of them")
        )
    }

    fileprivate static func twoTokenizers(at range: SourceRange) -> Diagnostic {
        Diagnostic(
            code: "two-tokenizers",
            "'tokenizer_source' and 'tokenizer' both say whose tokenizer is written",
            at: range,
            fix: FixIt("keep 'tokenizer'")
        )
    }
}
