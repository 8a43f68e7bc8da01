import SutureDiagnostics
import SutureTensors

/// Takes `synthetic:FAMILY?key=value&…` apart and gathers what is wrong with it.
struct SyntheticParser {
    let family: SyntheticFamily
    var faults = Diagnostics()

    private let text: String
    private var values: [(key: String, value: String)] = []
    private var known: [String] = []

    init(_ text: String) throws(Diagnostics) {
        self.text = text
        let rest = text.dropFirst(CheckpointReference.syntheticPrefix.count)
        let parts = rest.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let name = String(parts.first ?? "")
        guard let family = SyntheticFamily(rawValue: name) else { throw Diagnostics([.unknownFamily(text, name)]) }
        self.family = family
        for pair in parts.dropFirst().first?.split(separator: "&") ?? [] {
            let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let key = String(sides[0])
            if values.contains(where: { $0.key == key }) { faults.append(.keyTwice(text, key)) }
            values.append((key, sides.count > 1 ? String(sides[1]) : ""))
        }
    }

    mutating func number(_ key: String, in range: ClosedRange<Int>) -> Int? {
        guard let value = take(key) else { return nil }
        guard let number = Int(value), range.contains(number) else {
            let what =
                range.upperBound == .max ? "a whole number from \(range.lowerBound) up" : "a whole number in \(range)"
            faults.append(.badValue(text, key, value, what))
            return nil
        }
        return number
    }

    mutating func fraction(_ key: String) -> Double? {
        guard let value = take(key) else { return nil }
        guard let number = Double(value), (0...10).contains(number) else {
            faults.append(.badValue(text, key, value, "a number from 0 to 10"))
            return nil
        }
        return number
    }

    mutating func flag(_ key: String) -> Bool? {
        guard let value = take(key) else { return nil }
        switch value {
        case "1", "true": return true
        case "0", "false": return false
        default:
            faults.append(.badValue(text, key, value, "1 or 0"))
            return nil
        }
    }

    mutating func dtype(_ key: String) -> DType? {
        guard let value = take(key) else { return nil }
        let dtype = DType(recipeName: value) ?? ["f32": .float32, "f16": .float16][value]
        guard let dtype, [.bfloat16, .float16, .float32].contains(dtype) else {
            faults.append(.badValue(text, key, value, "bf16, f16 or f32"))
            return nil
        }
        return dtype
    }

    mutating func word(_ key: String, among words: [String]) -> String? {
        guard let value = take(key) else { return nil }
        guard words.contains(value) else {
            faults.append(.badValue(text, key, value, words.joined(separator: " or ")))
            return nil
        }
        return value
    }

    /// Refuses the keys that nobody asked for.
    mutating func finish() {
        for (key, _) in values where !known.contains(key) { faults.append(.unknownKey(text, key, family, known)) }
    }

    private mutating func take(_ key: String) -> String? {
        known.append(key)
        return values.last { $0.key == key }?.value
    }
}

extension Diagnostic {
    fileprivate static func unknownFamily(_ text: String, _ name: String) -> Diagnostic {
        let known = SyntheticFamily.allCases.map(\.rawValue)
        return Diagnostic(
            code: "synthetic-unknown-family",
            "no family of made-up models is called '\(excerpt(name))'",
            at: .file(text, tensor: nil),
            fix: .didYouMean(name, among: known) ?? FixIt("choose one of \(known.joined(separator: ", "))")
        )
    }

    fileprivate static func unknownKey(
        _ text: String,
        _ key: String,
        _ family: SyntheticFamily,
        _ known: [String]
    ) -> Diagnostic {
        Diagnostic(
            code: "synthetic-unknown-key",
            "a made-up \(family.rawValue) has no '\(excerpt(key))'",
            at: .file(text, tensor: nil),
            fix: .didYouMean(key, among: known) ?? FixIt("choose from \(known.joined(separator: ", "))")
        )
    }

    fileprivate static func keyTwice(_ text: String, _ key: String) -> Diagnostic {
        let message = "'\(excerpt(key))' is given twice"
        return badSynthetic(text, message)
    }

    fileprivate static func badValue(_ text: String, _ key: String, _ value: String, _ expected: String) -> Diagnostic {
        let message = "\(key) should be \(expected), not '\(excerpt(value))'"
        return badSynthetic(text, message)
    }

    /// A setting of a made-up model that cannot be.
    static func badSynthetic(_ text: String, _ fact: String) -> Diagnostic {
        Diagnostic(code: "synthetic-bad-value", fact, at: .file(text, tensor: nil))
    }
}
