/// A key of `rank_pattern` or `alpha_pattern`: a regular expression that a module's path must end with.
///
/// Matched as PEFT does, `(.*\.)?(key)$` from the start of the path, but in time that grows with the lengths of
/// both alone: the states that can be reached are followed side by side, and nothing is tried again.
/// Known: literals, `.`, `\.` and other escaped signs, `\d \w \s`, classes, groups, `|`, `*`, `+`, `?`, `{m,n}`
/// to 100, `^` and `$` at the ends.
package struct ModulePattern: Sendable {
    private enum State: Sendable {
        case bytes(ByteSet, next: Int)
        case split(Int, Int)
        case atStart(next: Int)
        case matched
    }

    private var states: [State] = []
    private var start = 0
    private var steps = 0

    /// Reads a pattern, or `nil` where it has something that is not known.
    package init?(_ text: String) {
        var parser = Parser(bytes: Array(text.utf8))
        guard parser.bytes.count <= 1000, let tree = parser.alternatives(depth: 0), parser.isAtEnd else { return nil }
        states = [.matched]
        guard let entry = compile(tree, next: 0) else { return nil }
        start = entry
    }

    /// Whether a module's path ends with the pattern, at its start or after a dot.
    package func matches(_ path: String) -> Bool {
        let bytes = Array(path.utf8)
        var current = StateSet(count: states.count)
        var next = StateSet(count: states.count)
        add(start, to: &current, at: 0)
        for (place, byte) in bytes.enumerated() {
            next.removeAll()
            for state in current.members {
                if case .bytes(let set, let target) = states[state], set.contains(byte) {
                    add(target, to: &next, at: place + 1)
                }
            }
            if byte == UInt8(ascii: ".") { add(start, to: &next, at: place + 1) }
            swap(&current, &next)
        }
        return current.contains(0)
    }

    private func add(_ state: Int, to set: inout StateSet, at place: Int) {
        var pending = [state]
        while let state = pending.popLast() {
            guard set.insert(state) else { continue }
            switch states[state] {
            case .split(let a, let b): pending += [b, a]
            case .atStart(let next): if place == 0 { pending.append(next) }
            case .bytes, .matched: break
            }
        }
    }

    // MARK: - Compilation

    /// Repetitions of repetitions grow fast, even where they repeat nothing.
    private static let mostSteps = 20_000

    /// Adds the states of a tree in front of a state, and returns the first of them.
    private mutating func compile(_ tree: Tree, next: Int) -> Int? {
        steps += 1
        guard steps < Self.mostSteps else { return nil }
        switch tree {
        case .bytes(let set): return append(.bytes(set, next: next))
        case .start: return append(.atStart(next: next))
        case .sequence(let parts):
            var entry = next
            for part in parts.reversed() {
                guard let first = compile(part, next: entry) else { return nil }
                entry = first
            }
            return entry
        case .choice(let parts):
            var entry: Int?
            for part in parts.reversed() {
                guard let first = compile(part, next: next) else { return nil }
                entry = entry.map { append(.split(first, $0)) } ?? first
            }
            return entry
        case .repeated(let part, let least, let most): return compile(part, from: least, to: most, next: next)
        }
    }

    private mutating func compile(_ part: Tree, from least: Int, to most: Int?, next: Int) -> Int? {
        var entry = next
        if let most {
            for _ in least..<most {
                guard let first = compile(part, next: entry) else { return nil }
                entry = append(.split(first, next))
            }
        } else {
            let loop = append(.matched)
            guard let first = compile(part, next: loop) else { return nil }
            states[loop] = .split(first, next)
            entry = loop
        }
        for _ in 0..<least {
            guard let first = compile(part, next: entry) else { return nil }
            entry = first
        }
        return entry
    }

    private mutating func append(_ state: State) -> Int {
        states.append(state)
        return states.count - 1
    }
}

/// A set of byte values.
private struct ByteSet: Sendable {
    private var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)

    init(_ bytes: some Sequence<UInt8>) {
        for byte in bytes { insert(byte) }
    }

    static let any: ByteSet = ByteSet((0...255).filter { $0 != 10 })
    static let digits = ByteSet(UInt8(ascii: "0")...UInt8(ascii: "9"))
    static let spaces = ByteSet([9, 10, 11, 12, 13, 32])
    static let wordBytes: ByteSet = ByteSet(
        (0...255).filter { byte in
            let letter = byte | 0x20
            return letter >= UInt8(ascii: "a") && letter <= UInt8(ascii: "z") || byte >= 48 && byte <= 57 || byte == 95
        }
    )

    var inverted: ByteSet { ByteSet((0...255).filter { !contains($0) }) }

    func contains(_ byte: UInt8) -> Bool {
        let bit: UInt64 = 1 << UInt64(byte & 63)
        return switch byte >> 6 {
        case 0: words.0 & bit != 0
        case 1: words.1 & bit != 0
        case 2: words.2 & bit != 0
        default: words.3 & bit != 0
        }
    }

    mutating func insert(_ byte: UInt8) {
        let bit: UInt64 = 1 << UInt64(byte & 63)
        switch byte >> 6 {
        case 0: words.0 |= bit
        case 1: words.1 |= bit
        case 2: words.2 |= bit
        default: words.3 |= bit
        }
    }

    mutating func formUnion(_ other: ByteSet) {
        words = (words.0 | other.words.0, words.1 | other.words.1, words.2 | other.words.2, words.3 | other.words.3)
    }
}

/// The states that a match may be in.
private struct StateSet {
    private(set) var members: [Int] = []
    private var isMember: [Bool]

    init(count: Int) { isMember = Array(repeating: false, count: count) }

    func contains(_ state: Int) -> Bool { isMember[state] }

    mutating func insert(_ state: Int) -> Bool {
        guard !isMember[state] else { return false }
        isMember[state] = true
        members.append(state)
        return true
    }

    mutating func removeAll() {
        for state in members { isMember[state] = false }
        members.removeAll(keepingCapacity: true)
    }
}

private indirect enum Tree {
    case bytes(ByteSet)
    case start
    case sequence([Tree])
    case choice([Tree])
    case repeated(Tree, least: Int, most: Int?)
}

private struct Parser {
    let bytes: [UInt8]
    var place = 0

    init(bytes: [UInt8]) { self.bytes = bytes }

    var isAtEnd: Bool { place == bytes.count }

    private var peek: UInt8? { place < bytes.count ? bytes[place] : nil }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard peek == UInt8(ascii: character) else { return false }
        place += 1
        return true
    }

    mutating func alternatives(depth: Int) -> Tree? {
        guard depth < 50 else { return nil }
        var parts: [Tree] = []
        repeat {
            guard let part = sequence(depth: depth) else { return nil }
            parts.append(part)
        } while take("|")
        return parts.count == 1 ? parts[0] : .choice(parts)
    }

    private mutating func sequence(depth: Int) -> Tree? {
        var parts: [Tree] = []
        while let byte = peek, byte != UInt8(ascii: "|"), byte != UInt8(ascii: ")") {
            // The end is where every match must stop anyway.
            if byte == UInt8(ascii: "$") {
                place += 1
                guard peek == nil || peek == UInt8(ascii: ")") || peek == UInt8(ascii: "|") else { return nil }
                continue
            }
            guard let atom = atom(depth: depth), let part = repeated(atom) else { return nil }
            parts.append(part)
        }
        return .sequence(parts)
    }

    private mutating func atom(depth: Int) -> Tree? {
        guard let byte = peek else { return nil }
        place += 1
        switch byte {
        case UInt8(ascii: "("):
            if take("?") { guard take(":") else { return nil } }
            guard let tree = alternatives(depth: depth + 1), take(")") else { return nil }
            return tree
        case UInt8(ascii: "["): return characterClass().map { .bytes($0) }
        case UInt8(ascii: "."): return .bytes(.any)
        case UInt8(ascii: "^"): return .start
        case UInt8(ascii: "\\"): return escaped().map { .bytes($0) }
        case UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "?"), UInt8(ascii: "{"): return nil
        default: return .bytes(ByteSet([byte]))
        }
    }

    private mutating func escaped() -> ByteSet? {
        guard let byte = peek else { return nil }
        place += 1
        switch byte {
        case UInt8(ascii: "d"): return .digits
        case UInt8(ascii: "D"): return ByteSet.digits.inverted
        case UInt8(ascii: "w"): return .wordBytes
        case UInt8(ascii: "W"): return ByteSet.wordBytes.inverted
        case UInt8(ascii: "s"): return .spaces
        case UInt8(ascii: "S"): return ByteSet.spaces.inverted
        default: return ByteSet.wordBytes.contains(byte) ? nil : ByteSet([byte])
        }
    }

    private mutating func characterClass() -> ByteSet? {
        let isInverted = take("^")
        var set = ByteSet([])
        var isFirst = true
        while let byte = peek, byte != UInt8(ascii: "]") || isFirst {
            isFirst = false
            place += 1
            if byte == UInt8(ascii: "\\") {
                guard let inner = escaped() else { return nil }
                set.formUnion(inner)
            } else if peek == UInt8(ascii: "-"), place + 1 < bytes.count, bytes[place + 1] != UInt8(ascii: "]") {
                let end = bytes[place + 1]
                place += 2
                guard byte <= end, end != UInt8(ascii: "\\") else { return nil }
                set.formUnion(ByteSet(byte...end))
            } else {
                set.insert(byte)
            }
        }
        guard take("]") else { return nil }
        return isInverted ? set.inverted : set
    }

    private mutating func repeated(_ atom: Tree) -> Tree? {
        var tree = atom
        while true {
            if take("*") {
                tree = .repeated(tree, least: 0, most: nil)
            } else if take("+") {
                tree = .repeated(tree, least: 1, most: nil)
            } else if take("?") {
                // After another repetition it only asks for a shorter match, of which there is but one end.
                if case .repeated = tree { continue }
                tree = .repeated(tree, least: 0, most: 1)
            } else if take("{") {
                let least = number()
                let most = take(",") ? number() : least
                guard take("}"), let least, least <= most ?? 100, (most ?? 0) <= 100 else { return nil }
                tree = .repeated(tree, least: least, most: most)
            } else {
                return tree
            }
        }
    }

    private mutating func number() -> Int? {
        var value: Int?
        while let byte = peek, byte >= 48, byte <= 57, value ?? 0 < 1000 {
            value = (value ?? 0) * 10 + Int(byte - 48)
            place += 1
        }
        return value
    }
}
