import SutureArchitectures
package import SutureCheckpoints
package import SutureDiagnostics
import SutureMerging
package import SutureRecipes
import SutureTensors
import SystemPackage

/// Makes a plan of a recipe: opens headers, lowers the graph, checks the result, lays it out.
///
/// Reads the recipe, configs, indexes and headers, and never a weight.
package struct Planner {
    private let graph: SliceGraph
    private let options: PlanningOptions
    private let paths: [String: String]
    private var findings = Diagnostics()

    /// Creates a planner.
    ///
    /// - Parameters:
    ///   - graph: The recipe.
    ///   - notices: What was found while it was read, shown first.
    ///   - options: What the command line adds.
    package init(_ graph: SliceGraph, notices: [Diagnostic] = [], options: PlanningOptions) {
        var graph = graph
        graph.output.accept += options.accepted.map { Marked($0, at: nil) }
        var paths = RecipePaths(options: options)
        self.graph = paths.located(graph)
        self.paths = paths.written
        self.options = options
        findings.append(contentsOf: notices)
        findings.append(contentsOf: paths.findings.all)
    }

    /// Makes the plan.
    ///
    /// - Returns: The plan, unless something was wrong, and everything that was found.
    package mutating func plan() -> PlanningResult {
        let plan = makePlan()
        return PlanningResult(plan: findings.hasErrors ? nil : plan, diagnostics: told)
    }

    /// What was found, as it is told: each cause once, with advice in the recipe's dialect.
    private var told: [Diagnostic] { findings.all.map { $0.advised(for: graph) }.grouped() }

    /// Prints the recipe's meaning back into recipe syntax: see ``Flattening``.
    ///
    /// - Returns: The flat recipe, unless something was wrong, and everything that was found.
    package mutating func flatten() -> Flat {
        guard let (_, lowering) = compose(), !findings.hasErrors else {
            return Flat(graph: nil, layerCounts: [:], diagnostics: told)
        }
        var flattening = Flattening(graph, lowering: lowering)
        let flat = flattening.flatten()
        findings.append(contentsOf: flattening.lowering.findings.all)
        let graph = findings.hasErrors ? nil : flat
        return Flat(graph: graph, layerCounts: flattening.layerCounts, diagnostics: told)
    }

    /// A recipe's flat form.
    package struct Flat {
        /// The flat recipe, unless something was wrong.
        package let graph: SliceGraph?
        /// The layers of each of its inputs and nodes.
        package let layerCounts: [String: Int]
        /// Everything that was found.
        package let diagnostics: [Diagnostic]
    }

    /// Where the recipe says what: see ``RecipePlaces``.
    package var places: [String: String] { RecipePlaces.places(in: graph) }

    /// Goes through the stages; one whose errors leave nothing to go on with is the last.
    private mutating func makePlan() -> Plan? {
        if let release = options.compatibility, !options.registry.releases.contains(release) {
            findings.append(.unknownRelease(release, in: options.registry))
        }
        guard let (composition, lowering) = compose() else { return nil }
        for check in PlanChecks.all { findings.append(contentsOf: check.findings(in: composition)) }
        guard !findings.hasErrors else { return nil }

        var final = composition
        let surgery = operate(on: final)
        findings.append(contentsOf: Consequences(consequences: surgery.consequences).apply(to: &final))
        let dropped = drop(from: &final)
        findings.append(contentsOf: LostTensors(composition: final, config: surgery.config).findings())
        setDTypes(of: &final)
        let keys = GGUFKeys(composition: final, surgery: surgery, name: title).write()
        let format = keys == nil ? OutputFormats.usual : GGUFFormat()
        let layout = Layout(
            composition: final,
            shardSize: options.shardSize ?? graph.output.shardSize?.value ?? 5_000_000_000,
            format: format,
            keepsFiles: options.keepsFiles,
            preamble: keys?.encoded ?? []
        )
        let laid: (tensors: [Plan.Tensor], shards: [Plan.Shard])
        do throws(Diagnostics) { laid = try layout.lay() } catch {
            findings.append(contentsOf: error.all)
            return nil
        }
        let document = ConfigDocument(composition: final, surgery: surgery)
        let config = keys == nil ? document.write() : (text: nil, findings: document.surgeryFindings)
        findings.append(contentsOf: config.findings)
        let following = FollowingDocuments(composition: final).write()
        findings.append(contentsOf: following.findings)
        let tokenizer = TokenizerDocuments(composition: final, compatibility: options.compatibility).write()
        let chat = ChatTemplateDocument(composition: final, settings: tokenizer.settings).write()
        findings.append(contentsOf: tokenizer.findings + chat.findings)
        let written = following.documents + tokenizer.documents + chat.documents
        let books = Accounting(composition: final, tensors: laid.tensors, dropped: dropped).settle()
        findings.append(contentsOf: books.findings)
        guard !findings.hasErrors else { return nil }

        var plan = Plan(
            recipe: recipeRecord(lowering),
            sources: final.sources.map(Plan.Source.init),
            format: format.name,
            tensors: final.naming(laid.tensors),
            shards: laid.shards,
            documents: [],
            companions: Companions.choose(for: final, replaced: chat.replaced.union(written.map(\.name))),
            stack: Plan.Stack(
                layerCount: final.strip.layers.count,
                prefix: final.donor.anatomy.mainStack.prefix,
                runs: StackPicture(layers: final.strip.layers).runs()
            ),
            donors: final.donors,
            accounts: books.accounts,
            settings: Plan.Settings(
                seed: options.seed ?? graph.output.seed?.value ?? 0,
                compatibility: options.compatibility,
                computeDType: graph.output.computeDType?.value,
                allowsNonFinite: options.allowsNonFinite
            )
        )
        plan.methods = options.registry
        plan.documents = documents(of: plan, config: config.text, beside: written)
        findings.append(contentsOf: ReleaseDifferences(plan, of: graph)?.notes() ?? [])
        findings.append(
            contentsOf:
                Expectations(graph: graph, plan: plan, composition: final, lowering: lowering).findings()
        )
        return plan
    }

    /// Makes the config follow the layers.
    private func operate(on composition: Composition) -> ConfigSurgery.Outcome {
        let outcome = ConfigSurgery.rewrite(
            sources: composition.sources.map(\.operable),
            donor: composition.configDonor,
            layers: composition.strip.layers.map { ($0.attention, $0.mlp) }
        )
        return composition.modules.reduce(outcome) { $1.operate(after: $0, donor: composition.configDonor) }
    }

    private mutating func compose() -> (Composition, Lowering)? {
        let given = GivenParameters(options.parameters, for: graph)
        findings.append(contentsOf: given.findings.all)
        var opener = SourceOpener(options: options)
        let inputs = opener.open(graph)
        findings.append(contentsOf: opener.findings.all)
        var sources = opener.sources
        findings.append(contentsOf: sources.dropUnread() + sources.dropLeftovers())
        let root = Scope(graph: graph, path: "", caller: nil, inputs: inputs, arguments: given.arguments)
        func lowering(over sources: [ResolvedSource]) -> Lowering {
            Lowering(
                sources: sources,
                sourceNumbers: opener.numbers,
                methods: options.registry,
                roundsStages: options.roundsStages || graph.output.roundsStages?.value ?? false,
                compatibility: options.compatibility,
                root: root
            )
        }
        let forms = ExpertForms(sources)
        if forms.differ {
            // Whose form it is follows from the graph alone, and the tensors of the graph from the form.
            let owners = Composer.owners(of: graph, lowering(over: sources.map(\.hollow)))
            findings.append(contentsOf: forms.regroup(&sources, among: owners))
            guard !findings.hasErrors else { return nil }
        }
        var alignment: VocabularyAlignment?
        if graph.output.tokenizer != nil {
            let models = inputs.compactMapValues { binding in
                if case .source(let index) = binding { index } else { nil }
            }
            let givers = Composer.givers(of: graph, lowering(over: sources.map(\.hollow)))
            var aligner = VocabularyAligner(
                graph: graph,
                sources: sources,
                inputs: models,
                owners: givers,
                compatibility: options.compatibility
            )
            alignment = aligner.align()
            let misfits = alignment?.prepare(&sources) ?? []
            findings.append(contentsOf: aligner.findings + misfits)
            guard !(aligner.findings + misfits).contains(where: { $0.severity == .error }) else { return nil }
        }
        var composer = Composer(
            graph: graph,
            sources: sources,
            alignment: alignment,
            lowering: lowering(over: sources)
        )
        let composition = composer.compose()
        findings.append(contentsOf: composer.findings.all)
        return composition.map { ($0, composer.lowering) }
    }

    /// Leaves out the tensors that `output.drop` names, by the names that they have in the output.
    ///
    /// - Returns: The names that were left out, by source.
    private mutating func drop(from composition: inout Composition) -> [Int: Set<String>] {
        var dropped: [Int: Set<String>] = [:]
        let stack = composition.donor.anatomy.mainStack
        for glob in graph.output.drop {
            var count = 0
            func isDropped(_ slot: Strip.Slot, as name: String) -> Bool {
                guard matchesGlob(glob.value, name) else { return false }
                count += 1
                for leaf in slot.expression.leaves { dropped[leaf.source, default: []].insert(leaf.spec.name) }
                return true
            }
            for index in composition.strip.layers.indices {
                composition.strip.layers[index].slots.removeAll {
                    isDropped($0, as: stack.name(layer: index, suffix: $0.suffix))
                }
            }
            composition.strip.ends.embed.slots.removeAll { isDropped($0, as: $0.suffix) }
            composition.strip.ends.norm.slots.removeAll { isDropped($0, as: $0.suffix) }
            composition.strip.ends.head.slots.removeAll { isDropped($0, as: $0.suffix) }
            composition.rest.removeAll { isDropped($0.slot, as: $0.slot.suffix) }
            // What only other models than the donor have is dropped by never being taken.
            let isElsewhere = composition.sources.contains { source in
                source.checkpoint.tensors.contains { matchesGlob(glob.value, $0.spec.name) }
            }
            if count == 0, !isElsewhere { findings.append(.dropMatchesNothing(glob)) }
        }
        return dropped
    }

    /// Gives the tensors the dtype that the recipe asks for; ids, masks and packed numbers keep theirs.
    private mutating func setDTypes(of composition: inout Composition) {
        guard let dtype = graph.output.dtype?.value else { return }
        let isGGUF = composition.donor.checkpoint.gguf != nil
        let working = options.compatibility == nil ? nil : graph.output.computeDType?.value
        func cast(_ slots: inout [Strip.Slot]) {
            for index in slots.indices where slots[index].takes(dtype, inGGUF: isGGUF) {
                let expression = slots[index].expression
                if let working {
                    slots[index].expression = expression.computed(in: working)
                } else if let release = options.compatibility, case .scaled = expression {
                    // A step without a dtype of its own gives numbers of what it was given.
                    let own = expression.storedDType(by: options.registry, in: release)
                    slots[index].expression = .rounded(expression, to: own)
                }
                let staysFloat32 = options.compatibility != nil && graph.output.keepsFloat32
                let dtype =
                    staysFloat32 && slots[index].expression.staysFloat32(by: options.registry) ? .float32 : dtype
                do throws(TensorSpecError) { slots[index].spec = try slots[index].spec.stored(as: dtype) } catch {
                    findings.append(.impossibleTensor(error, at: graph.output.dtype?.range))
                }
            }
        }
        for index in composition.strip.layers.indices { cast(&composition.strip.layers[index].slots) }
        cast(&composition.strip.ends.embed.slots)
        cast(&composition.strip.ends.norm.slots)
        cast(&composition.strip.ends.head.slots)
        cast(&composition.rest.slots)
    }

    /// What the recipe calls its result.
    private var title: String {
        let file = graph.file.path.split(separator: "/").last.map(String.init) ?? graph.file.path
        return graph.title.name?.value ?? file.split(separator: ".").first.map(String.init) ?? file
    }

    private func recipeRecord(_ lowering: Lowering) -> Plan.RecipeRecord {
        Plan.RecipeRecord(
            name: title,
            path: graph.file.path,
            dialect: graph.dialect.rawValue,
            text: graph.file.text,
            summary: graph.title.description?.value,
            given: given(lowering)
        )
    }

    /// What it takes beside the recipe's text to plan it again.
    private func given(_ lowering: Lowering) -> Plan.RecipeRecord.Given {
        var given = Plan.RecipeRecord.Given()
        given.inputs = options.absoluteInputs
        given.paths = paths
        given.parameters = options.parameters
        given.shardSize = options.shardSize
        given.roundsStages = options.roundsStages
        given.keepsFiles = options.keepsFiles
        given.accepted = options.accepted
        if graph.dialect == .native, graph.importsOthers || options.givesMore {
            var flattening = Flattening(graph, lowering: lowering)
            given.flat = flattening.flatten().map { RecipePrinter.print($0.bound(to: options)) }
            given.paths = RecipePaths.absolute(in: flattening.flat)
        }
        return given
    }

    private func documents(of plan: Plan, config: String?, beside written: [Plan.Document]) -> [Plan.Document] {
        // What GGUF says of a model stands in its weight file.
        var documents = (config.map { [Plan.Document(name: DocumentNames.config, text: $0)] } ?? []) + written
        if plan.shards.count > 1 {
            let entries = plan.tensors.map { ShardIndex.Entry(tensor: $0.spec.name, file: plan.shards[$0.shard].name) }
            let index = OutputFormats.named(plan.format)?.index(
                of: entries,
                totalParameters: plan.parameterCount,
                totalSize: plan.tensorByteCount
            )
            if let index { documents.append(Plan.Document(name: index.name, text: index.text)) }
        }
        documents.append(
            Plan.Document(name: DocumentNames.recipe(dialect: plan.recipe.dialect), text: plan.recipe.standing)
        )
        documents.append(Plan.Document(name: DocumentNames.card, text: ModelCard(plan: plan).text))
        return documents
    }
}

extension PlanningOptions {
    /// Whether they say anything that a recipe could say itself.
    fileprivate var givesMore: Bool {
        !inputs.isEmpty || !parameters.isEmpty || shardSize != nil || seed != nil || roundsStages || !accepted.isEmpty
    }
}

extension SliceGraph {
    /// The recipe with what the command line adds to its output.
    fileprivate func bound(to options: PlanningOptions) -> SliceGraph {
        var graph = self
        if let seed = options.seed { graph.output.seed = Marked(seed, at: nil) }
        if let size = options.shardSize { graph.output.shardSize = Marked(size, at: nil) }
        if options.roundsStages { graph.output.roundsStages = Marked(true, at: nil) }
        return graph
    }

    /// Whether recipes in other files are a part of it.
    fileprivate var importsOthers: Bool {
        nodes.contains { node in
            if case .use = node.operation { true } else { false }
        }
    }
}

extension Plan.Source {
    /// What a plan keeps of a source.
    init(_ source: ResolvedSource) {
        self.init(
            name: source.name,
            reference: source.reference,
            folder: source.checkpoint.folder.string,
            hubID: source.checkpoint.hubID?.text,
            revision: source.checkpoint.revision,
            files: source.files.map(File.init)
        )
    }
}

extension Plan.Source.File {
    /// What a plan keeps of a file.
    package init(_ file: CheckpointFile) {
        self.init(
            path: file.path.string,
            byteCount: file.byteCount,
            version: file.version,
            unpackedByteCount: file.unpackedByteCount,
            sha256: file.sha256?.digits
        )
    }
}
