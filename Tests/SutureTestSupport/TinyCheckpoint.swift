package import SutureCheckpoints
package import SutureJSON
package import SutureTensors
package import SystemPackage

/// A real checkpoint of a few kilobytes, described in Swift and written to a folder.
///
/// ```swift
/// let tiny = TinyCheckpoint(config: ["model_type": "llama"], tensors: [("a.weight", .bfloat16, [4, 4])])
/// let checkpoint = try tiny.open(in: folder)
/// ```
///
/// The numbers are near 0, finite, differ from each other and depend on the tensor's name and the seed alone.
package struct TinyCheckpoint {
    /// What `config.json` says.
    package var config: JSONObject

    /// The tensors in the order in which they are stored.
    package var tensors: [(name: String, dtype: DType, shape: Shape)]

    /// Into how many files the tensors are dealt.
    package var shards = 1

    /// What the numbers depend on beside the tensor's name.
    package var seed = 0

    /// Small files beside the weights: name and text.
    package var companions: [(name: String, text: String)] = []

    /// Creates a description.
    package init(
        config: JSONObject,
        tensors: [(name: String, dtype: DType, shape: Shape)],
        shards: Int = 1,
        seed: Int = 0
    ) {
        self.config = config
        self.tensors = tensors
        self.shards = shards
        self.seed = seed
    }

    /// A decoder of the llama family with `layers` layers.
    package static func llama(
        layers: Int,
        hidden: Int = 8,
        heads: Int = 2,
        keyValueHeads: Int = 1,
        mlp: Int = 16,
        vocabulary: Int = 32,
        dtype: DType = .bfloat16,
        isTied: Bool = false,
        shards: Int = 1,
        seed: Int = 0
    ) -> TinyCheckpoint {
        let head = hidden / heads
        var tensors: [(name: String, dtype: DType, shape: Shape)] = []
        func add(_ name: String, _ shape: Shape) { tensors.append((name, dtype, shape)) }
        add("model.embed_tokens.weight", [vocabulary, hidden])
        for layer in 0..<layers {
            let prefix = "model.layers.\(layer)."
            add(prefix + "input_layernorm.weight", [hidden])
            add(prefix + "self_attn.q_proj.weight", [hidden, hidden])
            add(prefix + "self_attn.k_proj.weight", [keyValueHeads * head, hidden])
            add(prefix + "self_attn.v_proj.weight", [keyValueHeads * head, hidden])
            add(prefix + "self_attn.o_proj.weight", [hidden, hidden])
            add(prefix + "post_attention_layernorm.weight", [hidden])
            add(prefix + "mlp.gate_proj.weight", [mlp, hidden])
            add(prefix + "mlp.up_proj.weight", [mlp, hidden])
            add(prefix + "mlp.down_proj.weight", [hidden, mlp])
        }
        add("model.norm.weight", [hidden])
        if !isTied { add("lm_head.weight", [vocabulary, hidden]) }
        let config: JSONObject = [
            "architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_size": .int(hidden),
            "intermediate_size": .int(mlp), "num_hidden_layers": .int(layers), "num_attention_heads": .int(heads),
            "num_key_value_heads": .int(keyValueHeads), "vocab_size": .int(vocabulary),
            "rms_norm_eps": .number("1e-05"),
            "tie_word_embeddings": .bool(isTied), "torch_dtype": .string(dtype.recipeNames.first ?? "float32"),
        ]
        return TinyCheckpoint(config: config, tensors: tensors, shards: shards, seed: seed)
    }

    /// Writes the checkpoint into a folder, which is made where it is missing.
    package func write(to folder: FilePath) throws {
        try FileSystem.createFolders(folder)
        try FileSystem.write(JSONPrinter.print(.object(config), indent: 2) + "\n", to: folder.appending("config.json"))
        for companion in companions {
            let path = folder.appending(companion.name)
            try FileSystem.createFolders(path.removingLastComponent())
            try FileSystem.write(companion.text, to: path)
        }
        let specs = try tensors.map { try TensorSpec($0.name, $0.dtype, $0.shape) }
        var index: [ShardIndex.Entry] = []
        let size = max(1, (specs.count + shards - 1) / max(1, shards))
        for shard in 0..<shards {
            let members = Array(specs.dropFirst(shard * size).prefix(size))
            let name = SafetensorsFormat.naming.name(ofShard: shard + 1, of: shards)
            index += members.map { ShardIndex.Entry(tensor: $0.name, file: name) }
            let layout = try SafetensorsLayout(members, alignment: 8)
            try FileSystem.write(layout.header + members.flatMap(bytes), to: folder.appending(name))
        }
        guard shards > 1 else { return }
        let parameters = specs.reduce(0) { $0 + $1.elementCount }
        let bytes = specs.reduce(0) { $0 + $1.byteCount }
        let text = ShardIndex(index, totalParameters: parameters, totalSize: bytes).text
        try FileSystem.write(text, to: folder.appending(SafetensorsFormat.naming.index))
    }

    /// Writes the checkpoint into a folder and opens it.
    package func open(in folder: FilePath) throws -> Checkpoint {
        try write(to: folder)
        return try Checkpoint.open(CheckpointReference(parsing: folder.string), environment: [:])
    }

    /// The bytes of one tensor as they are written.
    package func bytes(of spec: TensorSpec) -> [UInt8] {
        var state = spec.name.utf8.reduce(UInt64(seed) &+ 0xcbf2_9ce4_8422_2325) {
            ($0 ^ UInt64($1)) &* 0x100_0000_01b3
        }
        func next() -> UInt64 {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return state
        }
        func number() -> Float { Float(Int32(truncatingIfNeeded: next())) * 0x1p-32 }
        switch spec.dtype {
        case .float32: return (0..<spec.elementCount).flatMap { _ in littleEndian(number().bitPattern) }
        case .float64: return (0..<spec.elementCount).flatMap { _ in littleEndian(Double(number()).bitPattern) }
        case .bfloat16:
            return (0..<spec.elementCount).flatMap { _ in
                littleEndian(UInt16(truncatingIfNeeded: number().bitPattern >> 16))
            }
        case .float16: return (0..<spec.elementCount).flatMap { _ in littleEndian(Float16(number()).bitPattern) }
        case .bool: return (0..<spec.byteCount).map { _ in UInt8(truncatingIfNeeded: next() >> 32) & 1 }
        // The exponent's highest bit off: no NaN in any of the eight-bit formats.
        case .float8E4M3, .float8E5M2:
            return (0..<spec.byteCount).map { _ in UInt8(truncatingIfNeeded: next() >> 32) & 0xBF }
        default: return (0..<spec.byteCount).map { _ in UInt8(truncatingIfNeeded: next() >> 32) }
        }
    }

    private func littleEndian(_ value: some FixedWidthInteger) -> [UInt8] {
        withUnsafeBytes(of: value.littleEndian) { Array($0) }
    }
}
