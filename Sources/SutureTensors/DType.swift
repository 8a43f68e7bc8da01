/// How one element of a tensor is stored.
///
/// The raw values are the names in the safetensors header; the cases stand in that format's own
/// order, which is also the order in which its writer sorts tensors (widest last).
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
        }
    }

    /// The bits that one number takes, rounded down where a block shares bytes.
    public var bitWidth: Int { block.byteCount * 8 / block.elementCount }

    /// Whether the kernels can read it as numbers and blend it.
    public var isBlendable: Bool {
        switch self {
        case .float16, .bfloat16, .float32, .float64, .float8E4M3, .float8E5M2: true
        default: false
        }
    }

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
        default: []
        }
    }

    /// The dtype that a recipe or a `config.json` calls `name`, with or without `torch.` before it.
    public init?(recipeName name: String) {
        let bare = name.hasPrefix("torch.") ? String(name.dropFirst(6)) : name
        guard let match = DType.allCases.first(where: { $0.recipeNames.contains(bare) }) else { return nil }
        self = match
    }
}
