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
        guard let donor = owners.first, let (place, wanted) = readings[donor].min(by: { $0.key < $1.key }) else {
            return []
        }
        let template = sources[donor].strip.layers[place]
        return owners.sorted().compactMap { index in
            let odd = readings[index].filter { !$0.value.isLike(wanted) }.sorted { $0.key < $1.key }
            guard let first = odd.first else { return nil }
            let words = Words(
                name: sources[index].name,
                example: first.value.example,
                wanted: wanted.example,
                donor: sources[donor].name
            )
            guard case .success(let form) = wanted.form else {
                return .expertsUnknown(words, wanted.form, in: donor, sources)
            }
            let roles = Dictionary(
                template.slots.map { ($0.suffix.replacingExpertNumber(), $0.role) }
            ) { first, _ in first }
            let regrouping = ExpertRegrouping(target: form, roles: roles)
            for (layer, reading) in odd {
                guard case .success(let own) = reading.form else {
                    return .expertsUnknown(words, reading.form, in: index, sources)
                }
                let prefix = sources[index].layerPrefix + "\(layer)."
                do throws(ExpertRegrouping.Refusal) {
                    try regrouping.regroup(&sources[index].strip.layers[layer], from: own, prefix: prefix)
                } catch { return .expertsRefused(words, error.words, at: sources[index].range) }
                sources[index].strip.layers[layer].rename(as: template, prefix: prefix)
            }
            sources[index].isRegrouped = true
            return .expertsRegrouped(words)
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
    /// Calls what stands beside the experts as another layer does, where it plays the same part alone: routers,
    /// their corrections, shared experts.
    fileprivate mutating func rename(as template: Strip.Layer, prefix: String) {
        let own = slots.filter { $0.role.sublayer == .mlp }
        let theirs = template.slots.filter { $0.role.sublayer == .mlp }
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
    fileprivate func plays(_ other: Strip.Slot) -> Bool {
        role == other.role && spec.shape == other.spec.shape && Role.leaf(of: suffix) == Role.leaf(of: other.suffix)
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
