/// Where one layer of the output, or one half of it, was trained.
package struct LayerOrigin: Hashable, Sendable {
    /// The index of the source.
    package let source: Int

    /// The layer in it.
    package let layer: Int

    /// Creates an origin.
    package init(source: Int, layer: Int) {
        self.source = source
        self.layer = layer
    }
}

/// Something that must happen to tensors because layers move, and that no renumbering does.
package enum TensorConsequence: Hashable, Sendable {
    /// A tensor holds a block for each layer along a dimension: block `j` of the output is that of the
    /// layer that lands at `j`. The name is a part of the tensor's; before the layers' blocks there may be others
    /// that stay in front.
    case regather(module: String, dimension: Int, blockLength: Int, leading: Int = 0)

    /// A tensor lives in the first layer and serves all: the output's first layer takes it from there,
    /// every other layer that would bring one leaves it out.
    case onlyInFirstLayer(suffix: String, from: LayerOrigin)

    /// A tensor that only the last layer has: all others leave it out.
    case onlyInLastLayer(suffix: String, from: LayerOrigin)

    /// A module of layers that share it: the output's first such layer takes it from where it is stored, every other
    /// layer that would bring one leaves it out.
    case onlyInLayer(Int, module: String, from: LayerOrigin)

    /// Draft (MTP) layers and modules are left out, as the config now says that there are none.
    case dropDrafts
}
