import SutureAnalysis
import SutureArchitectures
import SutureCheckpoints
public import SutureDiagnostics
import SutureExecution
import SutureJSON
import SuturePlanning
import SystemPackage

/// Of what a model was made, for people and for programs.
public struct OriginReport: Sendable {
    private let origins: ModelOrigins
    private let found: OriginRecipe
    private let faults: [Diagnostic]
    private let proof: Proof?

    /// What making the recipe's tensors again showed.
    private struct Proof: Sendable {
        /// The tensors of the plan that the model has, in one dtype and shape, and those whose bytes differ.
        var compared = 0
        var differing: [String] = []
        /// The names that only one of both has.
        var missing: [String] = []
        var config: [ConfigDifference] = []
    }

    /// How sure the recipe is.
    public enum Verdict: String, Sendable {
        /// The recipe makes every tensor of the model byte for byte.
        case equal
        /// Every tensor is explained as far as its numbers are exact, but the recipe makes some a little otherwise.
        case inconclusive
        /// There are tensors that the sources do not explain, or the recipe has no plan.
        case differs
    }

    init(_ origins: ModelOrigins, _ recipe: OriginRecipe, faults: [Diagnostic]) {
        self.origins = origins
        self.found = recipe
        self.faults = faults
        proof = nil
    }

    init(_ origins: ModelOrigins, _ recipe: OriginRecipe, plan: Plan, proof: Recomputation.Outcome) {
        self.origins = origins
        self.found = recipe
        faults = []
        let own = Dictionary(origins.model.checkpoint.tensors.map { ($0.spec.name, $0.spec) }) { first, _ in first }
        let planned = Set(plan.tensors.map(\.spec.name))
        var outcome = Proof(compared: proof.tensorCount)
        outcome.differing = proof.diagnostics.compactMap {
            guard case .file(_, let tensor) = $0.place else { return nil }
            return tensor
        }
        outcome.missing =
            plan.tensors.filter { own[$0.spec.name] != $0.spec }.map(\.spec.name)
            + own.keys.filter { !planned.contains($0) }.sorted()
        if let text = plan.documents.first(where: { $0.name == "config.json" })?.text,
            let config = try? JSONParser.parse(Array(text.utf8)).object
        {
            outcome.config = ConfigDifference.find(config, origins.model.checkpoint.config)
        }
        self.proof = outcome
    }

    /// How sure the recipe is.
    public var verdict: Verdict {
        guard let proof, unexplained.isEmpty, proof.missing.isEmpty else { return .differs }
        return proof.differing.isEmpty ? .equal : .inconclusive
    }

    /// The recipe that was found, in the native language; `nil` where there are layers of no model that was named.
    public var recipe: String? { found.text }

    /// Keeps the recipe as a file, whole or not at all; one that is there is replaced.
    ///
    /// - Throws: `Diagnostics` where there is none, or the system refuses.
    public func writeRecipe(to path: String) throws(Diagnostics) {
        guard let recipe else { throw Diagnostics([.noRecipeFound(origins.model.name)]) }
        do throws(FileError) { try FileSystem.write(recipe, to: FilePath(path)) } catch {
            throw Diagnostics([error.diagnostic])
        }
    }

    private var unexplained: [ModelOrigins.Part] { origins.parts.filter { !$0.isExplained } }

    // MARK: - For people

    /// The report as a page, with a final line break.
    public var text: String {
        var lines = ["\(origins.model.name)"]
        for (index, source) in origins.sources.enumerated() {
            lines.append("  \(OriginRecipe.name(index))  \(source.name)")
        }
        lines.append("")
        let labels = found.runs.map { run in
            run.layers.count == 1 ? "\(run.layers.lowerBound)" : "\(run.layers.lowerBound)-\(run.layers.upperBound - 1)"
        }
        let width = labels.map(\.count).max() ?? 0
        for ((run, label), words) in zip(zip(found.runs, labels), found.words) {
            let pad = String(repeating: " ", count: width - label.count)
            lines.append("  layers \(pad)\(label)  \(words)  \(Self.words(Array(run.roles.values.joined())))")
        }
        let rest = origins.parts.filter { $0.layer == nil }
        for part in rest { lines.append("  \(part.name)  \(words(part))") }
        lines.append("")
        lines += conclusion
        return lines.joined(separator: "\n") + "\n" + (recipe.map { "\n" + $0 } ?? "")
    }

    private var conclusion: [String] {
        switch verdict {
        case .equal: ["equal: this recipe makes all \(proof?.compared ?? 0) tensors byte for byte" + configWords]
        case .inconclusive:
            [
                "inconclusive: all tensors are explained, and this recipe makes "
                    + "\((proof?.compared ?? 0) - (proof?.differing.count ?? 0)) of \(proof?.compared ?? 0) byte for byte"
                    + configWords
            ]
        case .differs:
            if let fault = faults.first {
                ["differs: the recipe that says what was found has no plan: \(fault.message)"]
            } else {
                [
                    "differs: \(unexplained.count) of \(origins.parts.count) tensors are no sums of the models that were named"
                        + Self.some(unexplained.map(\.name))
                        + ((proof?.missing.isEmpty ?? true)
                            ? "" : "; not in both, or in another form" + Self.some(proof?.missing ?? []))
                ]
            }
        }
    }

    private var configWords: String {
        guard let config = proof?.config, !config.isEmpty else { return "" }
        return "; config.json differs in \(config.map(\.path).joined(separator: ", "))"
    }

    private static func some(_ names: [String]) -> String {
        guard !names.isEmpty else { return "" }
        return ": " + names.prefix(3).joined(separator: ", ")
            + (names.count > 3 ? " and \(names.count - 3) more" : "")
    }

    /// What the tensors of a run are, in a few words.
    private static func words(_ parts: [ModelOrigins.Part]) -> String {
        var copies = 0
        var fills = 0
        var casts = 0
        var sums: [ModelOrigins.Part] = []
        var strange = 0
        for part in parts {
            switch part.origin {
            case .copy: copies += 1
            case .fill: fills += 1
            case .sum where part.isCast: casts += 1
            case .sum, .near: sums.append(part)
            case .unknown: strange += 1
            }
        }
        var words: [String] = []
        if copies == parts.count { return "byte for byte" }
        if copies > 0 { words.append("\(copies) of \(parts.count) tensors byte for byte") }
        if casts > 0 { words.append("\(casts) the same in another dtype") }
        if fills > 0 { words.append("\(fills) of one number") }
        if let worst = sums.compactMap(\.origin.mixture?.error).max() {
            words.append("\(sums.count) computed, at most \(Self.percent(worst)) unexplained")
        }
        if strange > 0 { words.append("\(strange) unexplained") }
        return words.joined(separator: ", ")
    }

    private func words(_ part: ModelOrigins.Part) -> String {
        switch part.origin {
        case .copy(let sources): return "\(sources.map(OriginRecipe.name).joined(separator: " = ")) byte for byte"
        case .fill(let value): return "\(value) everywhere"
        case .sum(let mixture) where part.isCast:
            return "\(mixture.members.map(OriginRecipe.name).joined()), in another dtype"
        case .sum(let mixture), .near(let mixture):
            let sum = mixture.members.map { "\(Self.number(mixture.weights[$0], 3)) \(OriginRecipe.name($0))" }
            return "\(sum.joined(separator: " + ")), \(Self.percent(mixture.error)) unexplained"
        case .unknown: return "of none of them"
        }
    }

    private static func percent(_ share: Double) -> String { "\(number(share * 100, 2)) %" }

    private static func number(_ value: Double, _ digits: Int) -> String { DifferenceReport.number(value, digits) }

    // MARK: - For programs

    /// The report as JSON, with a final line break.
    public var json: String {
        let object: JSONObject = [
            "model": .string(origins.model.name),
            "sources": .array(
                origins.sources.enumerated().map {
                    .object(["name": .string(OriginRecipe.name($0)), "model": .string($1.name)])
                }
            ),
            "verdict": .string(verdict.rawValue),
            "recipe": recipe.map(JSONValue.string) ?? .null,
            "faults": .array(faults.map { .string($0.message) }),
            "differing": .array((proof?.differing ?? []).map(JSONValue.string)),
            "not_in_both": .array((proof?.missing ?? []).map(JSONValue.string)),
            "config": .array((proof?.config ?? []).map { .string($0.path) }),
            "layers": .array(
                origins.model.layers.indices.map { layer in
                    .object([
                        "layer": .int(layer),
                        "origins": .array(
                            origins.places.map { $0[layer].map(JSONValue.int) ?? .null }
                        ),
                    ])
                }
            ),
            "tensors": .array(origins.parts.map { .object(Self.object($0)) }),
        ]
        return JSONPrinter.print(.object(object), indent: 1) + "\n"
    }

    private static func object(_ part: ModelOrigins.Part) -> JSONObject {
        var object: JSONObject = [
            "name": .string(part.name), "layer": part.layer.map(JSONValue.int) ?? .null,
            "role": .string(part.role.description), "elements": .int(part.elementCount),
        ]
        switch part.origin {
        case .copy(let sources):
            object["is"] = "copy"
            object["of"] = .array(sources.map { .string(OriginRecipe.name($0)) })
        case .fill(let value):
            object["is"] = "fill"
            object["value"] = value.isFinite ? .double(value) : .null
        case .sum(let mixture), .near(let mixture):
            object["is"] = "sum"
            object["weights"] = .array(mixture.weights.map(JSONValue.double))
            object["unexplained"] = mixture.error.isFinite ? .double(mixture.error) : .null
        case .unknown: object["is"] = "unknown"
        }
        return object
    }
}

extension Diagnostic {
    fileprivate static func noRecipeFound(_ model: String) -> Diagnostic {
        Diagnostic(
            code: "no-recipe-found",
            "there is no recipe to keep: some of its layers are like those of no model that was named",
            at: .file(model, tensor: nil),
            fix: FixIt("name more models with --among")
        )
    }
}
