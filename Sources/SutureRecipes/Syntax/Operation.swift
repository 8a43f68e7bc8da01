package import SutureDiagnostics

/// How a node makes its strip of layers from others.
package enum Operation: Hashable, Sendable {
    /// Some layers of one strip, or all of them.
    case slice(SliceExpression)
    /// Strips one after another.
    case stack([StackItem])
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

/// One item of a `stack`.
package struct StackItem: Hashable, Sendable {
    /// What the item adds to the stack.
    package var content: Content
    /// Where it is written.
    package var range: SourceRange?

    /// Creates an item.
    package init(_ content: Content, range: SourceRange?) {
        self.content = content
        self.range = range
    }

    /// What an item adds to a stack.
    package enum Content: Hashable, Sendable {
        /// The layers of a strip, perhaps changed on the way.
        case layers(Layers)
        /// Its body once for every value of its variables; several variables advance together.
        case foreach(variables: [Variable], body: [StackItem])
        /// Every window of `size` layers of a strip, `step` layers apart.
        case window(of: SliceExpression, size: Marked<Expression>, step: Marked<Expression>)
        /// `run` layers of each strip in turn.
        case interleave([SliceExpression], run: Marked<Expression>)
    }

    /// The layers of a strip, repeated, reversed, scaled or filled on the way.
    package struct Layers: Hashable, Sendable {
        /// Which layers.
        package var from: SliceExpression
        /// How often the whole run is laid down.
        package var repetitions: Marked<Expression>?
        /// Whether the run is laid down last layer first.
        package var isReversed: Marked<Expression>?
        /// Factors by selector.
        package var scale: Value?
        /// Constants by selector, in place of what the tensors hold.
        package var set: Value?

        /// Creates an item of unchanged layers.
        package init(
            from: SliceExpression,
            repetitions: Marked<Expression>? = nil,
            isReversed: Marked<Expression>? = nil,
            scale: Value? = nil,
            set: Value? = nil
        ) {
            self.from = from
            self.repetitions = repetitions
            self.isReversed = isReversed
            self.scale = scale
            self.set = set
        }
    }

    /// A variable of `foreach` and the values it takes.
    package struct Variable: Hashable, Sendable {
        /// Its name, known in the body.
        package var name: Marked<String>
        /// The values: a run of integers or a list.
        package var values: Values

        /// Creates a variable.
        package init(name: Marked<String>, values: Values) {
            self.name = name
            self.values = values
        }

        /// The values a variable takes.
        package enum Values: Hashable, Sendable {
            /// `start:end:step`, half open.
            case run(start: Marked<Expression>, end: Marked<Expression>, step: Marked<Expression>?)
            /// One after another.
            case list([Marked<Expression>])
        }
    }
}

/// `splice`: one strip with parts taken from others.
package struct Splice: Hashable, Sendable {
    /// The strip that keeps what nobody takes, its ends too.
    package var onto: SliceExpression
    /// The parts taken, in order; a later one wins over an earlier.
    package var takes: [Take]

    /// Creates a splice.
    package init(onto: SliceExpression, takes: [Take]) {
        self.onto = onto
        self.takes = takes
    }

    /// One part taken from another strip.
    package struct Take: Hashable, Sendable {
        /// Which tensors.
        package var selector: Selector
        /// From which strip.
        package var from: SliceExpression
        /// How the taken part is mixed with what was there; `nil` replaces it.
        package var blend: TakeBlend?
        /// Where it is written.
        package var range: SourceRange?

        /// Creates a take.
        package init(selector: Selector, from: SliceExpression, blend: TakeBlend? = nil, range: SourceRange?) {
            self.selector = selector
            self.from = from
            self.blend = blend
            self.range = range
        }
    }

    /// The method by which a taken part is mixed with what was there, which comes first.
    package struct TakeBlend: Hashable, Sendable {
        /// The merge method.
        package var method: Marked<Expression>
        /// Its parameters.
        package var parameters: [Argument]

        /// Creates a blend.
        package init(method: Marked<Expression>, parameters: [Argument]) {
            self.method = method
            self.parameters = parameters
        }
    }
}

/// `blend`: strips of equal length merged layer by layer, tensor by tensor.
package struct Blend: Hashable, Sendable {
    /// The merge method.
    package var method: Marked<Expression>
    /// What is merged, in order.
    package var inputs: [Input]
    /// The strip that task vectors are taken against, or the first end of an interpolation.
    package var base: SliceExpression?
    /// Parameters of the whole blend.
    package var parameters: [Argument]

    /// Creates a blend.
    package init(
        method: Marked<Expression>,
        inputs: [Input],
        base: SliceExpression? = nil,
        parameters: [Argument] = []
    ) {
        self.method = method
        self.inputs = inputs
        self.base = base
        self.parameters = parameters
    }

    /// One strip that goes into a blend.
    package struct Input: Hashable, Sendable {
        /// Which layers.
        package var from: SliceExpression
        /// Its own parameters, such as `weight` and `density`.
        package var parameters: [Argument]

        /// Creates an input.
        package init(from: SliceExpression, parameters: [Argument] = []) {
            self.from = from
            self.parameters = parameters
        }
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

/// `expand`: one strip with blocks inserted, as LLaMA-Pro does (arXiv 2401.02415).
package struct Expansion: Hashable, Sendable {
    /// Which layer a new block is copied from.
    package enum Donor: String, CaseIterable, Hashable, Sendable {
        case previous, next
    }

    /// Where blocks are inserted.
    package enum Places: Hashable, Sendable {
        /// One after every so many layers.
        case every(Marked<Expression>)
        /// One after each of these layers.
        case after([Marked<Expression>])
    }

    /// The strip that grows.
    package var from: SliceExpression
    /// Where blocks are inserted.
    package var places: Places
    /// Which layer a new block is copied from.
    package var donor: Donor
    /// Factors in the new blocks.
    package var scale: Value?
    /// Constants in the new blocks.
    package var set: Value?

    /// Creates an expansion.
    package init(
        from: SliceExpression,
        places: Places,
        donor: Donor = .previous,
        scale: Value? = nil,
        set: Value? = nil
    ) {
        self.from = from
        self.places = places
        self.donor = donor
        self.scale = scale
        self.set = set
    }
}

/// `edit`: one strip with tensors scaled or filled.
package struct Edit: Hashable, Sendable {
    /// The strip.
    package var from: SliceExpression
    /// Factors by selector.
    package var scale: Value?
    /// Constants by selector.
    package var set: Value?

    /// Creates an edit.
    package init(from: SliceExpression, scale: Value? = nil, set: Value? = nil) {
        self.from = from
        self.scale = scale
        self.set = set
    }
}

/// `use`: a node of an imported recipe, with inputs, parameters and overrides of the caller's.
package struct Use: Hashable, Sendable {
    /// The alias under `imports`.
    package var recipe: Marked<String>
    /// What the imported recipe's inputs stand for.
    package var inputs: [Binding]
    /// Values for the imported recipe's parameters, written over the caller's names.
    package var parameters: [Argument]
    /// The node that is used; `nil` for the one the imported recipe writes.
    package var node: Marked<String>?
    /// The imported recipe, overrides applied.
    ///
    /// In what was overridden, `caller.x` is the caller's `x`.
    package var graph: SliceGraph

    /// Creates a use.
    package init(
        recipe: Marked<String>,
        inputs: [Binding],
        parameters: [Argument],
        node: Marked<String>?,
        graph: SliceGraph
    ) {
        self.recipe = recipe
        self.inputs = inputs
        self.parameters = parameters
        self.node = node
        self.graph = graph
    }

    /// An input of the imported recipe and the caller's input or node that it stands for.
    package struct Binding: Hashable, Sendable {
        /// The input of the imported recipe.
        package var name: Marked<String>
        /// The caller's input or node.
        package var value: SliceExpression

        /// Creates a binding.
        package init(name: Marked<String>, value: SliceExpression) {
            self.name = name
            self.value = value
        }
    }
}
