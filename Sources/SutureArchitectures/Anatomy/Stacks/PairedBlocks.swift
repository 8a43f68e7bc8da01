import SutureJSON

/// A config that counts the attention and the MLP of every layer as two blocks, as Dory's does.
///
/// Its `layer_types` has an `mlp` behind each other entry, and what counts layers is twice their number. It is read
/// by layers, as its own class reads it, and written by blocks again, as other programs want it.
enum PairedBlocks {
    private static let kinds = "layer_types"

    /// Keys that count blocks.
    private static let counts = ["num_hidden_layers", "n_input_layers", "n_recurrent_layers", "n_output_layers"]

    /// Whether a language model's config counts blocks, of a model of so many layers.
    static func areCounted(in scope: JSONObject, layers: Int) -> Bool {
        guard let list = scope[kinds]?.array, layers > 0, list.count == 2 * layers,
            scope["num_hidden_layers"]?.int == list.count
        else { return false }
        return list.indices.allSatisfy { (list[$0].string == "mlp") == ($0 % 2 == 1) }
    }

    /// A whole config by layers.
    ///
    /// - Parameters:
    ///   - config: The config.
    ///   - depths: How many layers the stacks have that the checkpoint's tensors show.
    /// - Returns: The config, the same where it counts layers.
    static func byLayers(_ config: JSONObject, depths: Set<Int>) -> JSONObject {
        var result = config
        for scope in ConfigScope.all(in: config) {
            let blocks = scope.object[kinds]?.array?.count ?? 0
            guard !depths.contains(blocks), depths.contains(blocks / 2),
                areCounted(in: scope.object, layers: blocks / 2)
            else { continue }
            for key in counts {
                guard let count = scope.object[key]?.int else { continue }
                result[scope.path + [key]] = .int(count / 2)
            }
            let list = scope.object[kinds]?.array ?? []
            result[scope.path + [kinds]] = .array(list.indices.filter { $0 % 2 == 0 }.map { list[$0] })
        }
        return result
    }

    /// A config by blocks, of one by layers.
    static func byBlocks(_ config: JSONObject, at path: [String]) -> JSONObject {
        var result = config
        for key in counts {
            guard let count = config[path + [key]]?.int else { continue }
            result[path + [key]] = .int(count * 2)
        }
        if let list = config[path + [kinds]]?.array { result[path + [kinds]] = .array(list.flatMap { [$0, "mlp"] }) }
        return result
    }
}
