import SutureArchitectures
import SutureCheckpoints
import SutureDiagnostics
import SutureTensors

/// Gives every tensor of a composition its final name, dtype, shard and offset.
struct Layout {
    let composition: Composition

    /// The most bytes of tensors in a shard; a larger tensor has a shard to itself.
    let shardSize: Int

    /// The format of the files.
    let format: any OutputFormat

    /// Whether weight files of sources are kept as they are where that can be.
    var keepsFiles = false

    /// What is said of the model beside its tensors, in the format's form.
    var preamble: [UInt8] = []

    /// Lays the tensors out.
    ///
    /// The order is that of the layers, and inside a layer that of the source, so that neighbours in
    /// the source stay neighbours and are moved in one go. Files that are kept as they are come first.
    ///
    /// - Returns: The tensors and shards of the output.
    /// - Throws: `Diagnostics` when two tensors want one name or do not fit the format.
    func lay() throws(Diagnostics) -> (tensors: [Plan.Tensor], shards: [Plan.Shard]) {
        let all = try namedTensors()
        let kept =
            keepsFiles && preamble.isEmpty
            ? KeptFiles(all.map { ($0.spec, $0.expression) }, of: composition.sources, format).files : []
        let taken = Set(kept.flatMap(\.tensors))
        let (named, units) = together(all.indices.filter { !taken.contains($0) }.map { all[$0] })
        let groups = named.isEmpty && !kept.isEmpty ? [] : shardGroups(of: named, units)
        let count = kept.count + groups.count
        var tensors: [Plan.Tensor] = []
        tensors.reserveCapacity(all.count)
        var shards: [Plan.Shard] = []
        for (number, file) in kept.enumerated() {
            let first = tensors.count
            for index in file.tensors {
                guard case .stored(let reference) = all[index].expression else { continue }
                tensors.append(
                    Plan.Tensor(
                        spec: all[index].spec,
                        shard: number,
                        offset: reference.offset,
                        expression: all[index].expression
                    )
                )
            }
            shards.append(
                Plan.Shard(
                    name: format.naming.name(ofShard: number + 1, of: count),
                    tensors: first..<tensors.count,
                    dataStart: file.dataStart,
                    byteCount: file.byteCount,
                    original: Plan.Shard.Original(source: file.source, file: file.file)
                )
            )
        }
        for (place, group) in groups.enumerated() {
            let number = kept.count + place
            var residue = BlockResidue()
            for tensor in named[group] { residue.add(tensor.spec, tensor.expression) }
            let own = format.preamble(preamble, ofShard: number + 1, of: count, tensors: all.count)
            let layout: FileLayout
            do throws(OutputFormatError) {
                layout = try format.layOut(
                    named[group].map(\.spec),
                    .aligned(to: BlockResidue.blockByteCount, residue: residue.best),
                    preamble: own
                )
            } catch {
                throw Diagnostics([.cannotLayOut("\(error)", format)])
            }
            for (entry, tensor) in named[group].enumerated() {
                tensors.append(
                    Plan.Tensor(
                        spec: tensor.spec,
                        shard: number,
                        offset: layout.offsets[entry],
                        expression: tensor.expression
                    )
                )
            }
            shards.append(
                Plan.Shard(
                    name: format.naming.name(ofShard: number + 1, of: count),
                    tensors: group.lowerBound + taken.count..<group.upperBound + taken.count,
                    dataStart: layout.dataStart,
                    byteCount: layout.byteCount,
                    preamble: own
                )
            )
        }
        return (tensors, shards)
    }

    private struct NamedTensor {
        let spec: TensorSpec
        let expression: TensorExpression
        let isCompanion: Bool
    }

    private func shardGroups(of tensors: [NamedTensor], _ units: [Range<Int>]) -> [Range<Int>] {
        var groups: [Range<Int>] = []
        var start = 0
        var size = 0
        for unit in units {
            let byteCount = tensors[unit].reduce(0) { $0 + $1.spec.byteCount }
            if unit.lowerBound > start, size + byteCount > shardSize {
                groups.append(start..<unit.lowerBound)
                (start, size) = (unit.lowerBound, 0)
            }
            size += byteCount
        }
        groups.append(start..<tensors.count)
        return groups
    }

    /// Brings each packed weight together with its companions, which loaders want in one file.
    ///
    /// - Returns: The tensors, and what of them must not be parted.
    private func together(_ tensors: [NamedTensor]) -> (tensors: [NamedTensor], units: [Range<Int>]) {
        let packed = Set(
            tensors.lazy.filter(\.isCompanion).map { Role.module(of: $0.spec.name) }
        )
        guard !packed.isEmpty else { return (tensors, tensors.indices.map { $0..<$0 + 1 }) }
        var members: [String: [NamedTensor]] = [:]
        for tensor in tensors {
            let module = Role.module(of: tensor.spec.name)
            if packed.contains(module) { members[module, default: []].append(tensor) }
        }
        var ordered: [NamedTensor] = []
        var units: [Range<Int>] = []
        for tensor in tensors {
            let module = Role.module(of: tensor.spec.name)
            let unit = packed.contains(module) ? members.removeValue(forKey: module) ?? [] : [tensor]
            guard !unit.isEmpty else { continue }
            units.append(ordered.count..<ordered.count + unit.count)
            ordered += unit
        }
        return (ordered, units)
    }

    private func namedTensors() throws(Diagnostics) -> [NamedTensor] {
        var named: [NamedTensor] = []
        var taken: Set<String> = []
        var findings = Diagnostics()
        func add(_ slot: Strip.Slot, as name: String) {
            guard taken.insert(name).inserted else {
                findings.append(.nameTaken(name, by: slot.spec.name))
                return
            }
            named.append(
                NamedTensor(
                    spec: slot.spec.renamed(name),
                    expression: slot.expression,
                    isCompanion: slot.isCompanion
                )
            )
        }
        let strip = composition.strip
        for slot in strip.ends.embed.slots { add(slot, as: endName(slot)) }
        let stack = composition.donor.anatomy.mainStack
        for (index, layer) in strip.layers.enumerated() {
            for slot in layer.slots { add(slot, as: stack.name(layer: index, suffix: slot.suffix)) }
        }
        for slot in strip.ends.norm.slots + strip.ends.head.slots { add(slot, as: endName(slot)) }
        for rest in composition.rest { add(rest.slot, as: rest.slot.suffix) }
        try findings.throwIfErrors()
        return named
    }

    /// The name of an end's tensor, as the config donor's family has it.
    ///
    /// Text models say `model.norm.weight` where a vision model says `model.language_model.norm.weight`.
    private func endName(_ slot: Strip.Slot) -> String {
        let ends = composition.donor.strip.ends
        let own = ends.embed.slots + ends.norm.slots + ends.head.slots
        let alike = own.filter { $0.role == slot.role && Role.leaf(of: $0.suffix) == Role.leaf(of: slot.suffix) }
        return alike.count == 1 ? alike[0].suffix : slot.suffix
    }
}

extension Diagnostic {
    /// Two tensors would have one name.
    static func nameTaken(_ name: String, by tensor: String) -> Diagnostic {
        Diagnostic(
            code: "name-taken",
            "two tensors of the result would be called '\(name)' (one of them is '\(tensor)')",
            at: nil as SourceRange?,
            fix: FixIt("leave one of them out with output.drop")
        )
    }

    /// Tensors that do not fit the format.
    static func cannotLayOut(_ reason: String, _ format: any OutputFormat) -> Diagnostic {
        Diagnostic(
            code: "cannot-lay-out",
            "the result does not fit \(format.name) files: \(reason)",
            at: nil as SourceRange?,
            fix: FixIt("choose a smaller shard size")
        )
    }
}
