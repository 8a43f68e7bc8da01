/// A number as a checkpoint stores it, which widens to `Float` and is rounded from it.
///
/// It stays in this module: a generic loop is fast only where its scalar is defined beside it.
protocol StoredScalar: BitwiseCopyable {
    /// The number as a `Float`; rounded where the stored format is wider.
    var widened: Float { get }

    /// Rounds to the nearest stored number, ties to even.
    init(rounding value: Float)
}

extension Float: StoredScalar {
    var widened: Float { self }

    init(rounding value: Float) { self = value }
}

extension Double: StoredScalar {
    var widened: Float { Float(self) }

    init(rounding value: Float) { self = Double(value) }
}
