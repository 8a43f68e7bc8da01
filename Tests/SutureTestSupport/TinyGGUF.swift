import SutureCheckpoints
package import SutureTensors
package import SystemPackage

/// A GGUF file of a few kilobytes, written from a description of its own so that readers are held against it.
package struct TinyGGUF {
    /// A value of a key.
    package enum Value {
        case uint32(UInt32)
        case float32(Float)
        case bool(Bool)
        case text(String)
        case uint16(UInt16)
        case int32(Int32)
        case int32s([Int32])
        case bools([Bool])
        case texts([String])
    }

    /// Keys and values, in order.
    package var keys: [(key: String, value: Value)]

    /// Tensors, their shapes outermost first.
    package var tensors: [(name: String, dtype: DType, shape: [Int])]

    /// Tells models of one form apart.
    package var seed: UInt8 = 0

    /// Creates a file.
    package init(keys: [(key: String, value: Value)], tensors: [(name: String, dtype: DType, shape: [Int])]) {
        self.keys = keys
        self.tensors = tensors
    }

    /// A family like Llama: one width for all, and a head of its own unless tied.
    package static func llama(
        layers: Int,
        architecture: String = "llama",
        matrices: DType = .float16,
        isTied: Bool = false,
        seed: UInt8 = 0
    ) -> TinyGGUF {
        let size = UInt32(32)
        var tensors: [(name: String, dtype: DType, shape: [Int])] = [("token_embd.weight", matrices, [40, 32])]
        if !isTied { tensors.append(("output.weight", matrices, [40, 32])) }
        for layer in 0..<layers {
            for name in ["attn_norm", "ffn_norm"] { tensors.append(("blk.\(layer).\(name).weight", .float32, [32])) }
            for name in ["attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down"] {
                tensors.append(("blk.\(layer).\(name).weight", matrices, [32, 32]))
            }
        }
        tensors.append(("output_norm.weight", .float32, [32]))
        var file = TinyGGUF(
            keys: [
                ("general.architecture", .text(architecture)), ("general.name", .text("tiny")),
                ("\(architecture).block_count", .uint32(UInt32(layers))),
                ("\(architecture).context_length", .uint32(128)),
                ("\(architecture).embedding_length", .uint32(size)),
                ("\(architecture).feed_forward_length", .uint32(size)),
                ("\(architecture).attention.head_count", .uint32(4)),
                ("\(architecture).attention.head_count_kv", .uint32(4)),
                ("\(architecture).attention.layer_norm_rms_epsilon", .float32(1e-5)),
                ("tokenizer.ggml.tokens", .texts((0..<40).map { "token\($0)" })),
                ("tokenizer.ggml.add_bos_token", .bool(true)),
            ],
            tensors: tensors
        )
        file.seed = seed
        return file
    }

    /// The numbers of ggml's types, as the format's own specification has them.
    private static let types: [DType: UInt32] = [
        .float32: 0, .float16: 1, .ggmlQ40: 2, .ggmlQ80: 8, .ggmlQ4K: 12, .ggmlQ6K: 14, .bfloat16: 30, .ggmlMXFP4: 39,
    ]

    /// The bytes of one tensor's data: small numbers in every format, and others for every tensor.
    package func data(of tensor: (name: String, dtype: DType, shape: [Int])) -> [UInt8] {
        let block = tensor.dtype.block
        let count = tensor.shape.reduce(1, *) / block.elementCount * block.byteCount
        var state = tensor.name.utf8.reduce(UInt32(seed) + 1) { $0 &* 31 &+ UInt32($1) }
        return (0..<count).map { place in
            state = state &* 1_664_525 &+ 1_013_904_223
            // The upper byte of a small float: of the number, or of a block's scale.
            let uppers = block.elementCount == 1 ? [block.byteCount - 1] : tensor.dtype == .ggmlQ6K ? [209] : [1, 3]
            let isUpper = uppers.contains(place % block.byteCount)
            return isUpper ? 0x28 : UInt8(state >> 24)
        }
    }

    /// The bytes of the file.
    package var bytes: [UInt8] {
        var bytes = Array("GGUF".utf8) + Self.bytes(UInt32(3))
        bytes += Self.bytes(UInt64(tensors.count)) + Self.bytes(UInt64(keys.count))
        for (key, value) in keys { bytes += Self.text(key) + Self.value(value) }
        var offset = 0
        var data: [UInt8] = []
        for tensor in tensors {
            bytes += Self.text(tensor.name) + Self.bytes(UInt32(tensor.shape.count))
            for length in tensor.shape.reversed() { bytes += Self.bytes(UInt64(length)) }
            bytes += Self.bytes(Self.types[tensor.dtype] ?? 0) + Self.bytes(UInt64(offset))
            data += self.data(of: tensor)
            data += repeatElement(0, count: (32 - data.count % 32) % 32)
            offset = data.count
        }
        return bytes + repeatElement(0, count: (32 - bytes.count % 32) % 32) + data
    }

    /// Writes the file.
    package func write(to path: FilePath) throws { try FileSystem.write(bytes, to: path) }

    private static func bytes(_ value: some FixedWidthInteger) -> [UInt8] {
        (0..<value.bitWidth / 8).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
    }

    private static func text(_ text: String) -> [UInt8] { bytes(UInt64(text.utf8.count)) + text.utf8 }

    private static func value(_ value: Value) -> [UInt8] {
        switch value {
        case .uint16(let number): bytes(UInt32(2)) + bytes(number)
        case .uint32(let number): bytes(UInt32(4)) + bytes(number)
        case .int32(let number): bytes(UInt32(5)) + bytes(number)
        case .float32(let number): bytes(UInt32(6)) + bytes(number.bitPattern)
        case .bool(let flag): bytes(UInt32(7)) + [flag ? 1 : 0]
        case .text(let text): bytes(UInt32(8)) + self.text(text)
        case .int32s(let list):
            bytes(UInt32(9)) + bytes(UInt32(5)) + bytes(UInt64(list.count)) + list.flatMap { bytes($0) }
        case .bools(let list): bytes(UInt32(9)) + bytes(UInt32(7)) + bytes(UInt64(list.count)) + list.map { $0 ? 1 : 0 }
        case .texts(let list):
            bytes(UInt32(9)) + bytes(UInt32(8)) + bytes(UInt64(list.count)) + list.flatMap { self.text($0) }
        }
    }
}
