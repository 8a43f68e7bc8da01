/// What a tensor of a block is to the residual stream.
package enum StreamPart: Hashable, Sendable {
    /// The last that a branch does before it is added: where it is zero, the branch adds nothing.
    case wayOut

    /// A norm before or after a branch, which makes zeros of zeros.
    case norm

    /// Something inside a branch that ends in a way out.
    case inside

    /// What the stream itself is multiplied by, which a block that changes nothing has at 1.
    case factor

    /// It is not known what it does to the stream.
    case unknown
}

/// A tensor, or the tensors of a module, whose part no rule can tell.
struct StreamMark: Hashable, Sendable {
    /// The modules with which a tensor's name in its layer begins, such as `hc_pre` or `mlp.bias`.
    let prefix: String

    /// What it is to the stream.
    let part: StreamPart

    init(_ prefix: String, _ part: StreamPart) {
        self.prefix = prefix
        self.part = part
    }

    /// Whether a suffix is the tensor, or one of the module.
    func means(_ suffix: String) -> Bool {
        guard suffix.hasPrefix(prefix) else { return false }
        return suffix.utf8.count == prefix.utf8.count || suffix.dropFirst(prefix.count).hasPrefix(".")
    }
}
