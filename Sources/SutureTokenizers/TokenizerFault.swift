/// Something that makes a tokenizer's file fail to load, or give numbers that nobody meant.
package enum TokenizerFault: Hashable, Sendable {
    /// It does not load at all, and why.
    case unloadable(String)

    /// Two tokens have one number.
    case sharedNumber(Int, String, String)

    /// One token has two numbers, of which the later counts.
    case doubled(String, Int, Int)

    /// An added token is given another number than its file says.
    case otherNumber(String, stated: Int, given: Int)

    /// Whether nothing right can come of it.
    package var isFatal: Bool {
        switch self {
        case .unloadable, .sharedNumber, .doubled: true
        case .otherNumber: false
        }
    }

    /// What it is, for people.
    package var words: String {
        switch self {
        case .unloadable(let reason): reason
        case .sharedNumber(let number, let a, let b):
            "\(Self.shown(a)) and \(Self.shown(b)) both get the number \(number)"
        case .doubled(let token, let a, let b): "\(Self.shown(token)) has the numbers \(a) and \(b)"
        case .otherNumber(let token, let stated, let given):
            "\(Self.shown(token)) is \(stated) in the file, the library that reads it makes it \(given)"
        }
    }

    /// A token in quotes, as much of it as a message bears.
    package static func shown(_ token: String?) -> String {
        guard let token else { return "none" }
        let text = token.unicodeScalars.prefix(24).map { $0.isASCII && $0.value < 0x20 ? " " : String($0) }.joined()
        return "\"\(text)\""
    }
}
