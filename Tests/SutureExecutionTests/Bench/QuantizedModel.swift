import SutureCheckpoints
import SutureJSON
import SutureTensors
import SutureTestSupport
import Testing

/// A small llama whose linear layers are packed as a quantizer would: names, dtypes and shapes, made-up numbers.
struct QuantizedModel: CustomTestStringConvertible {
    /// The scheme's name.
    let testDescription: String

    /// What `quantization_config` says.
    let config: JSONObject

    /// The tensors in place of a weight `[out, in]`: what follows the module's name, dtype and shape.
    let parts: @Sendable (_ rows: Int, _ columns: Int) -> [(String, DType, Shape)]

    /// Whether its numbers can be made plain.
    var isFloat8 = false

    static let all: [QuantizedModel] = [
        QuantizedModel(testDescription: "GPTQ", config: ["quant_method": "gptq", "bits": 4, "group_size": 8]) {
            rows,
            columns in
            [
                (".g_idx", .int32, [columns]), (".qweight", .int32, [columns / 8, rows]),
                (".qzeros", .int32, [columns / 8, rows / 8]), (".scales", .float16, [columns / 8, rows]),
            ]
        },
        QuantizedModel(
            testDescription: "AWQ",
            config: [
                "quant_method": "awq", "bits": 4, "group_size": 8, "modules_to_not_convert": ["model.layers.1.mlp"],
            ]
        ) { rows, columns in
            [
                (".qweight", .int32, [columns, rows / 8]), (".qzeros", .int32, [columns / 8, rows / 8]),
                (".scales", .float16, [columns / 8, rows]),
            ]
        },
        QuantizedModel(
            testDescription: "bitsandbytes 4-bit",
            config: ["quant_method": "bitsandbytes", "load_in_4bit": true]
        ) { rows, columns in
            [
                (".weight", .uint8, [rows * columns / 2, 1]), (".weight.absmax", .uint8, [rows * columns / 64]),
                (".weight.nested_absmax", .float32, [1]), (".weight.nested_quant_map", .float32, [256]),
                (".weight.quant_map", .float32, [16]),
                (".weight.quant_state.bitsandbytes__nf4", .uint8, [40]),
            ]
        },
        QuantizedModel(
            testDescription: "bitsandbytes 8-bit",
            config: ["quant_method": "bitsandbytes", "load_in_8bit": true]
        ) { rows, columns in
            [(".SCB", .float32, [rows]), (".weight", .int8, [rows, columns]), (".weight_format", .uint8, [])]
        },
        QuantizedModel(
            testDescription: "FP8 by blocks",
            config: ["quant_method": "fp8", "weight_block_size": [4, 6], "activation_scheme": "dynamic"],
            parts: { rows, columns in
                [
                    (".weight", .float8E4M3, [rows, columns]),
                    (".weight_scale_inv", .float32, [(rows + 3) / 4, (columns + 5) / 6]),
                ]
            },
            isFloat8: true
        ),
        QuantizedModel(
            testDescription: "FP8 by channels",
            config: ["quant_method": "compressed-tensors", "format": "float-quantized"],
            parts: { rows, columns in
                [(".weight", .float8E4M3, [rows, columns]), (".weight_scale", .bfloat16, [rows, 1])]
            },
            isFloat8: true
        ),
        QuantizedModel(
            testDescription: "FP8 by tensors",
            config: ["quant_method": "fp8", "activation_scheme": "static"],
            parts: { rows, columns in
                [
                    (".input_scale", .float32, []), (".weight", .float8E5M2, [rows, columns]),
                    (".weight_scale", .float32, []),
                ]
            },
            isFloat8: true
        ),
        QuantizedModel(
            testDescription: "compressed-tensors (pack-quantized)",
            config: ["quant_method": "compressed-tensors", "format": "pack-quantized"]
        ) { rows, columns in
            [
                (".weight_packed", .int32, [rows, columns / 8]), (".weight_scale", .bfloat16, [rows, columns / 8]),
                (".weight_shape", .int64, [2]),
            ]
        },
        QuantizedModel(
            testDescription: "modelopt",
            config: ["quant_method": "modelopt", "quant_algo": "NVFP4", "group_size": 16]
        ) { rows, columns in
            [
                (".input_scale", .float32, []), (".weight", .uint8, [rows, columns / 2]),
                (".weight_scale", .float8E4M3, [rows, columns / 16]), (".weight_scale_2", .float32, []),
            ]
        },
        QuantizedModel(
            testDescription: "quark",
            config: ["quant_method": "quark", "export": ["pack_method": "reorder"]]
        ) { rows, columns in
            [(".weight", .uint8, [rows, columns / 2]), (".weight_scale", .uint8, [rows, columns / 16])]
        },
    ]

    /// gpt-oss: all experts of a layer in one tensor of blocks and one of their exponents.
    static let mxfp4 = QuantizedModel(testDescription: "MXFP4", config: ["quant_method": "mxfp4"]) { rows, columns in
        [
            ("_bias", .bfloat16, [2, rows]), ("_blocks", .uint8, [2, rows, columns / 8, 4]),
            ("_scales", .uint8, [2, rows, columns / 8]),
        ]
    }

    /// The checkpoint.
    func checkpoint(layers: Int = 3, seed: Int = 0) -> TinyCheckpoint {
        var tiny = TinyCheckpoint.llama(layers: layers, hidden: 16, mlp: 32, seed: seed)
        let isMixture = testDescription == "MXFP4"
        // Tensors lie as safetensors' own writer sorts them, wide dtypes first, so that companions are apart.
        let order = DType.allCases
        tiny.tensors = tiny.tensors.flatMap { name, dtype, shape -> [(name: String, dtype: DType, shape: Shape)] in
            guard name.hasSuffix("_proj.weight"), shape.rank == 2, !isMixture || name.contains(".mlp.") else {
                return [(name, dtype, shape)]
            }
            let module = String(name.dropLast(".weight".count))
                .replacing(".mlp.", with: isMixture ? ".mlp.experts." : ".mlp.")
            return parts(shape.dimensions[0], shape.dimensions[1]).map { (module + $0, $1, $2) }
        }.enumerated().sorted { a, b in
            let (first, second) = (
                order.firstIndex(of: a.element.dtype) ?? 0, order.firstIndex(of: b.element.dtype) ?? 0
            )
            return first != second ? first > second : a.offset < b.offset
        }.map(\.element)
        tiny.config["quantization_config"] = .object(config)
        return tiny
    }
}
