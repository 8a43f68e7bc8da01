import SutureCheckpoints
import SutureDiagnostics
import SutureMerging
import SuturePlanning
import SutureTensors
import SystemPackage

/// Whether a plan can be run as it stands: a plan may come out of a file that somebody edited.
///
/// After it, arithmetic on the plan's offsets cannot overflow and none of its numbers leads outside its arrays.
struct PlanGuard {
    private let plan: Plan
    private(set) var diagnostics = Diagnostics()

    /// Checks a plan.
    ///
    /// - Throws: ``ExecutionError`` with all that is wrong with it.
    static func run(_ plan: Plan) throws(ExecutionError) {
        var check = PlanGuard(plan)
        check.checkShards()
        check.checkTensors()
        check.checkNames()
        if let release = plan.settings.compatibility, !plan.methods.releases.contains(release) {
            check.diagnostics.append(.unknownRelease(release, in: plan.methods))
        }
        if check.diagnostics.hasErrors { throw ExecutionError(.model, check.diagnostics.all) }
    }

    private init(_ plan: Plan) {
        self.plan = plan
    }

    private mutating func checkShards() {
        var next = 0
        var total = 0
        for (number, shard) in plan.shards.enumerated() {
            let tensors = shard.tensors
            guard tensors.lowerBound == next, tensors.upperBound <= plan.tensors.count, shard.dataStart > 8 else {
                return diagnostics.append(.shardsDisagree(shard.name))
            }
            next = tensors.upperBound
            checkOffsets(of: shard, number)
            if let original = shard.original { check(shard, is: original) }
            guard case (let sum, false) = total.addingReportingOverflow(shard.byteCount), sum < 1 << 60 else {
                return diagnostics.append(.outputTooLarge())
            }
            total = sum
        }
        if next != plan.tensors.count { diagnostics.append(.tensorsWithoutShard(plan.tensors.count - next)) }
    }

    /// The offsets are those of the format, or those of the file that is kept.
    private mutating func checkOffsets(of shard: Plan.Shard, _ number: Int) {
        guard shard.original == nil else { return checkOrder(of: shard, number) }
        let layout: FileLayout
        do throws(OutputFormatError) { layout = try shard.layout(in: plan) } catch {
            return diagnostics.append(.brokenHeader(shard, error.description))
        }
        guard layout.dataStart == shard.dataStart else {
            return diagnostics.append(.headerLength(shard, actual: layout.dataStart))
        }
        for (index, offset) in zip(shard.tensors, layout.offsets) {
            let tensor = plan.tensors[index]
            guard tensor.offset == offset, tensor.shard == number else {
                return diagnostics.append(.misplaced(tensor, expected: offset))
            }
        }
        if layout.byteCount != shard.byteCount { diagnostics.append(.shardLength(shard, needed: layout.byteCount)) }
    }

    private mutating func checkOrder(of shard: Plan.Shard, _ number: Int) {
        var end = shard.dataStart
        for index in shard.tensors {
            let tensor = plan.tensors[index]
            let (sum, overflow) = tensor.offset.addingReportingOverflow(tensor.spec.byteCount)
            guard tensor.offset >= end, tensor.shard == number, !overflow else {
                return diagnostics.append(.misplaced(tensor, expected: end))
            }
            end = sum
        }
        if end > shard.byteCount { diagnostics.append(.shardLength(shard, needed: end)) }
    }

    private mutating func check(_ shard: Plan.Shard, is original: Plan.Shard.Original) {
        guard plan.sources.indices.contains(original.source),
            plan.sources[original.source].files.indices.contains(original.file)
        else { return diagnostics.append(.unknownSource(shard.name)) }
        let file = plan.sources[original.source].files[original.file]
        let holds = shard.tensors.allSatisfy { index in
            guard let stored = plan.tensors[index].movedBytes else { return false }
            return stored.source == original.source && stored.file == original.file && stored.strides == nil
                && stored.offset == plan.tensors[index].offset && stored.spec == plan.tensors[index].spec
        }
        if !holds || file.byteCount != shard.byteCount || file.unpackedByteCount != nil {
            diagnostics.append(.notTheOriginal(shard, file))
        }
    }

    private mutating func checkTensors() {
        for tensor in plan.tensors {
            for leaf in tensor.expression.leaves {
                guard plan.sources.indices.contains(leaf.source),
                    plan.sources[leaf.source].files.indices.contains(leaf.file)
                else {
                    diagnostics.append(.unknownSource(tensor.spec.name))
                    continue
                }
                let file = plan.sources[leaf.source].files[leaf.file]
                let reach = leaf.strides.map { StridedLayout.reach(of: leaf.spec, strides: $0) } ?? leaf.spec.byteCount
                let (end, overflow) = leaf.offset.addingReportingOverflow(reach ?? .max)
                if overflow || leaf.offset < 0 || end > file.unpackedByteCount ?? file.byteCount {
                    diagnostics.append(.outsideFile(leaf.spec.name, file))
                }
            }
            for (base, adaptation) in tensor.expression.adaptations where !adaptation.fits(base) {
                diagnostics.append(.unfittingAdapter(base.spec.name))
            }
            if let gathered = tensor.expression.misfit(in: tensor.spec.shape, isHeld: false) {
                diagnostics.append(.blocksDoNotFit(tensor.spec, gathered))
            }
            if let stored = tensor.movedBytes, stored.spec.byteCount != tensor.spec.byteCount {
                diagnostics.append(.byteCountsDiffer(tensor.spec, stored.spec))
            }
        }
    }

    /// No name may lead out of the output folder, and none may be taken twice.
    private mutating func checkNames() {
        var taken: Set<String> = [WorkFolder.name, DocumentNames.manifest]
        for shard in plan.shards where FilePath(shard.name).components.count != 1 {
            diagnostics.append(.unsafeName(shard.name))
        }
        let names = plan.shards.map(\.name) + plan.documents.map(\.name) + plan.companions.map(\.name)
        for name in names {
            let path = FilePath(name)
            let isSafe =
                !path.isAbsolute && !path.isEmpty && !name.utf8.contains(0) && path.string == name
                && path.components.allSatisfy { $0.kind == .regular }
            if !isSafe {
                diagnostics.append(.unsafeName(name))
            } else if !taken.insert(name).inserted {
                diagnostics.append(.nameTakenTwice(name))
            }
        }
        for name in names {
            var folder = FilePath(name)
            while folder.removeLastComponent(), !folder.isEmpty {
                if taken.contains(folder.string) { diagnostics.append(.nameTakenTwice(folder.string)) }
            }
        }
    }
}

extension Adaptation {
    /// Whether it can be added to a tensor: numbers of the right shapes.
    fileprivate func fits(_ base: StoredTensorReference) -> Bool {
        guard base.spec.dtype.isPlainFloat,
            leaves.allSatisfy({ $0.spec.dtype.isDecodable && $0.spec.dtype.elementByteCount != nil })
        else { return false }
        switch self {
        case .dequantized(let scales, let blocks):
            return DequantizedNumbers.fits(base.spec.shape, scales: scales.spec.shape, blocks)
        case .sum(let tensor, _):
            return tensor.spec.dtype.isBlendable && tensor.spec.elementCount == base.spec.elementCount
        case .lowRank(let update):
            return leaves.allSatisfy({ $0.spec.dtype.isBlendable }) && update.fits(base.spec.shape)
        }
    }
}

extension TensorExpression {
    /// The first gathering in it that does not make a tensor of a shape.
    ///
    /// - Parameters:
    ///   - shape: The shape.
    ///   - isHeld: Whether only the first rows are asked for, so that there may be more.
    /// - Returns: The gathering; `nil` where all is well.
    fileprivate func misfit(in shape: Shape, isHeld: Bool) -> GatheredTensor? {
        guard case .gathered(let gathered) = self else {
            return children.lazy.compactMap { $0.misfit(in: shape, isHeld: isHeld) }.first
        }
        if let (first, rows, rest) = gathered.joined {
            let inner = Shape([rows] + shape.dimensions.dropFirst())
            let count = gathered.blockCount
            guard shape.rank > 0, isHeld ? count >= shape.dimensions[0] : count == shape.dimensions[0] else {
                return gathered
            }
            return first.misfit(in: inner, isHeld: true) ?? rest?.misfit(in: shape, isHeld: true)
        }
        guard let own = gathered.shape, NumberSource(self) != nil || GatheredBytes(gathered) != nil else {
            return gathered
        }
        if own == shape { return nil }
        let isTaller =
            isHeld && own.rank == shape.rank && own.rank > 0
            && own.dimensions.dropFirst() == shape.dimensions.dropFirst()
            && own.dimensions[0] >= shape.dimensions[0]
        return isTaller ? nil : gathered
    }
}

extension LowRankUpdate {
    /// Whether its product has as many rows and columns as a tensor of a shape, each matrix of a stack for itself.
    fileprivate func fits(_ shape: Shape) -> Bool {
        let (left, right) = (rows.spec.shape.dimensions, columns.spec.shape.dimensions)
        guard left.count == right.count, left.count == 2 || left.count == 3, rank > 0, columnCount > 0 else {
            return false
        }
        let isPair = left.count == 2 || left[0] == right[0]
        let products = matrixCount.multipliedReportingOverflow(by: rowCount)
        let elements = products.partialValue.multipliedReportingOverflow(by: columnCount)
        guard isPair, right[right.count - 2] == rank, !products.overflow, !elements.overflow,
            elements.partialValue == shape.elementCount
        else { return false }
        guard let magnitudes else { return true }
        return matrixCount == 1 && magnitudes.spec.elementCount == (scalesColumns ? columnCount : rowCount)
    }
}

extension Diagnostic {
    static func blocksDoNotFit(_ spec: TensorSpec, _ gathered: GatheredTensor) -> Diagnostic {
        brokenPlan(
            "tensor '\(spec.name)' \(spec.shape) is gathered from \(gathered.blockCount) blocks of \(gathered.blockLength), which do not make it"
        )
    }

    static func shardsDisagree(_ name: String) -> Diagnostic {
        brokenPlan("its shard '\(name)' does not follow on the one before it")
    }

    static func tensorsWithoutShard(_ count: Int) -> Diagnostic {
        brokenPlan("\(count) of its tensors lie in no shard")
    }

    static func misplaced(_ tensor: Plan.Tensor, expected: Int) -> Diagnostic {
        brokenPlan(
            "tensor '\(tensor.spec.name)' lies at byte \(tensor.offset) and belongs at \(expected)"
        )
    }

    static func shardLength(_ shard: Plan.Shard, needed: Int) -> Diagnostic {
        brokenPlan("shard '\(shard.name)' has \(shard.byteCount) bytes and its tensors end at \(needed)")
    }

    static func notTheOriginal(_ shard: Plan.Shard, _ file: Plan.Source.File) -> Diagnostic {
        brokenPlan("shard '\(shard.name)' is to be '\(file.path)', which holds other tensors")
    }

    static func outputTooLarge() -> Diagnostic { brokenPlan("its shards are larger than any disk") }

    static func unknownSource(_ tensor: String) -> Diagnostic {
        brokenPlan("tensor '\(tensor)' is made of a source that the plan does not list")
    }

    static func outsideFile(_ tensor: String, _ file: Plan.Source.File) -> Diagnostic {
        brokenPlan("source tensor '\(tensor)' ends after the \(file.byteCount) bytes of '\(file.path)'")
    }

    static func byteCountsDiffer(_ output: TensorSpec, _ source: TensorSpec) -> Diagnostic {
        brokenPlan(
            "tensor '\(output.name)' takes \(output.byteCount) bytes and '\(source.name)', which is moved there, \(source.byteCount)"
        )
    }

    static func unfittingAdapter(_ tensor: String) -> Diagnostic {
        brokenPlan("what source tensor '\(tensor)' is made with does not fit its shape")
    }

    static func unsafeName(_ name: String) -> Diagnostic {
        brokenPlan("its file name '\(name)' leads out of the output folder")
    }

    static func nameTakenTwice(_ name: String) -> Diagnostic {
        brokenPlan("two of its files are called '\(name)'")
    }

    static func headerLength(_ shard: Plan.Shard, actual: Int) -> Diagnostic {
        brokenPlan(
            "shard '\(shard.name)' begins its tensors at byte \(shard.dataStart) and its header ends at \(actual)"
        )
    }

    static func brokenHeader(_ shard: Plan.Shard, _ reason: String) -> Diagnostic {
        brokenPlan("shard '\(shard.name)' can have no header: \(reason)")
    }

    private static func brokenPlan(_ fault: String) -> Diagnostic {
        brokenPlan(
            "the plan contradicts itself: \(fault)",
            at: nil,
            fix: FixIt("make the plan anew")
        )
    }
}
