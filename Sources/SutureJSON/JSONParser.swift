/// Reads a whole JSON text into a value.
package enum JSONParser {
    /// What to do with an object that has the same key twice.
    package enum DuplicateKeys: Sendable {
        /// The text is refused.
        case refuse

        /// The later value takes the earlier place, as in Python.
        case lastWins
    }

    /// Reads a text.
    ///
    /// - Parameters:
    ///   - bytes: The text in UTF-8.
    ///   - duplicateKeys: What to do with an object that has the same key twice.
    ///   - depthLimit: The most levels of objects and lists.
    /// - Returns: The value.
    /// - Throws: ``JSONError`` with the place of the first fault.
    package static func parse(
        _ bytes: [UInt8],
        duplicateKeys: DuplicateKeys = .refuse,
        depthLimit: Int = 256
    ) throws(JSONError) -> JSONValue {
        var reader = try JSONReader(bytes, depthLimit: depthLimit)
        let value = try value(&reader, duplicateKeys)
        try reader.end()
        return value
    }

    /// Reads the next value of a text.
    package static func value(
        _ reader: inout JSONReader,
        _ duplicateKeys: DuplicateKeys = .refuse
    ) throws(JSONError) -> JSONValue {
        switch try reader.peek() {
        case UInt8(ascii: "{"): return .object(try object(&reader, duplicateKeys))
        case UInt8(ascii: "["):
            var elements: [JSONValue] = []
            try reader.array { (reader) throws(JSONError) in elements.append(try value(&reader, duplicateKeys)) }
            return .array(elements)
        case UInt8(ascii: "\""): return .string(try reader.string())
        default:
            if let word = try reader.word() { return word }
            do { return .number(try reader.number()) } catch {
                // What cannot begin a number cannot begin anything.
                throw error.reason == .expected("a number") ? reader.error(.expected("a value")) : error
            }
        }
    }

    private static func object(
        _ reader: inout JSONReader,
        _ duplicateKeys: DuplicateKeys
    ) throws(JSONError) -> JSONObject {
        var members: [JSONObject.Member] = []
        var places: [ExactKey: Int] = [:]
        try reader.object { (reader, key, place) throws(JSONError) in
            let earlier = places[ExactKey(key)]
            if earlier != nil, duplicateKeys == .refuse { throw reader.error(.duplicateKey(key), at: place) }
            let value = try value(&reader, duplicateKeys)
            if let earlier {
                members[earlier].value = value
            } else {
                places[ExactKey(key)] = members.count
                members.append(JSONObject.Member(key, value))
            }
        }
        return JSONObject(distinct: members)
    }
}
