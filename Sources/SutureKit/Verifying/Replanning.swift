import SutureCheckpoints
import SutureDiagnostics
import SutureExecution
import SuturePlanning
import SutureTensors
import SystemPackage

/// Plans a model again from what lies in its folder: the recipe, and what the manifest says was given with it.
struct Replanning {
    let folder: FilePath
    let manifest: Manifest
    let options: Surgery.VerificationOptions

    /// The plan, which makes the very files that the manifest lists.
    ///
    /// - Throws: `Diagnostics` where a source is not to be found, or the plan has become another.
    func plan() throws(Diagnostics) -> Plan {
        let given = manifest.recipe.given
        var planning = PlanningOptions()
        planning.inputs = given.flat == nil ? given.inputs : [:]
        planning.inputs.merge(options.inputs) { $1 }
        planning.paths = given.paths
        planning.parameters = given.flat == nil ? given.parameters : [:]
        planning.accepted = given.flat == nil ? given.accepted : []
        planning.shardSize = given.shardSize
        planning.roundsStages = given.roundsStages
        planning.keepsFiles = given.keepsFiles
        planning.seed = manifest.settings.seed
        planning.compatibility = manifest.settings.compatibility
        planning.allowsNonFinite = manifest.settings.allowsNonFinite
        planning.environment = options.environment
        if options.readsHub { planning.readsHub() }
        let path = folder.appending(manifest.recipe.file)
        let file: SourceFile
        if let flat = given.flat {
            file = SourceFile(path: path.string, text: flat)
        } else {
            file = try RecipeFiles.read(path.string)
        }
        let result = try Surgery(reading: file, options: planning).plan()
        guard let plan = result.plan else {
            throw Diagnostics(result.diagnostics.filter { $0.severity == .error } + [.sourcesNeeded(folder)])
        }
        guard PlanFingerprint(plan, of: .result).hash == manifest.plan else {
            throw Diagnostics([.plannedOtherwise(folder, firstDifference(from: plan), manifest.tool)])
        }
        return plan
    }

    /// The small files that the plan would write otherwise.
    ///
    /// The model card has the recipe and the sources' names in it, and is left out where these have changed.
    func differences(from plan: Plan) -> [Diagnostic] {
        var hashes: [String: ContentHash] = [:]
        for file in manifest.files { hashes[file.name] = file.hash }
        let isRenamed =
            plan.recipe.name != manifest.recipe.name || manifest.recipe.given.flat != nil || !options.inputs.isEmpty
        let unstable = isRenamed ? [DocumentNames.card] : []
        return plan.documents.compactMap { document in
            guard !unstable.contains(document.name), document.name != manifest.recipe.file else { return nil }
            guard hashes[document.name] != ContentHash(of: document.text) else { return nil }
            return .documentOtherwise(folder.appending(document.name), manifest.tool)
        }
    }

    /// What differs first between what was planned and what would be now, in words.
    private func firstDifference(from plan: Plan) -> String {
        for (then, now) in zip(manifest.sources, plan.sources) {
            for (file, other) in zip(then.files, now.files) {
                let count = other.unpackedByteCount ?? other.byteCount
                if file.byteCount != other.byteCount, file.byteCount != count {
                    return "'\(file.name)' of source '\(then.name)' had \(file.byteCount) bytes and has \(count)"
                }
            }
        }
        for (then, now) in zip(manifest.tensors, plan.tensors) where then.spec != now.spec {
            return "tensor '\(then.spec.name)' would be '\(now.spec.name)' \(now.spec.dtype.rawValue)\(now.spec.shape)"
        }
        for (then, now) in zip(manifest.tensors, plan.tensors) {
            let origin = now.expression.text(in: plan)
            if then.origin != origin { return "'\(then.spec.name)' was \(then.origin) and would be \(origin)" }
        }
        if manifest.tensors.count != plan.tensors.count {
            return "there were \(manifest.tensors.count) tensors and would be \(plan.tensors.count)"
        }
        return "files, offsets or parameters differ"
    }
}

extension Diagnostic {
    fileprivate static func sourcesNeeded(_ folder: FilePath) -> Diagnostic {
        Diagnostic(
            .note,
            code: "sources-needed",
            "tensors are made again from the models that the recipe names",
            at: .file(folder.string, tensor: nil),
            fix: FixIt("say where one is now: --input name=MODEL")
        )
    }

    fileprivate static func plannedOtherwise(_ folder: FilePath, _ difference: String, _ tool: String) -> Diagnostic {
        let other = tool == ToolVersion.text ? "" : " (it was made by \(tool), this is \(ToolVersion.text))"
        return Diagnostic(
            code: "planned-otherwise",
            "the recipe no longer plans what was built here: \(difference)\(other)",
            at: .file(folder.string, tensor: nil),
            fix: FixIt("give the sources as they were: --input name=MODEL")
        )
    }

    fileprivate static func documentOtherwise(_ path: FilePath, _ tool: String) -> Diagnostic {
        let other = tool == ToolVersion.text ? "" : ": it was made by \(tool), this is \(ToolVersion.text)"
        return Diagnostic(
            .warning,
            code: "planned-otherwise",
            "planned again, the file would have another text\(other)",
            at: .file(path.string, tensor: nil)
        )
    }
}
