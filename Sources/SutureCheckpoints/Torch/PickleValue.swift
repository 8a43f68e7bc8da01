import SutureTensors

/// What the pickle of a state dict can hold: data, and names of the few things it is made with.
///
/// Containers are numbers of places in ``PickleMachine/containers``, so that values are small, copies are cheap and
/// however deep they nest, nothing is ever walked or freed recursively.
enum PickleValue: Sendable {
    case none
    case bool(Bool)
    case int(Int)
    /// A number that no tensor needs: a float, or an integer too long.
    case number
    case text(String)
    case tuple(Int)
    case list(Int)
    case dict(Int)
    case name(PickleName)
    case storage(Int)
    case tensor(Int)
}

/// A global that a state dict may name; each stands for itself and runs nothing.
enum PickleName: Hashable, Sendable {
    case orderedDict
    case rebuildTensor
    /// With the dtype beside an untyped storage.
    case rebuildTensorWithDType
    case rebuildParameter
    case size
    case encode
    /// A storage of a dtype; `nil` for one of plain bytes.
    case storage(DType?)
    case dtype(DType)

    /// The name that a pickle asks for, where it is on the list.
    init?(module: String, name: String) {
        switch (module, name) {
        case ("collections", "OrderedDict"): self = .orderedDict
        case ("torch._utils", "_rebuild_tensor_v2"): self = .rebuildTensor
        case ("torch._utils", "_rebuild_tensor_v3"): self = .rebuildTensorWithDType
        case ("torch._utils", "_rebuild_parameter"), ("torch._utils", "_rebuild_parameter_with_state"):
            self = .rebuildParameter
        case ("torch", "Size"): self = .size
        case ("_codecs", "encode"): self = .encode
        case ("torch.storage", "UntypedStorage"), ("torch", "UntypedStorage"): self = .storage(nil)
        case ("torch", _):
            if let dtype = Self.storages[name] {
                self = .storage(dtype)
            } else if let dtype = Self.dtypes[name] {
                self = .dtype(dtype)
            } else {
                return nil
            }
        default: return nil
        }
    }

    private static let storages: [String: DType] = [
        "FloatStorage": .float32, "HalfStorage": .float16, "BFloat16Storage": .bfloat16, "DoubleStorage": .float64,
        "LongStorage": .int64, "IntStorage": .int32, "ShortStorage": .int16, "CharStorage": .int8,
        "ByteStorage": .uint8, "BoolStorage": .bool, "ComplexFloatStorage": .complex64,
    ]

    private static let dtypes: [String: DType] = [
        "float32": .float32, "float16": .float16, "bfloat16": .bfloat16, "float64": .float64, "int64": .int64,
        "int32": .int32, "int16": .int16, "int8": .int8, "uint8": .uint8, "bool": .bool, "complex64": .complex64,
        "float8_e4m3fn": .float8E4M3, "float8_e5m2": .float8E5M2, "float8_e4m3fnuz": .float8E4M3FNUZ,
        "float8_e5m2fnuz": .float8E5M2FNUZ, "float8_e8m0fnu": .float8E8M0, "uint16": .uint16, "uint32": .uint32,
        "uint64": .uint64,
    ]
}

/// A storage of a torch file: numbers of one kind in one entry of the archive.
struct TorchStorage: Hashable, Sendable {
    /// How its numbers are stored; `nil` for plain bytes.
    let dtype: DType?

    /// The name of its entry under `data/`.
    let key: String

    /// How many numbers it says it has, or bytes.
    let count: Int

    /// The bytes of a number.
    var width: Int { dtype?.block.byteCount ?? 1 }

    /// How many bytes it says it has; `nil` for more than can be counted.
    var byteCount: Int? {
        let (bytes, overflow) = count.multipliedReportingOverflow(by: width)
        return overflow ? nil : bytes
    }
}

/// A view of a storage.
struct TorchTensor: Hashable, Sendable {
    let storage: TorchStorage
    let dtype: DType
    let offset: Int
    let sizes: [Int]
    let strides: [Int]
}
