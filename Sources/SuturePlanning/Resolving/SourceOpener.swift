package import SutureArchitectures
package import SutureCheckpoints
package import SutureDiagnostics
import SutureJSON
import SutureRecipes
import SutureTensors
import SystemPackage

/// Opens the checkpoints that a recipe and its imports name: headers only, each once.
struct SourceOpener {
    let options: PlanningOptions
    private var output: OutputSettings?
    private var computesNumbers = false
    private(set) var sources: [ResolvedSource] = []

    /// The sources by the reference that a recipe or the command line gives.
    private(set) var numbers: [String: Int] = [:]

    private(set) var findings = Diagnostics()
    private var failed: Set<String> = []

    init(options: PlanningOptions) {
        self.options = options
    }

    /// Opens the inputs of a recipe.
    ///
    /// - Returns: What its inputs stand for; one that could not be opened is missing, and reported.
    mutating func open(_ graph: SliceGraph) -> [String: Scope.Binding] {
        output = graph.output
        computesNumbers = graph.computesNumbers
        let declared = graph.inputs.map(\.name.value)
        for name in options.inputs.keys.sorted() where !declared.contains(name) {
            findings.append(.unknownInputGiven(name, known: declared))
        }
        var bindings: [String: Scope.Binding] = [:]
        for input in graph.inputs {
            let name = input.name.value
            let given = options.inputs[name].map { Marked($0, at: input.name.range) }
            guard let reference = given ?? input.reference else {
                if !input.isOptional { findings.append(.unboundRootInput(input.name)) }
                continue
            }
            let adapter = given == nil ? input.adapter : nil
            if let index = open(reference, adapter: adapter, name: name) { bindings[name] = .source(index) }
        }
        for node in graph.nodes {
            guard case .use(let use) = node.operation else { continue }
            openImported(use.graph, given: Set(use.inputs.map(\.name.value)))
        }
        return bindings
    }

    /// Opens what imported recipes name themselves and their callers do not replace.
    private mutating func openImported(_ graph: SliceGraph, given: Set<String>) {
        for input in graph.inputs where !given.contains(input.name.value) {
            guard let reference = input.reference else { continue }
            _ = open(reference, adapter: input.adapter, name: input.name.value)
        }
        for node in graph.nodes {
            guard case .use(let use) = node.operation else { continue }
            openImported(use.graph, given: Set(use.inputs.map(\.name.value)))
        }
    }

    /// Opens one checkpoint.
    private mutating func open(_ model: Marked<String>, adapter: Marked<String>?, name: String) -> Int? {
        let text = Marked(SliceGraph.InputDeclaration.sourceKey(model.value, adapter?.value), at: model.range)
        if let known = numbers[text.value] {
            // Two inputs of one spelling are one model, which is worth a word only when they are two names.
            if sources[known].name != name { findings.append(.sameModel(name, sources[known].name, at: text.range)) }
            return known
        }
        guard !failed.contains(text.value) else { return nil }
        do throws(Diagnostics) {
            let whole = CheckpointReference(parsing: model.value).separated(environment: options.environment)
            if let adapter, let other = whole.adapter {
                throw Diagnostics([.twoAdapters(adapter, other)])
            }
            let pinned = options.revisions[text.value].map { commit in
                CheckpointReference(model: whole.model.model, revision: commit)
            }
            let plain = try Checkpoint.open(
                pinned ?? whole.model,
                environment: options.environment,
                hub: options.hub
            )
            for notice in plain.notices { findings.append(notice) }
            try plain.refuseUnknownPacking()
            let adapted = try adapt(plain, with: adapter?.value ?? whole.adapter)
            let checkpoint = adapted?.checkpoint ?? plain
            if let same = sources.first(where: {
                $0.checkpoint.folder == checkpoint.folder
                    && $0.checkpoint.files.map(\.path) == checkpoint.files.map(\.path)
                    && $0.adapter?.adapter.folder == adapted?.adapter.folder
            }) {
                findings.append(.sameModel(name, same.name, at: text.range, folder: checkpoint.folder.string))
                numbers[text.value] = same.index
                return same.index
            }
            let anatomy = try read(checkpoint)
            let quantization = try checkpoint.readQuantization()
            let source = try ResolvedSource(
                index: sources.count,
                name: name,
                reference: text.value,
                range: text.range,
                checkpoint: checkpoint,
                adapter: adapted.map { ($0.adapter, $0.changes) },
                quantization: quantization,
                dequantizedDType: dequantizedDType(of: checkpoint, quantization, name: name),
                anatomy: anatomy
            )
            sources.append(source)
            numbers[text.value] = source.index
            return source.index
        } catch {
            for diagnostic in error.all { findings.append(diagnostic.asked(by: text, for: name)) }
            failed.insert(text.value)
            return nil
        }
    }

    /// The dtype that eight-bit floats are made, where the recipe does arithmetic.
    private mutating func dequantizedDType(
        of checkpoint: Checkpoint,
        _ quantization: Quantization?,
        name: String
    ) -> DType? {
        guard let quantization, computesNumbers, quantization.isFloat8 || !quantization.unscaled.isEmpty else {
            return nil
        }
        for weight in quantization.unscaled {
            let file = checkpoint[weight.name].map { checkpoint.files[$0.file].path.string }
            findings.append(.noScales(weight, in: file ?? checkpoint.folder.string))
        }
        guard quantization.isFloat8 else { return nil }
        let said = checkpoint.config["dtype"]?.string ?? checkpoint.config["torch_dtype"]?.string
        let stored = said.flatMap { DType(recipeName: $0) } ?? .bfloat16
        let dtype = output?.dtype?.value ?? (stored.isBlendable && stored.bitWidth > 8 ? stored : .bfloat16)
        findings.append(.dequantizes(name, quantization.name, dtype))
        return dtype
    }

    /// Opens an adapter and puts it on its model.
    private mutating func adapt(_ checkpoint: Checkpoint, with reference: String?) throws(Diagnostics) -> AdaptedModel?
    {
        guard let reference else { return nil }
        if checkpoint.gguf != nil { throw Diagnostics([.adapterOnGGUF(checkpoint, reference)]) }
        let model = try AdaptedModel(
            Adapter.open(reference, environment: options.environment, hub: options.hub),
            on: checkpoint
        )
        for notice in model.notices { findings.append(notice) }
        return model
    }

    private mutating func read(_ checkpoint: Checkpoint) throws(Diagnostics) -> Anatomy {
        let anatomy = try checkpoint.anatomy
        for finding in anatomy.findings { findings.append(Diagnostic(finding, in: checkpoint)) }
        return anatomy
    }
}

extension SliceGraph.InputDeclaration {
    /// What tells its source from others: the reference with the adapter.
    var sourceKey: String? { reference.map { Self.sourceKey($0.value, adapter?.value) } }

    /// A reference with its adapter.
    static func sourceKey(_ reference: String, _ adapter: String?) -> String {
        reference + (adapter.map { "+" + $0 } ?? "")
    }
}

extension Diagnostic {
    /// The message with the recipe's line beside it.
    fileprivate func asked(by reference: Marked<String>, for name: String) -> Diagnostic {
        guard let range = reference.range else { return self }
        guard place != nil else {
            return Diagnostic(severity, code: code, message, at: range, fix: fix, notes: notes)
        }
        var notes = notes + [Note("asked for as input '\(name)'", at: .source(range))]
        if code == "model-not-found", case .file(let path, _)? = place,
            let places = RecipePaths.places(of: path, in: reference)
        {
            notes.append(Note(places, at: nil))
        }
        return Diagnostic(severity, code: code, message, at: place, fix: fix, notes: notes)
    }

    /// A finding about one checkpoint.
    package init(_ finding: Finding, in checkpoint: Checkpoint) {
        let path = finding.tensor == nil ? checkpoint.configPath.string : checkpoint.folder.string
        self.init(
            finding.severity,
            code: finding.code,
            finding.message,
            at: .file(path, tensor: finding.tensor),
            fix: finding.fix.map { FixIt($0) }
        )
    }

    /// Why a checkpoint cannot be taken apart.
    package init(_ error: AnatomyError, in checkpoint: Checkpoint) {
        let finding = error.finding
        self.init(
            finding.severity,
            code: finding.code,
            finding.message,
            at: .file(checkpoint.folder.string, tensor: nil),
            fix: finding.fix.map { FixIt($0) }
        )
    }

    /// The command line gives an input that the recipe does not have.
    static func unknownInputGiven(_ name: String, known: [String]) -> Diagnostic {
        unknownInput(name, "the recipe has no input '\(name)'", known: known, at: nil)
    }

    /// An input that nobody gave.
    static func unboundRootInput(_ name: Marked<String>) -> Diagnostic {
        unboundInput(
            "input '\(name.value)' is left to the caller, and nothing is given for it",
            at: name.range,
            fix: FixIt("give it: --input \(name.value)=owner/name or a folder")
        )
    }

    /// Two inputs are one model.
    static func sameModel(
        _ a: String,
        _ b: String,
        at range: SourceRange?,
        folder: String? = nil
    ) -> Diagnostic {
        Diagnostic(
            .warning,
            code: "duplicate-model",
            "inputs '\(a)' and '\(b)' are the same model" + (folder.map { " (\($0))" } ?? ""),
            at: range,
            fix: FixIt("one name is enough; name two different models if that was meant")
        )
    }

    /// An adapter on a GGUF model.
    static func adapterOnGGUF(_ checkpoint: Checkpoint, _ adapter: String) -> Diagnostic {
        Diagnostic(
            code: "adapter-on-gguf",
            "the adapter '\(excerpt(adapter))' speaks of tensors by other names than a GGUF model has",
            at: .file(checkpoint.configPath.string, tensor: nil),
            fix: FixIt("put it on the safetensors model that the GGUF was made from")
        )
    }

    /// Packed weights that are made numbers.
    static func dequantizes(_ name: String, _ scheme: String, _ dtype: DType) -> Diagnostic {
        Diagnostic(
            .note,
            code: "dequantizes",
            "'\(name)' is stored as \(scheme), and the recipe does arithmetic on it: its scales are applied, "
                + "and the result is \(dtype.recipeNames.first ?? dtype.rawValue)",
            at: nil as SourceRange?
        )
    }

    /// An adapter beside another one in the model's own reference.
    static func twoAdapters(_ adapter: Marked<String>, _ other: String) -> Diagnostic {
        twoAdapters(
            "the input has the adapter '\(adapter.value)' and its model the adapter '\(other)'",
            at: adapter.range,
            fix: FixIt("leave one of them out; both on one model: save the model with the first merged")
        )
    }
}

extension Checkpoint {
    fileprivate func refuseUnknownPacking() throws(Diagnostics) {
        let found = UnknownPacking.finding(in: config, tensors.map(\.spec), headers: files.map(\.headerMetadata))
        if let found { throw Diagnostics([Diagnostic(found, in: self)]) }
    }

    /// How its weights are packed, if they are.
    fileprivate func readQuantization() throws(Diagnostics) -> Quantization? {
        try Quantization.read(
            config,
            tensors.map(\.spec),
            besideScheme: companions.contains { $0.group == .quantization },
            file: { files[tensors[$0].file].path.string }
        )
    }
}
