/// How one element of a tensor is stored.
///
/// The raw values are the names in the safetensors header; the cases stand in that format's own
/// order, which is also the order in which its writer sorts tensors (widest last). After them come the
/// block formats of GGUF files, under ggml's names.
public enum DType: String, CaseIterable, Hashable, Sendable, Codable {
    case bool = "BOOL"
    case float4 = "F4"
    case float6E2M3 = "F6_E2M3"
    case float6E3M2 = "F6_E3M2"
    case uint8 = "U8"
    case int8 = "I8"
    case float8E5M2 = "F8_E5M2"
    case float8E4M3 = "F8_E4M3"
    case float8E8M0 = "F8_E8M0"
    case float8E4M3FNUZ = "F8_E4M3FNUZ"
    case float8E5M2FNUZ = "F8_E5M2FNUZ"
    case int16 = "I16"
    case uint16 = "U16"
    case float16 = "F16"
    case bfloat16 = "BF16"
    case int32 = "I32"
    case uint32 = "U32"
    case float32 = "F32"
    case complex64 = "C64"
    case float64 = "F64"
    case int64 = "I64"
    case uint64 = "U64"
    case ggmlQ40 = "Q4_0"
    case ggmlQ41 = "Q4_1"
    case ggmlQ50 = "Q5_0"
    case ggmlQ51 = "Q5_1"
    case ggmlQ80 = "Q8_0"
    case ggmlQ81 = "Q8_1"
    case ggmlQ2K = "Q2_K"
    case ggmlQ3K = "Q3_K"
    case ggmlQ4K = "Q4_K"
    case ggmlQ5K = "Q5_K"
    case ggmlQ6K = "Q6_K"
    case ggmlQ8K = "Q8_K"
    case ggmlIQ2XXS = "IQ2_XXS"
    case ggmlIQ2XS = "IQ2_XS"
    case ggmlIQ2S = "IQ2_S"
    case ggmlIQ3XXS = "IQ3_XXS"
    case ggmlIQ3S = "IQ3_S"
    case ggmlIQ1S = "IQ1_S"
    case ggmlIQ1M = "IQ1_M"
    case ggmlIQ4NL = "IQ4_NL"
    case ggmlIQ4XS = "IQ4_XS"
    case ggmlTQ10 = "TQ1_0"
    case ggmlTQ20 = "TQ2_0"
    case ggmlMXFP4 = "MXFP4"
    case ggmlNVFP4 = "NVFP4"
    case ggmlQ10 = "Q1_0"

    /// The least run of its numbers that is stored together.
    public var block: StoredBlock {
        switch self {
        case .float4: StoredBlock(elements: 2, bytes: 1)
        case .float6E2M3, .float6E3M2: StoredBlock(elements: 4, bytes: 3)
        case .bool, .uint8, .int8, .float8E5M2, .float8E4M3, .float8E8M0, .float8E4M3FNUZ, .float8E5M2FNUZ:
            StoredBlock(bytes: 1)
        case .int16, .uint16, .float16, .bfloat16: StoredBlock(bytes: 2)
        case .int32, .uint32, .float32: StoredBlock(bytes: 4)
        case .complex64, .float64, .int64, .uint64: StoredBlock(bytes: 8)
        case .ggmlQ40, .ggmlIQ4NL: StoredBlock(elements: 32, bytes: 18)
        case .ggmlQ41: StoredBlock(elements: 32, bytes: 20)
        case .ggmlQ50: StoredBlock(elements: 32, bytes: 22)
        case .ggmlQ51: StoredBlock(elements: 32, bytes: 24)
        case .ggmlQ80: StoredBlock(elements: 32, bytes: 34)
        case .ggmlQ81: StoredBlock(elements: 32, bytes: 40)
        case .ggmlQ2K: StoredBlock(elements: 256, bytes: 84)
        case .ggmlQ3K, .ggmlIQ3S: StoredBlock(elements: 256, bytes: 110)
        case .ggmlQ4K: StoredBlock(elements: 256, bytes: 144)
        case .ggmlQ5K: StoredBlock(elements: 256, bytes: 176)
        case .ggmlQ6K: StoredBlock(elements: 256, bytes: 210)
        case .ggmlQ8K: StoredBlock(elements: 256, bytes: 292)
        case .ggmlIQ2XXS, .ggmlTQ20: StoredBlock(elements: 256, bytes: 66)
        case .ggmlIQ2XS: StoredBlock(elements: 256, bytes: 74)
        case .ggmlIQ2S: StoredBlock(elements: 256, bytes: 82)
        case .ggmlIQ3XXS: StoredBlock(elements: 256, bytes: 98)
        case .ggmlIQ1S: StoredBlock(elements: 256, bytes: 50)
        case .ggmlIQ1M: StoredBlock(elements: 256, bytes: 56)
        case .ggmlIQ4XS: StoredBlock(elements: 256, bytes: 136)
        case .ggmlTQ10: StoredBlock(elements: 256, bytes: 54)
        case .ggmlMXFP4: StoredBlock(elements: 32, bytes: 17)
        case .ggmlNVFP4: StoredBlock(elements: 64, bytes: 36)
        case .ggmlQ10: StoredBlock(elements: 128, bytes: 18)
        }
    }

    /// The bits that one number takes, rounded down where a block shares bytes.
    public var bitWidth: Int { block.byteCount * 8 / block.elementCount }

    /// Whether it is one of ggml's block formats, which only GGUF files hold.
    public var isGGML: Bool { block.elementCount > 4 }

    /// Whether bytes that are all zero are numbers that are all zero.
    ///
    /// True of every block format that gguf-py 0.19 can decode; of the others nobody has looked.
    public var isZeroInZeroBytes: Bool { ![.ggmlQ81, .ggmlQ8K, .ggmlQ10].contains(self) }

    /// Those that a safetensors file can hold.
    package static let inSafetensors = allCases.filter { !$0.isGGML }

    /// Whether the kernels can read it as numbers; those that they also round to are ``isBlendable``.
    public var isDecodable: Bool {
        switch self {
        case .float8E8M0, .ggmlQ2K, .ggmlQ3K, .ggmlIQ4NL, .ggmlIQ4XS, .ggmlMXFP4: true
        default: isBlendable
        }
    }

    /// Whether the kernels can read it as weights; E8M0 are scales.
    public var holdsWeights: Bool { isDecodable && self != .float8E8M0 }

    /// Whether the kernels can read it as numbers, and write what they compute in it.
    public var isBlendable: Bool {
        switch self {
        case .float16, .bfloat16, .float32, .float64, .float8E4M3, .float8E5M2: true
        case .ggmlQ40, .ggmlQ41, .ggmlQ50, .ggmlQ51, .ggmlQ80, .ggmlQ4K, .ggmlQ5K, .ggmlQ6K: true
        default: false
        }
    }

    /// Whether it is a float that stands by itself, and not one of a block.
    public var isPlainFloat: Bool { isBlendable && !isGGML }

    /// The bits of a float's fraction and exponent; `nil` where the kernels do not read it as numbers.
    private var precision: (fraction: Int, exponent: Int)? {
        switch self {
        case .float8E4M3: (3, 4)
        case .float8E5M2: (2, 5)
        case .float16: (10, 5)
        case .bfloat16: (7, 8)
        case .float32: (23, 8)
        case .float64: (52, 11)
        default: nil
        }
    }

    /// Whether every number of another dtype can be written in this one as it is.
    package func holdsEveryNumber(of other: DType) -> Bool {
        if self == other { return true }
        guard let mine = precision, let theirs = other.precision else { return false }
        return mine.fraction >= theirs.fraction && mine.exponent >= theirs.exponent
    }

    /// The names that recipes and `config.json` use for it, the usual one first.
    public var recipeNames: [String] {
        switch self {
        case .bfloat16: ["bfloat16", "bf16"]
        case .float16: ["float16", "fp16", "half"]
        case .float32: ["float32", "fp32", "float"]
        case .float64: ["float64", "double"]
        case .float8E4M3: ["float8_e4m3fn"]
        case .float8E5M2: ["float8_e5m2"]
        case .int8: ["int8"]
        case .int16: ["int16"]
        case .int32: ["int32"]
        case .int64: ["int64"]
        case .uint8: ["uint8"]
        case .bool: ["bool"]
        default: isGGML && isBlendable ? [rawValue.lowercased()] : []
        }
    }

    /// The dtype that a recipe or a `config.json` calls `name`, with or without `torch.` before it.
    public init?(recipeName name: String) {
        let bare = name.hasPrefix("torch.") ? String(name.dropFirst(6)) : name
        guard let match = DType.allCases.first(where: { $0.recipeNames.contains(bare) }) else { return nil }
        self = match
    }
}
