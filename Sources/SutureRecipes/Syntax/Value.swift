package import SutureDiagnostics

/// A setting that may differ from tensor to tensor and from layer to layer.
package struct Value: Hashable, Sendable {
    /// What it says.
    package var content: Content
    /// Where it is written.
    package var range: SourceRange?

    /// Creates a value.
    package init(_ content: Content, range: SourceRange?) {
        self.content = content
        self.range = range
    }

    /// What a value says.
    package indirect enum Content: Hashable, Sendable {
        /// The same everywhere: a number, a truth value or a word.
        case constant(Expression)
        /// Piecewise linear over the layers. Tensors outside layers take the first point.
        case curve([Marked<Expression>], over: Axis)
        /// The first case whose selector matches; no match says nothing.
        case cases([Case])
    }

    /// What a curve runs along.
    package enum Axis: String, CaseIterable, Hashable, Sendable {
        /// The layers of the strip at hand: 0 at its first, 1 at its last, 1 where there is only one.
        case slice
        /// The layers of the whole model that a layer came from.
        case depth
    }

    /// One case of a first-match list.
    package struct Case: Hashable, Sendable {
        /// Which tensors; `nil` for all.
        package var selector: Selector?
        /// Their value.
        package var value: Value

        /// Creates a case.
        package init(selector: Selector?, value: Value) {
            self.selector = selector
            self.value = value
        }
    }
}

/// Which tensors a setting is for: roles, layers, or names.
package struct Selector: Hashable, Sendable {
    /// Tensors that any of these terms names are meant.
    package var including: [Term]
    /// Tensors that one of these names too are not meant after all.
    package var excluding: [Term]
    /// Where it is written.
    package var range: SourceRange?

    /// Creates a selector.
    package init(including: [Term], excluding: [Term] = [], range: SourceRange?) {
        self.including = including
        self.excluding = excluding
        self.range = range
    }

    /// One term of a selector.
    package enum Term: Hashable, Sendable {
        /// A role pattern such as `attn.*`, `expert[*].down` or `*`.
        case role(Marked<String>)
        /// A role pattern restricted to layers of the strip: `layers[0:4].attn.*`.
        case layers([SliceExpression.Piece], role: Marked<String>)
        /// A glob over tensor names; `*` stands for any run of characters and `?` for one.
        case name(Marked<String>)
    }
}
