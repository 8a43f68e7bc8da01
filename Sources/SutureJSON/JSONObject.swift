/// A JSON object whose members keep their order.
///
/// Looking a key up walks the members: right for a `config.json`, not for a table of 100,000 tensors.
package struct JSONObject: Hashable, Sendable, ExpressibleByDictionaryLiteral {
    /// A key and its value.
    package struct Member: Hashable, Sendable {
        /// The key.
        package let key: String

        /// The value.
        package var value: JSONValue

        /// Creates a member.
        package init(_ key: String, _ value: JSONValue) {
            self.key = key
            self.value = value
        }
    }

    /// The members, in the order in which they are written.
    package private(set) var members: [Member]

    /// Creates an object without members.
    package init() {
        members = []
    }

    /// Creates an object of members; where a key comes twice the later value takes the earlier place.
    package init(_ members: [Member]) {
        self.members = []
        self.members.reserveCapacity(members.count)
        var places: [ExactKey: Int] = [:]
        for member in members {
            if let place = places[ExactKey(member.key)] {
                self.members[place].value = member.value
            } else {
                places[ExactKey(member.key)] = self.members.count
                self.members.append(member)
            }
        }
    }

    /// Creates an object from a literal.
    package init(dictionaryLiteral members: (String, JSONValue)...) {
        self.init(members.map { Member($0, $1) })
    }

    /// Creates an object of members whose keys are known to differ.
    init(distinct members: [Member]) {
        self.members = members
    }

    /// The keys, in order.
    package var keys: [String] { members.map(\.key) }

    /// Whether it has no members.
    package var isEmpty: Bool { members.isEmpty }

    /// The value of a key; setting keeps the key's place or appends it, and setting `nil` removes it.
    package subscript(key: String) -> JSONValue? {
        get { place(of: key).map { members[$0].value } }
        set {
            switch (place(of: key), newValue) {
            case (let place?, let value?): members[place].value = value
            case (let place?, nil): members.remove(at: place)
            case (nil, let value?): members.append(Member(key, value))
            case (nil, nil): break
            }
        }
    }

    /// The value at the end of a path through nested objects; setting makes the objects that are missing.
    package subscript(path: [String]) -> JSONValue? {
        get {
            guard let first = path.first else { return nil }
            guard path.count > 1 else { return self[first] }
            return self[first]?.object?[Array(path.dropFirst())]
        }
        set {
            guard let first = path.first else { return }
            guard path.count > 1 else {
                self[first] = newValue
                return
            }
            let inner = self[first]?.object
            if inner == nil, newValue == nil { return }
            var nested = inner ?? JSONObject()
            nested[Array(path.dropFirst())] = newValue
            self[first] = .object(nested)
        }
    }

    private func place(of key: String) -> Int? {
        members.firstIndex { $0.key == key && ExactKey($0.key) == ExactKey(key) }
    }
}

/// A string compared by its bytes, where `String` takes `é` in one scalar and in two for the same.
///
/// The hash is kept, so that a table of 100,000 names hashes each once and compares few.
package struct ExactKey: Hashable {
    private let text: String
    private let hash: Int

    /// Keeps a string and its hash.
    package init(_ text: String) {
        self.text = text
        hash = text.hashValue
    }

    package static func == (a: ExactKey, b: ExactKey) -> Bool {
        a.hash == b.hash && a.text == b.text && a.text.utf8.elementsEqual(b.text.utf8)
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(hash)
    }
}
