package import SutureDiagnostics

/// `stack`: strips one after another.
package struct LayerStack: Hashable, Sendable {
    /// What is laid down, in order.
    package var items: [StackItem]

    /// Creates a stack.
    package init(_ items: [StackItem]) {
        self.items = items
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
