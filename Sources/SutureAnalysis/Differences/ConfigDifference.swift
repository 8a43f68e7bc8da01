package import SutureJSON

/// A setting that two configs give differently.
package struct ConfigDifference: Hashable, Sendable {
    /// The keys that lead to it, with dots between them.
    package let path: String

    /// Its value in each; `nil` where one has none.
    package let first: JSONValue?, second: JSONValue?

    /// The settings in which two configs differ, in the order of the first; those of the second alone come last.
    ///
    /// Objects are entered, lists are compared whole.
    package static func find(_ first: JSONObject, _ second: JSONObject, under path: String = "") -> [ConfigDifference] {
        let own = first.members.flatMap { member -> [ConfigDifference] in
            let place = path + member.key
            let other = second[member.key]
            if let a = member.value.object, let b = other?.object { return find(a, b, under: place + ".") }
            return member.value.means(other)
                ? [] : [ConfigDifference(path: place, first: member.value, second: other)]
        }
        let alone = second.members.filter { first[$0.key] == nil }.map {
            ConfigDifference(path: path + $0.key, first: nil, second: $0.value)
        }
        return own + alone
    }
}

extension JSONValue {
    /// Whether it says what another does: numbers may be spelled differently.
    fileprivate func means(_ other: JSONValue?) -> Bool {
        guard let other else { return false }
        if case .number = self, case .number = other { return double == other.double || self == other }
        guard let a = array, let b = other.array else { return self == other }
        return a.count == b.count && zip(a, b).allSatisfy { $0.means($1) }
    }
}
