/// What a scalar means.
package enum YAMLMeaning: Hashable, Sendable {
    case null
    case boolean(Bool)
    case integer(Int)
    case number(Double)
    case text(String)
}

extension YAMLScalar {
    /// What the scalar means to YAML 1.2's core schema, with `1_000` and `1.` read as numbers too.
    ///
    /// `yes`, `on` and `1:30` are text; so is `010`, which the two versions of YAML count differently.
    package var meaning: YAMLMeaning {
        if isText { return .text(text) }
        if isNull { return .null }
        switch text {
        case "true", "True", "TRUE": return .boolean(true)
        case "false", "False", "FALSE": return .boolean(false)
        case ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF": return .number(.infinity)
        case "-.inf", "-.Inf", "-.INF": return .number(-.infinity)
        case ".nan", ".NaN", ".NAN": return .number(.nan)
        default: break
        }
        let (sign, digits) = text.splitSign
        let bare = digits.withoutUnderscores
        if let bare, bare.isDecimal, bare.count == 1 || bare.first != "0" {
            guard let value = Int(sign + bare) else {
                return Double(sign + bare).map(YAMLMeaning.number) ?? .text(text)
            }
            return .integer(value)
        }
        if let bare, bare.hasPrefix("0x"), bare.isHexadecimal, let value = Int(bare.dropFirst(2), radix: 16) {
            return .integer(sign == "-" ? -value : value)
        }
        if let bare, bare.isDecimalFraction, let value = Double(sign + bare.closed) { return .number(value) }
        return .text(text)
    }

    /// What the scalar means to YAML 1.1 as PyYAML reads it, which is what mergekit sees.
    ///
    /// `yes` and `on` are true, `010` is 8, `1:30` is 90, and `1e-5` is text for want of a point.
    package var meaningInYAML11: YAMLMeaning {
        if isText { return .text(text) }
        if isNull { return .null }
        switch text {
        case "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON": return .boolean(true)
        case "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF": return .boolean(false)
        case ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF": return .number(.infinity)
        case "-.inf", "-.Inf", "-.INF": return .number(-.infinity)
        case ".nan", ".NaN", ".NAN": return .number(.nan)
        default: return text.integerInYAML11 ?? text.numberInYAML11 ?? .text(text)
        }
    }
}

extension String {
    fileprivate var splitSign: (sign: String, rest: String) {
        hasPrefix("-") ? ("-", String(dropFirst())) : hasPrefix("+") ? ("", String(dropFirst())) : ("", self)
    }

    /// The text without `_` between its digits; `nil` where one stands at an end.
    fileprivate var withoutUnderscores: String? {
        guard !isEmpty, first != "_", last != "_" else { return nil }
        return filter { $0 != "_" }
    }

    fileprivate var isDecimal: Bool { !isEmpty && utf8.allSatisfy(\.isDigit) }

    fileprivate var isHexadecimal: Bool {
        count > 2 && dropFirst(2).allSatisfy { $0.isASCII && $0.isHexDigit }
    }

    /// Digits with a point, an exponent, or both.
    fileprivate var isDecimalFraction: Bool {
        let parts = split(maxSplits: 1, omittingEmptySubsequences: false) { $0 == "e" || $0 == "E" }.map(String.init)
        if parts.count == 2 {
            guard parts[1].splitSign.rest.isDecimal, parts[1].utf8.count <= 20 else { return false }
        }
        let mantissa = parts[0].split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2 || mantissa.count == 2 else { return false }
        return mantissa.contains { !$0.isEmpty } && mantissa.allSatisfy { $0.isEmpty || $0.isDecimal }
    }

    /// The same number in a form that `Double` reads: no point at either end of the digits.
    fileprivate var closed: String {
        var text = hasPrefix(".") ? "0" + self : self
        if let point = text.firstIndex(of: "."),
            text.index(after: point) == text.endIndex
                || !text[text.index(after: point)].isNumber
        {
            text.insert("0", at: text.index(after: point))
        }
        return text
    }

    fileprivate var integerInYAML11: YAMLMeaning? {
        let (sign, digits) = splitSign
        guard let first = digits.utf8.first, first.isDigit else { return nil }
        let bare = digits.filter { $0 != "_" }
        if digits.contains(":") {
            return first == UInt8(ascii: "0") ? nil : digits.sexagesimal.map { Self.integer($0, sign) } ?? nil
        }
        if digits.hasPrefix("0b") {
            let bits = bare.dropFirst(2)
            return bits.utf8.allSatisfy { $0 == UInt8(ascii: "0") || $0 == UInt8(ascii: "1") }
                ? Self.integer(Int(bits, radix: 2), sign) : nil
        }
        if digits.hasPrefix("0x") {
            return bare.isHexadecimal ? Self.integer(Int(bare.dropFirst(2), radix: 16), sign) : nil
        }
        guard bare.isDecimal else { return nil }
        if first == UInt8(ascii: "0"), bare.count > 1 { return Self.integer(Int(bare, radix: 8), sign) }
        return Int(bare) == nil ? Double(sign + bare).map(YAMLMeaning.number) : Self.integer(Int(bare), sign)
    }

    private static func integer(_ value: Int?, _ sign: String) -> YAMLMeaning? {
        value.map { .integer(sign == "-" ? -$0 : $0) }
    }

    /// The whole number that `1:30` or `1:00:00` stands for.
    fileprivate var sexagesimal: Int? {
        var total = 0
        for (index, part) in split(separator: ":", omittingEmptySubsequences: false).enumerated() {
            let digits = index == 0 ? part.filter { $0 != "_" } : String(part)
            guard let value = Int(digits), digits.isDecimal, index == 0 || (value < 60 && digits.count <= 2),
                case (let scaled, false) = total.multipliedReportingOverflow(by: 60),
                case (let sum, false) = scaled.addingReportingOverflow(value)
            else { return nil }
            total = sum
        }
        return total
    }

    fileprivate var numberInYAML11: YAMLMeaning? {
        let (sign, digits) = splitSign
        guard let point = digits.firstIndex(of: ".") else { return nil }
        let whole = digits[..<point]
        let rest = digits[digits.index(after: point)...]
        if whole.contains(":") {
            guard rest.allSatisfy({ $0 == "_" || ($0.isASCII && $0.isNumber) }),
                whole.utf8.first?.isDigit == true, let seconds = String(whole).sexagesimal,
                let fraction = Double("0." + (rest.filter { $0 != "_" } + "0"))
            else { return nil }
            let value = Double(seconds) + fraction
            return .number(sign == "-" ? -value : value)
        }
        // `.5` takes no sign in YAML 1.1, and an exponent must have one.
        if whole.isEmpty, sign == "-" || hasPrefix("+") || rest.utf8.first?.isDigit != true { return nil }
        if !whole.isEmpty, whole.utf8.first?.isDigit != true { return nil }
        let parts = rest.split(maxSplits: 1, omittingEmptySubsequences: false) { $0 == "e" || $0 == "E" }
        if parts.count == 2 {
            guard let mark = parts[1].first, mark == "+" || mark == "-", String(parts[1].dropFirst()).isDecimal,
                parts[1].utf8.count <= 20
            else { return nil }
        }
        let bareWhole = whole.filter { $0 != "_" }
        let bareFraction = (parts.first ?? "").filter { $0 != "_" }
        guard bareWhole.isEmpty || bareWhole.isDecimal, bareFraction.isEmpty || bareFraction.isDecimal else {
            return nil
        }
        let exponent = parts.count == 2 ? "e" + parts[1] : ""
        return Double(
            "\(sign)\(bareWhole.isEmpty ? "0" : bareWhole).\(bareFraction.isEmpty ? "0" : bareFraction)\(exponent)"
        )
        .map(YAMLMeaning.number)
    }
}

extension UInt8 {
    fileprivate var isDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }
}
