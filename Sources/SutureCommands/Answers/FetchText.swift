import SutureKit

/// What has to be fetched for a plan, in words.
enum FetchText {
    /// The words; `nil` where all is on this machine.
    static func of(_ plan: Plan, _ environment: [String: String]) throws -> String? {
        let fetch: Surgery.Fetch?
        do throws(Surgery.BuildError) { fetch = try Surgery.fetch(of: plan, environment: environment) } catch {
            throw CommandFailure(error)
        }
        guard let fetch else { return nil }
        let left = ByteSize.format(fetch.neededByteCount - fetch.presentByteCount)
        return
            "\(left) to fetch: \(ByteSize.format(fetch.neededByteCount)) of \(ByteSize.format(fetch.sourceByteCount))"
            + " on the hub are read, and \(ByteSize.format(fetch.presentByteCount)) of them are here"
    }
}
