import SutureArchitectures
import SutureDiagnostics
import SutureMerging
import SutureRecipes
import SutureTensors

/// One tensor that a blend asks for.
struct BlendRequest {
    /// The method.
    var method: RecipeVocabulary.Method
    /// The tensors that are merged, in the method's order; a base apart comes last.
    var parties: [Strip.Slot]
    /// Where among the parties the base is, for methods that take one apart.
    var baseIndex: Int?
    /// The blend's own parameters.
    var parameters: [Argument]
    /// Each input's own parameters.
    var inputParameters: [[Argument]]
    /// Where the method is named.
    var methodRange: SourceRange?
    /// Where each input is named; none where inputs are not listed.
    var inputRanges: [SourceRange?] = []
    /// The layer of the strip; `nil` outside layers.
    var layer: Int?
    /// The layers of the strip.
    var layerCount: Int
    /// Where in its model the owner's layer came from; outside layers, where it is known on which side of them it lies.
    var depth: Double?
    /// The name the result will have, as far as it is known.
    var outputName: String
    /// The node, for random numbers and messages.
    var node: String
    /// Where the recipe asks for it.
    var range: SourceRange?

    /// The tensor whose shape, rows and place the result takes.
    var owner: Strip.Slot { parties[baseIndex ?? 0] }

    /// The tensors that are merged, the base apart from them left out.
    var inputs: [Strip.Slot] { baseIndex == nil ? parties : Array(parties.dropLast()) }
}

extension Lowering {
    /// Merges one tensor.
    ///
    /// - Returns: The tensor, or `nil` when something was wrong and has been reported.
    mutating func merge(_ request: BlendRequest, in scope: Int) -> Strip.Slot? {
        if let odd = request.parties.first(where: { !$0.spec.dtype.holdsWeights }) {
            // Position ids and masks are the same in every model of a family; numbers packed by a quantizer are not.
            guard !odd.isCompanion, odd.spec.dtype.isIndex else {
                findings.append(.cannotBlend(odd.spec, packed: packing(of: odd), at: request.range))
                return nil
            }
            return request.owner
        }
        if let companion = request.parties.first(where: { $0.isCompanion }) {
            findings.append(.cannotBlend(companion.spec, packed: packing(of: companion), at: request.range))
            return nil
        }
        guard let parameters = parameters(of: request, in: scope) else { return nil }
        let shapes = request.parties.map(\.spec.shape)
        guard shapes.allSatisfy({ $0 == shapes[0] }) else { return mergeRows(request, parameters) }
        return slot(of: request, parameters, shape: shapes[0])
    }

    /// The source that a tensor is first made of.
    private func name(of slot: Strip.Slot) -> String {
        slot.expression.leaves.first.map { sources[$0.source].name } ?? "none"
    }

    /// The source that packed a tensor, and by what.
    func packing(of slot: Strip.Slot) -> (source: String, scheme: String)? {
        guard let leaf = slot.expression.leaves.first, let quantization = sources[leaf.source].quantization else {
            return nil
        }
        return (sources[leaf.source].name, quantization.name)
    }

    private mutating func slot(of request: BlendRequest, _ parameters: SettledParameters, shape: Shape) -> Strip.Slot? {
        var slot = request.owner
        let blend = BlendExpression(
            method: request.method.name,
            inputs: request.inputs.map(\.expression),
            base: request.baseIndex.map { request.parties[$0].expression },
            parameters: parameters.global,
            inputParameters: parameters.inputs,
            node: request.node
        )
        slot.expression = TensorExpression.blended(blend).simplified(by: methods, as: compatibility)
        slot.givers = request.parties.flatMap(\.givers).reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
        slot.rowBase = request.baseIndex.flatMap { request.parties[$0].givers.first?.source }
        let dtype = dtype(of: slot.expression, request)
        return give(&slot, dtype, shape, at: request.range) ? slot : nil
    }

    /// The dtype of a merged tensor, where the output's settings give none.
    private func dtype(of expression: TensorExpression, _ request: BlendRequest) -> DType {
        let inputs = request.inputs.map(\.spec.dtype)
        guard let compatibility, let emulation = methods.emulation, let method = methods[named: request.method.name]
        else {
            return request.baseIndex == nil ? widest(inputs) : request.owner.spec.dtype
        }
        if expression.staysFloat32(by: methods) { return .float32 }
        return emulation.resultDType(
            of: method,
            in: compatibility,
            base: request.baseIndex.map { request.parties[$0].spec.dtype },
            inputs: inputs
        )
    }

    /// Merges matrices with different numbers of rows: common rows are blended, the rest are the owner's, or
    /// the model's whose tokenizer is chosen.
    ///
    /// mergekit leaves out the rest for some methods, and so does the result where its numbers are wanted.
    private mutating func mergeRows(_ request: BlendRequest, _ parameters: SettledParameters) -> Strip.Slot? {
        let shapes = request.parties.map(\.spec.shape)
        let isVocabulary = request.owner.isVocabularyMatrix
        guard isVocabulary, shapes.allSatisfy({ $0.rank == 2 && $0.rowLength == shapes[0].rowLength }) else {
            let parties = request.parties.map { (source: name(of: $0), spec: $0.spec) }
            findings.append(.shapesDiffer(parties, at: request.range))
            return nil
        }
        let rows = shapes.map { $0.dimensions[0] }
        // Where a tokenizer is chosen, there are as many rows as its model has.
        let chosen = request.parties.first { party in
            compatibility == nil && rowDonor != nil && party.expression.leaves.allSatisfy { $0.source == rowDonor }
        }
        let owner = chosen ?? request.owner
        let kept = owner.spec.shape.dimensions[0]
        let common = min(rows.min() ?? 0, kept)
        let isCut = compatibility.map { methods.cutsRows(request.method.name, in: $0) } ?? false
        findings.append(
            .rowsDiffer(request.owner.spec.name, rows, kept: isCut ? common : kept, at: request.range)
        )
        guard let shared = slot(of: request, parameters, shape: [common, shapes[0].rowLength]) else { return nil }
        var slot = request.owner
        let shape = isCut ? shared.spec.shape : owner.spec.shape
        slot.expression = .gathered(
            GatheredTensor(shared.expression, rows: common, then: owner.expression, to: shape.dimensions[0])
        )
        return give(&slot, shared.spec.dtype, shape, at: request.range) ? slot : nil
    }

    /// Gives a tensor its dtype and shape.
    ///
    /// - Returns: Whether there can be such a tensor; reports when not.
    private mutating func give(_ slot: inout Strip.Slot, _ dtype: DType, _ shape: Shape, at range: SourceRange?) -> Bool
    {
        do throws(TensorSpecError) {
            slot.spec = try TensorSpec(slot.spec.name, dtype, shape)
            return true
        } catch {
            findings.append(.impossibleTensor(error, at: range))
            return false
        }
    }

}

extension DType {
    /// Whether it stores ids or truth values rather than weights.
    var isIndex: Bool {
        switch self {
        case .bool, .int16, .int32, .int64, .uint16, .uint32, .uint64: true
        default: false
        }
    }
}

/// The dtype that holds what several can, as far as one does: the widest, and float32 for two 16-bit kinds.
func widest(_ dtypes: [DType]) -> DType {
    let distinct = Set(dtypes)
    guard distinct.count > 1, let width = distinct.map(\.bitWidth).max() else { return dtypes[0] }
    let candidates = distinct.filter { $0.bitWidth == width }
    guard candidates.count == 1, let only = candidates.first else { return width <= 8 ? .bfloat16 : .float32 }
    return only
}

extension Diagnostic {
    /// Numbers packed in a way that cannot be blended.
    static func cannotBlend(
        _ spec: TensorSpec,
        packed: (source: String, scheme: String)?,
        at range: SourceRange?
    ) -> Diagnostic {
        if let packed { return cannotCompute(packed.source, packed.scheme, at: range) }
        return Diagnostic(
            code: "cannot-blend",
            "'\(spec.name)' is stored as \(spec.dtype.rawValue), which cannot be blended",
            at: range,
            fix: FixIt("use the unquantized checkpoint for blends; quantized layers can be stacked as they are")
        )
    }

    /// Weights packed in a way that is not undone.
    static func cannotCompute(_ source: String, _ scheme: String, at range: SourceRange?) -> Diagnostic {
        Diagnostic(
            code: "cannot-blend",
            "'\(source)' is packed by \(scheme), whose numbers cannot be blended or scaled",
            at: range,
            fix: FixIt("use the checkpoint it was quantized from; its layers can be stacked and spliced as they are")
        )
    }

    /// Tensors of one place and several shapes.
    static func shapesDiffer(_ parties: [(source: String, spec: TensorSpec)], at range: SourceRange?) -> Diagnostic {
        let first = parties[0]
        let odd = parties.first { $0.spec.shape != first.spec.shape } ?? first
        let other = odd.spec.name == first.spec.name ? "" : ", as '\(odd.spec.name)'"
        return Diagnostic(
            code: "shapes-differ",
            "'\(first.spec.name)' is \(first.spec.shape) in '\(first.source)' and \(odd.spec.shape) in "
                + "'\(odd.source)'\(other)",
            at: range,
            fix: FixIt("only models of one shape can be blended; no tool can bridge this without training")
        )
    }

    /// Embeddings with different numbers of rows.
    static func rowsDiffer(_ name: String, _ rows: [Int], kept: Int, at range: SourceRange?) -> Diagnostic {
        let common = rows.min() ?? 0
        return Diagnostic(
            .warning,
            code: "rows-differ",
            "'\(name)' has \(rows.map(String.init).joined(separator: ", ")) rows: \(common) are blended, "
                + "the result keeps \(kept)",
            at: range,
            fix: FixIt("check that the vocabularies agree on the first \(common) tokens")
        )
    }
}

extension Diagnostic {
    /// A tensor that no file can hold.
    static func impossibleTensor(_ error: TensorSpecError, at range: SourceRange?) -> Diagnostic {
        Diagnostic(code: "impossible-tensor", "\(error)", at: range, fix: FixIt("choose another dtype for it"))
    }
}
