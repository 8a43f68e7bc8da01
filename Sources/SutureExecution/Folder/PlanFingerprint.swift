import SuturePlanning
import SutureTensors

/// A number that tells plans apart whose outputs would differ.
///
/// It guards against mistakes and not against enemies: 128 bits, mixed and not encrypted.
struct PlanFingerprint: Hashable, Sendable, CustomStringConvertible {
    private var low: UInt64 = 0x9E37_79B9_7F4A_7C15
    private var high: UInt64 = 0xD1B5_4A32_D192_ED03

    /// Sums up a plan.
    init(_ plan: Plan) {
        add(plan.sources.count)
        for file in plan.sources.flatMap(\.files) {
            add(file.path)
            add(file.byteCount)
            add(UInt64(file.inode))
            add(file.modified)
            add(file.unpackedByteCount ?? -1)
        }
        add(plan.shards.count)
        for shard in plan.shards {
            add(shard.name)
            add(shard.tensors.count)
            add(shard.dataStart)
            add(shard.byteCount)
        }
        for tensor in plan.tensors {
            add(tensor.spec)
            add(tensor.offset)
            add(tensor.expression)
        }
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
        add(plan.settings.seed)
        add(plan.settings.isBugCompatible ? 1 : 0)
        add(plan.settings.computeDType?.rawValue ?? "")
        add(plan.settings.allowsNonFinite ? 1 : 0)
    }

    /// The number in hexadecimal digits.
    var description: String {
        [high, low].map { word in
            let digits = String(word, radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
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
        case .extended(let first, let rows, let rest):
            add(6)
            add(rows)
            add(first)
            add(rest)
        case .adapted(let reference, .lowRank(let update)):
            add(7)
            add(reference)
            add(update.rows)
            add(update.columns)
            add(update.isTransposed ? 1 : 0)
            add(update.scale.bitPattern)
            add(update.magnitudes == nil ? 0 : 1)
            if let magnitudes = update.magnitudes { add(magnitudes) }
        case .adapted(let reference, .dequantized(let scales, let blocks)):
            add(9)
            add(reference)
            add(scales)
            add(blocks.count)
            for block in blocks { add(block) }
        case .adapted(let reference, .sum(let tensor, let scale)):
            add(8)
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
        add(gathered.tensors.count)
        for tensor in gathered.tensors { add(.stored(tensor)) }
        add(gathered.blocks.count)
        for block in gathered.blocks {
            add(block.tensor)
            add(block.number)
        }
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
        add(text.utf8.count)
        // Eight bytes at a time: small files may have megabytes.
        var word: UInt64 = 0
        var count = 0
        for byte in text.utf8 {
            word = word << 8 | UInt64(byte)
            count += 1
            if count % 8 == 0 {
                add(word)
                word = 0
            }
        }
        if count % 8 != 0 { add(word) }
    }

    private mutating func add(_ number: Int) { add(UInt64(bitPattern: Int64(number))) }

    private mutating func add(_ word: UInt64) {
        low = (low ^ word) &* 0xFF51_AFD7_ED55_8CCD
        low ^= low >> 32
        high = (high &+ low ^ (word &* 0xC4CE_B9FE_1A85_EC53)) &* 0x9FB2_1C65_1E98_DF25
        high ^= high >> 29
    }
}
