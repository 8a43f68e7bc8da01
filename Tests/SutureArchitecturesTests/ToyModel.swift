import SutureArchitectures
import SutureJSON
import SutureTensors

/// A small model of a family, as config surgery sees one.
struct ToyModel {
    let name: String
    let config: JSONObject
    let anatomy: Anatomy

    /// Makes a model with llama's tensors, of a family and a depth, with more settings where they matter.
    init(_ family: String, layers: Int, _ settings: JSONObject = [:], name: String = "base") throws {
        var config: JSONObject = ["model_type": .string(family), "num_hidden_layers": .int(layers), "vocab_size": 96]
        for member in settings.members { config[member.key] = member.value }
        self.name = name
        self.config = config
        anatomy = try Anatomy.read(config: config, tensors: Self.tensors(layers: layers))
    }

    init(name: String, config: JSONObject, anatomy: Anatomy) {
        self.name = name
        self.config = config
        self.anatomy = anatomy
    }

    /// What config surgery takes.
    var source: ConfigSurgery.Source { (config, anatomy, name) }

    static func tensors(layers: Int, prefix: String = "model.layers") throws -> [TensorSpec] {
        var tensors = [try TensorSpec("model.embed_tokens.weight", .bfloat16, [96, 64])]
        for layer in 0..<layers {
            for suffix in [
                "self_attn.q_proj.weight", "self_attn.o_proj.weight", "mlp.up_proj.weight", "mlp.down_proj.weight",
            ] {
                tensors.append(try TensorSpec("\(prefix).\(layer).\(suffix)", .bfloat16, [64, 64]))
            }
        }
        return tensors + [try TensorSpec("model.norm.weight", .bfloat16, [64])]
    }
}

/// A way in which layers can move, and where they then come from.
enum Operation: String, CaseIterable, Sendable {
    case duplicate, drop, interleave, splice, reverse

    /// The layers of the output for two sources of a depth.
    func layers(depth: Int) -> [ConfigSurgery.Layer] {
        let whole = { (source: Int, layer: Int) -> ConfigSurgery.Layer in
            let origin = LayerOrigin(source: source, layer: layer)
            return (origin, origin)
        }
        switch self {
        case .duplicate: return (Array(0..<depth - 4) + Array(4..<depth)).map { whole(0, $0) }
        case .drop: return (0..<depth).filter { $0 != 1 }.map { whole(0, $0) }
        case .interleave: return (0..<depth).flatMap { [whole(0, $0), whole(1, $0)] }.prefix(depth + 3).map { $0 }
        case .splice:
            return (0..<depth).map { layer in
                (LayerOrigin(source: 0, layer: layer), LayerOrigin(source: 1, layer: (layer + 1) % depth))
            }
        case .reverse: return (0..<depth).reversed().map { whole(0, $0) }
        }
    }
}

/// Layers of one source, whole, by their numbers.
func stack(_ numbers: [Int], of source: Int = 0) -> [ConfigSurgery.Layer] {
    numbers.map { number in
        let origin = LayerOrigin(source: source, layer: number)
        return (origin, origin)
    }
}
