import SutureJSON

/// One layer of a model as its config describes it: what rules of the field table are written in.
///
/// Nothing here can trap, whatever the config says: a number that is none, or is out of all bounds,
/// counts as missing, and a period below 1 is never met.
struct LayerView: Sendable {
    /// The language model's config.
    let config: JSONObject

    /// The layer.
    let i: Int

    /// The number of layers.
    let n: Int

    /// A whole number, or `fallback` where it is missing, `null` or absurd.
    func int(_ key: String, _ fallback: Int) -> Int {
        guard let value = value(key)?.int, (-1_000_000_000...1_000_000_000).contains(value) else { return fallback }
        return value
    }

    /// A truth value; a number counts as true unless it is 0.
    func flag(_ key: String, _ fallback: Bool) -> Bool {
        guard let value = value(key) else { return fallback }
        return value.bool ?? value.int.map { $0 != 0 } ?? fallback
    }

    /// Whether a key has a value; a missing one has if the class gives it one, `null` never.
    func isSet(_ key: String, whenMissing: Bool) -> Bool {
        guard let value = config[key.split(separator: ".").map(String.init)] else { return whenMissing }
        return value != .null
    }

    /// Whether this is the last of every `period` layers.
    func ends(every period: Int) -> Bool { period > 0 && (i + 1) % period == 0 }

    /// Whether this is the first of every `period` layers.
    func starts(every period: Int) -> Bool { period > 0 && i % period == 0 }

    /// Whether this is a given one of every `period` layers.
    func isAt(_ offset: Int, of period: Int) -> Bool { period > 0 && i % period == offset }

    /// Whether a list of layers has this one; `nil` where there is no such list.
    func isIn(_ key: String, base: Int = 0) -> Bool? {
        value(key)?.array.map { list in list.contains { $0.int == i + base } }
    }

    /// This layer's entry of a list of one value a layer; `nil` where there is no such list.
    func entry(_ key: String) -> JSONValue? {
        guard let list = value(key)?.array, !list.isEmpty else { return nil }
        return list.indices.contains(i) ? list[i] : nil
    }

    /// This layer's letter of a text of one letter a layer.
    func letter(_ key: String) -> Character? {
        guard let text = value(key)?.string, text.count <= 100_000, i < text.count else { return nil }
        return text[text.index(text.startIndex, offsetBy: i)]
    }

    /// The value of a key, which may be a path with dots, unless it is missing or `null`.
    func value(_ key: String) -> JSONValue? {
        guard let value = config[key.split(separator: ".").map(String.init)], value != .null else { return nil }
        return value
    }
}
