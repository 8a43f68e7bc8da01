package import SutureDiagnostics

/// How a node makes its strip of layers from others.
package enum Operation: Hashable, Sendable {
    /// Some layers of one strip, or all of them.
    case slice(SliceExpression)
    /// Strips one after another.
    case stack(LayerStack)
    /// One strip with parts taken from others of equal length.
    case splice(Splice)
    /// Strips of equal length merged layer by layer, tensor by tensor.
    case blend(Blend)
    /// One strip with blocks inserted.
    case expand(Expansion)
    /// One strip with tensors scaled or filled.
    case edit(Edit)
    /// A node of an imported recipe.
    case use(Use)
}

/// Layers of an input or node: `base[0:24]`, `ab`, `caller.mixed[9:36]`.
package struct SliceExpression: Hashable, Sendable {
    /// Whose layers: an input, a node, or `caller.` and one of the caller's.
    package var target: Marked<String>
    /// Which layers, one run after another; `nil` for all of them.
    package var pieces: [Piece]?
    /// Where the whole expression is written.
    package var range: SourceRange?

    /// Creates a slice.
    package init(target: Marked<String>, pieces: [Piece]? = nil, range: SourceRange?) {
        self.target = target
        self.pieces = pieces
        self.range = range
    }

    /// One part between the brackets.
    ///
    /// Bounds follow Python's rules, but never reach past the end.
    package enum Piece: Hashable, Sendable {
        /// One layer.
        case layer(Marked<Expression>)
        /// `start:end:step`, half open, each part optional.
        case run(start: Marked<Expression>?, end: Marked<Expression>?, step: Marked<Expression>?, range: SourceRange?)
    }
}

/// A named value given to a merge method or an imported recipe.
package struct Argument: Hashable, Sendable {
    /// The parameter.
    package var name: Marked<String>
    /// Its value.
    package var value: Value

    /// Creates an argument.
    package init(name: Marked<String>, value: Value) {
        self.name = name
        self.value = value
    }
}
