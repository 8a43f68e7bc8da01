import SutureArchitectures
import SutureDiagnostics
import SutureTensors

/// How each model of a recipe stores the experts of its layers.
///
/// transformers 5 loads a file of most families with experts apart or in one tensor, and so there are both.
struct ExpertForms {
    /// What is known of one layer.
    private struct Reading {
        /// The form, or why there is none to be known.
        let form: Result<ExpertForm, ExpertForm.Fault>
        /// The names in its half of the layer, `#` for numbers: what is not understood is alike where it is called alike.
        let names: Set<String>

        func isLike(_ other: Reading) -> Bool {
            guard case .success(let mine) = form, case .success(let theirs) = other.form else {
                return names == other.names
            }
            return mine.isLike(theirs)
        }

        /// Whether the experts are not understood.
        var isUnknown: Bool { (try? form.get()) == nil }

        /// A name that shows the form.
        var example: String {
            switch form {
            case .success(let form): form.pieces[0].pattern
            case .failure(let fault): fault.suffix
            }
        }
    }

    /// The layers with experts of each model.
    private let readings: [[Int: Reading]]

    /// Looks at the names and shapes of all layers.
    init(_ sources: [ResolvedSource]) {
        readings = sources.map { source in
            var readings: [Int: Reading] = [:]
            let families = source.anatomy.families
            for (layer, content) in source.strip.layers.enumerated() {
                let slots = content.slots.filter { $0.role.sublayer == .mlp }
                guard slots.contains(where: { $0.role.group == .expert || $0.spec.shape.rank == 3 }) else { continue }
                readings[layer] = Self.read(slots, families: families, experts: source.anatomy.facts.experts?.value)
            }
            return readings
        }
    }

    private static func read(_ slots: [Strip.Slot], families: [String], experts: Int?) -> Reading? {
        let tensors = slots.map { (suffix: $0.suffix, shape: $0.spec.shape) }
        let names = Set(
            slots.map { slot in
                slot.suffix.split(separator: ".").map { Int($0) == nil ? String($0) : "#" }.joined(separator: ".")
            }
        )
        do throws(ExpertForm.Fault) {
            return try ExpertForm.read(tensors, families: families, experts: experts).map { form in
                Reading(form: .success(form), names: names)
            }
        } catch { return Reading(form: .failure(error), names: names) }
    }

    /// Whether some layer stores its experts otherwise than another.
    var differ: Bool {
        let all = readings.flatMap(\.values)
        return all.dropFirst().contains { !$0.isLike(all[0]) }
    }

    /// Gives the experts of all models that layers come from the form that one of them has.
    ///
    /// - Parameters:
    ///   - sources: The models.
    ///   - owners: Those that layers come from. The first gives the config, and so the form; where it has no experts,
    ///     all stays as it is.
    /// - Returns: What was done, and what cannot be.
    func regroup(_ sources: inout [ResolvedSource], among owners: [Int]) -> [Diagnostic] {
        // The first layer whose experts are understood shows the form: another may have lost some.
        guard let donor = owners.first,
            let (place, wanted) = readings[donor].min(by: {
                ($0.value.isUnknown ? 1 : 0, $0.key) < ($1.value.isUnknown ? 1 : 0, $1.key)
            })
        else { return [] }
        let template = sources[donor].strip.layers[place]
        // Several layers may have lost something, and each something else.
        let made = Set(
            readings[donor].values.filter { $0.isLike(wanted) || $0.isUnknown && wanted.isUnknown }.map(\.names)
        )
        let whole = made.reduce(into: Set()) { $0.formUnion($1) }
        let spellings = Set(sources[donor].strip.layers.lazy.flatMap(\.slots).map { $0.suffix.replacingExpertNumber() })
        return owners.sorted().compactMap { index in
            // What a family is known to need and a layer lacks, though it spells the rest alike, is told as lost.
            let isKnown = sources[index].anatomy.neededTensors(under: sources[index].config) != nil
            let odd = readings[index].filter { _, reading in
                // The same names in another shape are another form.
                let isLost = reading.isUnknown || !made.contains(reading.names)
                return !reading.isLike(wanted) && !(isKnown && isLost && reading.names.isSubset(of: whole))
            }.sorted { $0.key < $1.key }
            guard let first = odd.first else { return nil }
            let told = Words(
                name: sources[index].name,
                example: first.value.example,
                wanted: wanted.example,
                donor: sources[donor].name
            )
            guard case .success(let form) = wanted.form else {
                return .expertsUnknown(told, wanted.form, in: donor, sources)
            }
            let roles = Dictionary(
                template.slots.map { ($0.suffix.replacingExpertNumber(), $0.role) }
            ) { first, _ in first }
            let regrouping = ExpertRegrouping(target: form, roles: roles)
            for (layer, reading) in odd {
                guard case .success(let own) = reading.form else {
                    return .expertsUnknown(told, reading.form, in: index, sources)
                }
                let prefix = sources[index].layerPrefix + "\(layer)."
                do throws(ExpertRegrouping.Refusal) {
                    try regrouping.regroup(&sources[index].strip.layers[layer], from: own, prefix: prefix)
                } catch { return .expertsRefused(told, error.words, at: sources[index].range) }
                sources[index].strip.layers[layer].rename(as: template, prefix: prefix)
                if let odd = sources[index].strip.layers[layer].first(notIn: spellings) {
                    let words = "'\(prefix)\(odd)' has no counterpart in '\(sources[donor].name)'"
                    return .expertsRefused(told, words, at: sources[index].range)
                }
            }
            sources[index].isRegrouped = true
            return .expertsRegrouped(told)
        }
    }

    /// What is said of experts in two forms.
    fileprivate struct Words {
        let name: String
        let example: String
        let wanted: String
        let donor: String
    }
}

extension String {
    /// A suffix as the pattern of its piece.
    fileprivate func replacingExpertNumber() -> String {
        var isAfterExperts = false
        return split(separator: ".").map { word in
            defer { isAfterExperts = word == "experts" || word == "switch_mlp" }
            return isAfterExperts && Int(word) != nil ? "#" : String(word)
        }.joined(separator: ".")
    }
}

extension Strip.Layer {
    /// The first tensor that is called as none of another model is, by the patterns of that one's names.
    fileprivate func first(notIn spellings: Set<String>) -> String? {
        slots.first { !spellings.contains($0.suffix.replacingExpertNumber()) && !$0.suffix.contains("rotary_emb") }?
            .suffix
    }

    /// Calls what stands beside the experts as another layer does, where it plays the same part alone: routers,
    /// their corrections, shared experts, norms of the layer.
    fileprivate mutating func rename(as template: Strip.Layer, prefix: String) {
        let own = slots.filter(\.isRenamed)
        let theirs = template.slots.filter(\.isRenamed)
        let (mine, known) = (Set(own.map(\.suffix)), Set(theirs.map(\.suffix)))
        let spare = theirs.filter { !mine.contains($0.suffix) }
        let odd = own.filter { !known.contains($0.suffix) }
        for index in slots.indices where odd.contains(slots[index]) {
            let slot = slots[index]
            let alike = spare.filter { $0.plays(slot) }
            guard alike.count == 1, odd.count(where: { $0.plays(slot) }) == 1 else { continue }
            slots[index].suffix = alike[0].suffix
            slots[index].spec = slot.spec.renamed(prefix + alike[0].suffix)
        }
    }
}

extension Strip.Slot {
    /// Whether it may be called otherwise beside experts of another form.
    fileprivate var isRenamed: Bool { role.sublayer == .mlp || role.group == .norm }

    /// Whether it is another's counterpart: of the same role, or the same module a level higher or lower.
    fileprivate func plays(_ other: Strip.Slot) -> Bool {
        guard spec.shape == other.spec.shape, Role.leaf(of: suffix) == Role.leaf(of: other.suffix) else { return false }
        return role == other.role || suffix.hasSuffix("." + other.suffix) || other.suffix.hasSuffix("." + suffix)
    }
}

extension Diagnostic {
    /// Experts are put together or taken apart.
    fileprivate static func expertsRegrouped(_ words: ExpertForms.Words) -> Diagnostic {
        Diagnostic(
            .note,
            code: "experts-regrouped",
            "'\(words.name)' stores experts as '\(words.example)' and '\(words.donor)', which gives the config, "
                + "as '\(words.wanted)': they are put together or parted, bit for bit, and written as the latter",
            at: nil as SourceRange?
        )
    }

    /// Experts of two forms, one of which is not understood.
    fileprivate static func expertsUnknown(
        _ words: ExpertForms.Words,
        _ form: Result<ExpertForm, ExpertForm.Fault>,
        in index: Int,
        _ sources: [ResolvedSource]
    ) -> Diagnostic {
        guard case .failure(let fault) = form else { return expertsRefused(words, "", at: nil) }
        return expertsRefused(
            words,
            "'\(fault.suffix)' of '\(sources[index].name)' \(fault.reason)",
            at: sources[index].range
        )
    }

    /// Experts of two forms between which no exact way is known.
    fileprivate static func expertsRefused(
        _ words: ExpertForms.Words,
        _ reason: String,
        at range: SourceRange?
    ) -> Diagnostic {
        Diagnostic(
            code: "experts-in-two-forms",
            "'\(words.name)' stores experts as '\(words.example)' and '\(words.donor)' as '\(words.wanted)', "
                + "and they cannot be brought to one form: \(reason)",
            at: range,
            fix: FixIt("save one of them in the form of the other, as transformers' save_pretrained does")
        )
    }
}
