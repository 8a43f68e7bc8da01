/// The names of packed weight files: `model.safetensors.zst`, and `model.safetensors.planes.zst` with planes.
package enum PackedName {
    /// The endings that a packed file has after its own name.
    package static let endings = [".planes.zst", ".zst"]

    /// The name of a file once it is packed.
    package static func make(_ name: String, splitsPlanes: Bool) -> String { name + endings[splitsPlanes ? 0 : 1] }

    /// The name of the file that is packed in a file of a name, or `nil` where it holds no weights.
    package static func content(of name: String) -> String? {
        guard let ending = endings.first(where: { name.hasSuffix($0) }) else { return nil }
        let inner = String(name.dropLast(ending.count))
        return inner.hasSuffix(".safetensors") ? inner : nil
    }
}
