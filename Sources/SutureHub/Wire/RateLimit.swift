/// When a server that had enough takes requests again.
enum RateLimit {
    /// The seconds that the headers of an answer ask to wait: of `Retry-After`, or of `RateLimit` (draft-ietf-httpapi-
    /// ratelimit-headers: `"resolvers";r=0;t=42`).
    static func seconds(in headers: [String: String]) -> Int? {
        if let seconds = headers["retry-after"].flatMap({ Int($0) }) { return max(0, seconds) }
        let items = headers["ratelimit"]?.split(separator: ";").map(\.trimmed) ?? []
        guard let reset = items.first(where: { $0.hasPrefix("t=") }).flatMap({ Int($0.dropFirst(2)) }) else {
            return nil
        }
        // The window ends within that second.
        return max(0, reset) + 1
    }
}
