/// One of the parts that a plan is run in, each on whatever machine takes it.
public struct Part: Hashable, Sendable, CustomStringConvertible {
    /// Which one, from 1.
    public let number: Int

    /// How many there are.
    public let count: Int

    /// The most parts that a plan is cut into.
    public static let mostParts = 100_000

    /// All of a plan at once.
    package static let whole = Part(unchecked: 1, of: 1)

    /// Creates a part; `nil` where the numbers make none.
    public init?(_ number: Int, of count: Int) {
        guard (1...Self.mostParts).contains(count), (1...count).contains(number) else { return nil }
        self.init(unchecked: number, of: count)
    }

    /// Reads `2/4`; `nil` where the text says no part.
    public init?(_ text: String) {
        let words = text.split(separator: "/", omittingEmptySubsequences: false)
        guard words.count == 2, let number = Int(words[0]), let count = Int(words[1]) else { return nil }
        self.init(number, of: count)
    }

    /// All parts of a plan that is cut into so many, in order.
    ///
    /// - Precondition: `count` is at least 1 and at most ``mostParts``.
    public static func all(of count: Int) -> [Part] { (1...count).map { Part(unchecked: $0, of: count) } }

    private init(unchecked number: Int, of count: Int) {
        self.number = number
        self.count = count
    }

    /// The part as people write it: `2/4`.
    public var description: String { "\(number)/\(count)" }
}
