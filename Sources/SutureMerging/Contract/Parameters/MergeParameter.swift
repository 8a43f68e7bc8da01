/// One knob of a merge method, as recipes and `suture methods` know it.
package struct MergeParameter: Hashable, Sendable {
    /// What values it takes.
    package enum Kind: Hashable, Sendable {
        /// A number in a range; infinite bounds mean that there is none.
        case number(ClosedRange<Double>)

        /// A whole number in a range.
        case integer(ClosedRange<Int>)

        /// Yes or no: 1 or 0.
        case flag
    }

    /// Who has a value of it.
    package enum Scope: String, Hashable, Sendable, Codable {
        /// The whole blend.
        case global

        /// Each input.
        case perInput
    }

    /// The name in recipes.
    package let name: String

    /// What values it takes.
    package let kind: Kind

    /// Who has a value of it.
    package let scope: Scope

    /// The value where a recipe gives none; `nil` where one must be given.
    package let defaultValue: Double?

    /// Whether the planner gives it, from a layer's place in the stack, and recipes do not.
    package let isLayerPosition: Bool

    /// Values beyond which a number is hardly meant as it stands, where it is not bound; `nil` where all are usual.
    package let usual: ClosedRange<Double>?

    /// Whether a number out of the range is refused in others' files too, where others count as the nearest in it.
    package let isStrict: Bool

    /// What it does, in one line.
    package let summary: String

    /// Whether a recipe must give it.
    package var isRequired: Bool { defaultValue == nil && !isLayerPosition }

    private init(
        _ name: String,
        _ kind: Kind,
        _ scope: Scope,
        _ defaultValue: Double?,
        _ summary: String,
        usual: ClosedRange<Double>? = nil,
        isStrict: Bool = false,
        isLayerPosition: Bool = false
    ) {
        self.name = name
        self.kind = kind
        self.scope = scope
        self.defaultValue = defaultValue
        self.summary = summary
        self.usual = usual
        self.isStrict = isStrict
        self.isLayerPosition = isLayerPosition
    }

    /// A number; without a default it must be given.
    package static func number(
        _ name: String,
        _ scope: Scope,
        in range: ClosedRange<Double> = -.infinity ... .infinity,
        isStrict: Bool = false,
        usually usual: ClosedRange<Double>? = nil,
        default value: Double? = nil,
        _ summary: String
    ) -> MergeParameter {
        MergeParameter(name, .number(range), scope, value, summary, usual: usual, isStrict: isStrict)
    }

    /// A whole number.
    package static func integer(
        _ name: String,
        in range: ClosedRange<Int>,
        default value: Int,
        _ summary: String
    ) -> MergeParameter {
        MergeParameter(name, .integer(range), .global, Double(value), summary)
    }

    /// Yes or no.
    package static func flag(_ name: String, default value: Bool, _ summary: String) -> MergeParameter {
        MergeParameter(name, .flag, .global, value ? 1 : 0, summary)
    }

    /// The place of a layer in the stack, from 0 for the first to 1 for the last; the planner gives it.
    package static func layerPosition(_ name: String, _ summary: String) -> MergeParameter {
        MergeParameter(name, .number(0...1), .global, 0, summary, isLayerPosition: true)
    }

    /// What values it takes, in words, such as `0 to 1`.
    package var rangeText: String {
        switch kind {
        case .flag: "true or false"
        case .integer(let range):
            range.upperBound == .max
                ? "\(range.lowerBound) or more" : "\(range.lowerBound) to \(range.upperBound)"
        case .number(let range):
            switch (range.lowerBound.isFinite, range.upperBound.isFinite) {
            case (true, true): "\(brief(range.lowerBound)) to \(brief(range.upperBound))"
            case (true, false): "\(brief(range.lowerBound)) or more"
            case (false, true): "\(brief(range.upperBound)) or less"
            case (false, false): "any number"
            }
        }
    }

    /// The default in words, such as `0.01`, or `nil` where there is none.
    package var defaultText: String? {
        guard let defaultValue else { return nil }
        return kind == .flag ? (defaultValue == 1 ? "true" : "false") : brief(defaultValue)
    }

    /// Whether it takes a value.
    package func takes(_ value: Double) -> Bool {
        switch kind {
        case .flag: value == 0 || value == 1
        case .integer(let range):
            Int(exactly: value).map(range.contains) ?? false
        case .number(let range): value.isFinite && range.contains(value)
        }
    }
}

/// The result of a sum as people write it: `0.05`, not `0.04999999999999999`.
func tidy(_ value: Double) -> String { brief((value * 1e9).rounded() / 1e9) }

/// A number as people write it: `1`, not `1.0`.
func brief(_ value: Double) -> String {
    Int(exactly: value).map(String.init) ?? "\(value)"
}
