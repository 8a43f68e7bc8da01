import SutureKernels
import SutureTensors

/// A tree flattened to steps over rows of a workspace, so that evaluating it takes no recursion.
///
/// Rows are given out like a stack: the inputs of a blend lie side by side, and what computes them lies above them.
struct MergeProgram: Sendable {
    /// One step; it is skipped where its elements are not those of the block.
    struct Step: Sendable {
        enum Work: Sendable {
            /// Widens a leaf's bytes.
            case load(leaf: Int)
            case fill(Float)
            case scale(Float)
            case round(DType)
            /// Merges the rows from `rows` on.
            case blend(Int)
        }

        let work: Work
        let output: Int
        let elements: Range<Int>
    }

    /// A stored tensor, read once for each block however often the tree names it.
    struct Leaf: Sendable {
        let source: Int
        let dtype: DType
        var elements: Range<Int>

        var block: StoredBlock { dtype.block }
    }

    /// A blend with the rows of its inputs, and the steps that compute them.
    struct Blend: Sendable {
        var method: any TensorMerge
        let inputs: Int
        let inputCount: Int
        let base: Int?
        let scratch: Int
        let elements: Range<Int>
        let steps: Range<Int>
        /// To what differences from the base are rounded.
        let rounding: StepRounding
    }

    private(set) var steps: [Step] = []
    private(set) var leaves: [Leaf] = []
    /// The blends, those inside others before them.
    var blends: [Blend] = []
    private(set) var rowCount = 1
    /// Where one part of the tensor ends and another, with other steps, begins.
    private(set) var cuts: Set<Int> = []
    /// Whether some blend follows a release of another program, to numbers that may be none.
    private(set) var followsRelease = false

    /// The methods that a blend may name.
    private let methods: MergeRegistry

    /// The shape of what is made.
    let shape: Shape

    /// The number of its elements.
    let elementCount: Int

    /// Flattens a tree.
    init(_ tree: MergeTree, shape: Shape, methods: MergeRegistry) throws(MergeTreeError) {
        self.shape = shape
        self.methods = methods
        guard let count = shape.elementCount else { throw .tooLarge(shape) }
        elementCount = count
        try append(tree, to: 0, above: 1, elements: 0..<count, depth: 0)
        for leaf in leaves {
            let edges =
                [leaf.elements.lowerBound, leaf.elements.upperBound] + cuts.filter(leaf.elements.contains).sorted()
            if let edge = edges.first(where: { !$0.isMultiple(of: leaf.block.elementCount) }) {
                throw .cutBlock(leaf.dtype, source: leaf.source, element: edge)
            }
        }
    }

    /// Blocks start at a multiple of it, counted from a cut, and end at one or at a cut or the end.
    var granule: Int {
        guard elementCount > 0 else { return 1 }
        let granules = blends.map { blend in
            switch blend.method.granularity {
            case .elements: 1
            case .rows: shape.rowLength
            case .wholeTensor: elementCount
            }
        }
        if granules.contains(elementCount) { return elementCount }
        let rounded = steps.map { step in
            if case .round(let dtype) = step.work { dtype.block.elementCount } else { 1 }
        }
        return (granules + rounded + leaves.map(\.block.elementCount)).reduce(1) { leastCommonMultiple($0, $1) }
    }

    private mutating func append(
        _ tree: MergeTree,
        to output: Int,
        above top: Int,
        elements: Range<Int>,
        depth: Int
    ) throws(MergeTreeError) {
        guard depth < MergeTreeError.deepest else { throw .tooDeep }
        rowCount = max(rowCount, top)
        switch tree {
        case .source(let source, let dtype):
            guard dtype.isDecodable else { throw .notBlendable(dtype, source: source) }
            add(.load(leaf: leaf(source, dtype, elements)), output, elements)
        case .fill(let value): add(.fill(Float(value)), output, elements)
        case .scale(let inner, let factor):
            try append(inner, to: output, above: top, elements: elements, depth: depth + 1)
            add(.scale(Float(factor)), output, elements)
        case .round(let inner, let dtype):
            guard dtype.isBlendable else { throw .notBlendable(dtype, source: 0) }
            try append(inner, to: output, above: top, elements: elements, depth: depth + 1)
            add(.round(dtype), output, elements)
        case .rows(let rows, let head, let tail):
            guard shape.rank >= 1, rows >= 0, case (let cut, false) = rows.multipliedReportingOverflow(by: rowSize),
                elements.lowerBound == 0, cut <= elements.upperBound
            else { throw .rows(rows, of: shape) }
            cuts.insert(cut)
            try append(head, to: output, above: top, elements: 0..<cut, depth: depth + 1)
            try append(tail, to: output, above: top, elements: cut..<elements.upperBound, depth: depth + 1)
        case .blend(let blend): try append(blend, to: output, above: top, elements: elements, depth: depth)
        }
    }

    private mutating func append(
        _ blend: MergeBlend,
        to output: Int,
        above top: Int,
        elements: Range<Int>,
        depth: Int
    ) throws(MergeTreeError) {
        guard let type = methods[named: blend.method] else {
            throw .unknownMethod(blend.method)
        }
        let method: any TensorMerge
        do throws(MergeParameterError) {
            let layout = MergeLayout(
                shape: blendShape(elements),
                inputCount: blend.inputs.count,
                hasBase: blend.base != nil
            )
            method = try methods.make(type, blend.parameters, layout: layout, random: blend.random)
        } catch { throw .parameters(error) }

        let base = blend.base == nil ? nil : top + blend.inputs.count
        let scratch = top + blend.inputs.count + (base == nil ? 0 : 1)
        rowCount = max(rowCount, scratch + method.scratchRowCount)
        let start = steps.count
        let compatibility = blend.parameters.compatibility
        for (index, input) in (blend.inputs + (blend.base.map { [$0] } ?? [])).enumerated() {
            try append(input, to: top + index, above: scratch, elements: elements, depth: depth + 1)
            if let dtype = compatibility.dtype { add(.round(dtype), top + index, elements) }
        }
        followsRelease = followsRelease || compatibility != .documented
        blends.append(
            Blend(
                method: method,
                inputs: top,
                inputCount: blend.inputs.count,
                base: base,
                scratch: scratch,
                elements: elements,
                steps: start..<steps.count,
                rounding: compatibility.rounding
            )
        )
        add(.blend(blends.count - 1), output, elements)
        if let dtype = compatibility.dtype, !(methods.emulation?.writesFloat32(type) ?? false) {
            add(.round(dtype), output, elements)
        }
    }

    private mutating func add(_ work: Step.Work, _ output: Int, _ elements: Range<Int>) {
        if case .round(let dtype) = work, dtype == .float32 || dtype == .float64 { return }
        steps.append(Step(work: work, output: output, elements: elements))
    }

    private mutating func leaf(_ source: Int, _ dtype: DType, _ elements: Range<Int>) -> Int {
        guard let known = leaves.firstIndex(where: { $0.source == source && $0.dtype == dtype }) else {
            leaves.append(Leaf(source: source, dtype: dtype, elements: elements))
            return leaves.count - 1
        }
        let old = leaves[known].elements
        if old.isEmpty {
            leaves[known].elements = elements
        } else if !elements.isEmpty {
            leaves[known].elements =
                min(old.lowerBound, elements.lowerBound)..<max(old.upperBound, elements.upperBound)
        }
        return known
    }

    /// The elements of one step along the first dimension.
    private var rowSize: Int { Shape(Array(shape.dimensions.dropFirst())).elementCount ?? 0 }

    /// The shape of a part that starts at the first row.
    private func blendShape(_ elements: Range<Int>) -> Shape {
        guard elements.upperBound < elementCount || elements.lowerBound > 0, rowSize > 0 else {
            return shape
        }
        return Shape([elements.count / rowSize] + shape.dimensions.dropFirst())
    }
}
