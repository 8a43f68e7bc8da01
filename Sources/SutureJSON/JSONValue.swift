/// A JSON value that can be written back as it was read: numbers keep their spelling, objects their order.
package enum JSONValue: Hashable, Sendable {
    /// `null`.
    case null

    /// `true` or `false`.
    case bool(Bool)

    /// A number as it is spelled, such as `1e-05`; also the bare words `NaN`, `Infinity` and `-Infinity`.
    case number(String)

    /// A string without its quotes and escapes.
    case string(String)

    /// A list.
    case array([JSONValue])

    /// An object, its members in the order in which they were written.
    case object(JSONObject)

    /// A whole number.
    package static func int(_ value: Int) -> JSONValue { .number(String(value)) }

    /// A floating-point number in the shortest spelling that reads back the same.
    package static func double(_ value: Double) -> JSONValue {
        if value.isNaN { return .number("NaN") }
        if value.isInfinite { return .number(value < 0 ? "-Infinity" : "Infinity") }
        return .number("\(value)")
    }
}

extension JSONValue {
    /// The whole number it is, also where it is spelled `4096.0` or `1e3`.
    package var int: Int? {
        guard case .number(let text) = self else { return nil }
        if let whole = Int(text) { return whole }
        return Double(text).flatMap { Int(exactly: $0) }
    }

    /// The number it is.
    package var double: Double? {
        guard case .number(let text) = self else { return nil }
        switch text {
        case "NaN": return .nan
        case "Infinity": return .infinity
        case "-Infinity": return -.infinity
        default: return Double(text)
        }
    }

    /// The string it is.
    package var string: String? {
        guard case .string(let text) = self else { return nil }
        return text
    }

    /// The truth value it is.
    package var bool: Bool? {
        guard case .bool(let value) = self else { return nil }
        return value
    }

    /// The list it is.
    package var array: [JSONValue]? {
        guard case .array(let values) = self else { return nil }
        return values
    }

    /// The object it is.
    package var object: JSONObject? {
        guard case .object(let object) = self else { return nil }
        return object
    }

    /// What kind of value it is, in words: `a string`, `an object`.
    package var kind: String {
        switch self {
        case .null: "null"
        case .bool: "a truth value"
        case .number: "a number"
        case .string: "a string"
        case .array: "a list"
        case .object: "an object"
        }
    }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
    ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    package init(stringLiteral value: String) { self = .string(value) }

    package init(integerLiteral value: Int) { self = .int(value) }

    package init(floatLiteral value: Double) { self = .double(value) }

    package init(booleanLiteral value: Bool) { self = .bool(value) }

    package init(arrayLiteral elements: JSONValue...) { self = .array(elements) }

    package init(dictionaryLiteral members: (String, JSONValue)...) {
        self = .object(JSONObject(members.map { JSONObject.Member($0, $1) }))
    }
}
