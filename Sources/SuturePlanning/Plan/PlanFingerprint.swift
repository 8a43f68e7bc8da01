package import SutureCheckpoints
import SutureMerging
import SutureTensors
import SystemPackage

/// Tells plans apart whose outputs would differ.
package struct PlanFingerprint: Hashable, Sendable, CustomStringConvertible {
    /// The hash of all that decides.
    package let hash: ContentHash

    /// The hash as text.
    package var description: String { hash.description }

    /// What is looked at.
    package enum Subject: Hashable, Sendable {
        /// A run: the very files that are read, in the state in which they were planned with, and every file that is made.
        case run

        /// The result wherever it is made: sources by name, their files by name and length.
        case result
    }

    /// Sums up a plan.
    package init(_ plan: Plan, of subject: Subject = .run) {
        var encoder = PlanEncoder()
        encoder.add(plan, subject)
        hash = encoder.finish()
    }
}

/// Writes what decides a plan's weight files as words, each thing with its length or kind before it.
private struct PlanEncoder: ~Copyable {
    private var hasher = ContentHasher()
    private var pending: [UInt64] = []

    mutating func finish() -> ContentHash {
        flush()
        return hasher.finish()
    }

    mutating func add(_ plan: Plan, _ subject: PlanFingerprint.Subject) {
        add(plan.sources.count)
        for source in plan.sources {
            if subject == .result { add(source.name) }
            add(source.files.count)
            for file in source.files { add(file, subject) }
        }
        // The first format had no name yet.
        if plan.format != "safetensors" { add(plan.format) }
        add(plan.shards.count)
        for shard in plan.shards {
            add(shard.name)
            add(shard.tensors.count)
            add(shard.dataStart)
            add(shard.byteCount)
            add(shard.original?.source ?? -1)
            add(shard.original?.file ?? -1)
            if !shard.preamble.isEmpty { add(String(decoding: shard.preamble, as: UTF8.self)) }
        }
        for tensor in plan.tensors {
            add(tensor.spec)
            add(tensor.offset)
            add(tensor.expression)
        }
        if subject == .run { addSmallFiles(plan) }
        add(plan.settings.seed)
        add(plan.settings.compatibility?.name ?? "")
        add(plan.settings.computeDType?.rawValue ?? "")
        add(plan.settings.allowsNonFinite ? 1 : 0)
    }

    private mutating func addSmallFiles(_ plan: Plan) {
        add(plan.documents.count)
        for document in plan.documents {
            add(document.name)
            add(document.text)
        }
        add(plan.companions.count)
        for companion in plan.companions {
            add(companion.name)
            add(companion.path)
            add(companion.byteCount)
        }
    }

    private mutating func add(_ file: Plan.Source.File, _ subject: PlanFingerprint.Subject) {
        switch subject {
        case .run:
            add(file.path)
            add(file.byteCount)
            switch file.version {
            case .file(let inode, let modified):
                add(inode)
                add(modified)
            case .content(let tag): add(tag)
            }
            add(file.unpackedByteCount ?? -1)
        case .result:
            // A packed file stands for what is in it.
            let name = FilePath(file.path).lastComponent?.string ?? ""
            add(WeightPackings.content(of: name) ?? name)
            add(file.unpackedByteCount ?? file.byteCount)
        }
    }

    private mutating func add(_ expression: TensorExpression) {
        switch expression {
        case .stored(let reference):
            add(1)
            add(reference)
        case .scaled(let inner, let factor):
            add(2)
            add(factor.bitPattern)
            add(inner)
        case .filled(let value):
            add(3)
            add(value.bitPattern)
        case .rounded(let inner, let dtype):
            add(4)
            add(dtype.rawValue)
            add(inner)
        case .blended(let blend):
            add(5)
            add(blend)
        case .adapted(let reference, .lowRank(let update)):
            add(7)
            add(reference)
            add(update.rows)
            add(update.columns)
            add(update.scalesColumns ? 1 : 0)
            add(update.scale.bitPattern)
            add(update.magnitudes == nil ? 0 : 1)
            if let magnitudes = update.magnitudes { add(magnitudes) }
        case .adapted(let reference, .dequantized(let scales, let blocks)):
            add(8)
            add(reference)
            add(scales)
            add(blocks.count)
            for block in blocks { add(block) }
        case .adapted(let reference, .sum(let tensor, let scale)):
            add(10)
            add(reference)
            add(tensor)
            add(scale.bitPattern)
        case .gathered(let gathered):
            add(9)
            add(gathered)
        }
    }

    private mutating func add(_ gathered: GatheredTensor) {
        add(gathered.dimension)
        add(gathered.blockLength)
        add(gathered.inputs.count)
        for input in gathered.inputs { add(input) }
        add(gathered.runs.count)
        for run in gathered.runs { add(run) }
        add(gathered.groups)
        add(gathered.seenAs?.dimensions.count ?? -1)
        for length in gathered.seenAs?.dimensions ?? [] { add(length) }
    }

    private mutating func add(_ run: GatheredTensor.Run) {
        switch run {
        case .blocks(let input, let numbers):
            add(input)
            add(numbers.lowerBound)
        case .mean(let blocks):
            add(-1)
            add(blocks.count)
            for block in blocks {
                add(block.input)
                add(block.number)
            }
        case .filled(let number, _):
            add(-2)
            add(number.bitPattern)
        case .padding: add(-3)
        }
        add(run.count)
    }

    private mutating func add(_ reference: StoredTensorReference) {
        add(reference.source)
        add(reference.file)
        add(reference.offset)
        add(reference.spec)
        add(reference.strides?.count ?? -1)
        for step in reference.strides ?? [] { add(step) }
    }

    private mutating func add(_ blend: BlendExpression) {
        add(blend.method)
        add(blend.node)
        add(blend.parameters)
        add(blend.inputs.count)
        for input in blend.inputs { add(input) }
        add(blend.inputParameters.count)
        for parameters in blend.inputParameters { add(parameters) }
        add(blend.base == nil ? 0 : 1)
        if let base = blend.base { add(base) }
    }

    private mutating func add(_ parameters: [String: Double]) {
        add(parameters.count)
        for (name, value) in parameters.sorted(by: { $0.key < $1.key }) {
            add(name)
            add(value.bitPattern)
        }
    }

    private mutating func add(_ spec: TensorSpec) {
        add(spec.name)
        add(spec.dtype.rawValue)
        add(spec.shape.rank)
        for length in spec.shape.dimensions { add(length) }
    }

    private mutating func add(_ text: String) {
        let bytes = Array(text.utf8)
        add(bytes.count)
        flush()
        hasher.update(bytes)
    }

    private mutating func add(_ number: Int) { add(UInt64(bitPattern: Int64(number))) }

    private mutating func add(_ word: UInt64) {
        pending.append(word.littleEndian)
        if pending.count >= 512 { flush() }
    }

    private mutating func flush() {
        unsafe pending.withUnsafeBytes { unsafe hasher.update($0) }
        pending.removeAll(keepingCapacity: true)
    }
}
