import Glibc
import SutureCheckpoints
import SutureDiagnostics
import SutureJSON
import Synchronization
import SystemPackage

/// Speaks the hub's protocol: what a revision is, which files it has, and ranges of them.
///
/// A signed address is bound to the range that asked for it, so each range is asked of the hub itself, and the token
/// never goes to another host than the hub's.
package final class HubClient: Sendable {
    let settings: HubSettings
    let isCancelled: @Sendable () -> Bool
    private let transport: any HTTPTransport
    private let state = Mutex(State())
    private let pause: Duration

    private struct State {
        /// Before when nobody asks, as the hub had enough.
        var opening: ContinuousClock.Instant?
        var hasAnswered = false
        /// What a host called the bytes of a file when it sent the first of them.
        var tags: [String: String] = [:]
    }

    /// Sees to a hub.
    ///
    /// - Parameters:
    ///   - settings: Where it is.
    ///   - transport: What carries questions to it.
    ///   - pause: The time after a first failure; it doubles with each.
    ///   - isCancelled: Asked now and then.
    package init(
        _ settings: HubSettings,
        transport: any HTTPTransport,
        pause: Duration = .milliseconds(500),
        isCancelled: @escaping @Sendable () -> Bool = { false }
    ) {
        self.settings = settings
        self.transport = transport
        self.pause = pause
        self.isCancelled = isCancelled
    }

    /// The commit that a revision is now.
    func commit(of place: HubPlace, near: String?) throws(HubFailure) -> String {
        let address = "\(settings.endpoint)/api/models/\(place.id)/revision/\((place.revision ?? "main").inPath)"
        let answer = try json(address, place, near: near).value
        guard let commit = answer.object?["sha"]?.string, HubCache.isCommit(commit) else {
            throw .strange(place, "the hub does not say which commit '\(place.revision ?? "main")' is")
        }
        return commit
    }

    /// The files of a commit.
    func files(of place: HubPlace, commit: String) throws(HubFailure) -> [HubFile] {
        var address = "\(settings.endpoint)/api/models/\(place.id)/tree/\(commit)?recursive=true&expand=false"
        var files: [HubFile] = []
        for _ in 0..<1000 {
            let (value, response) = try json(address, place, near: nil)
            guard let entries = value.array else { throw .strange(place, "the hub's list of files is no list") }
            files += entries.compactMap { HubFile(listed: $0) }
            guard let next = response.headers["link"].flatMap(Self.next), Origin(next) == Origin(settings.endpoint)
            else { break }
            address = next
        }
        return files
    }

    /// Brings a range of a file.
    ///
    /// - Parameters:
    ///   - range: Which bytes.
    ///   - file: The file.
    ///   - place: The model, at a commit.
    ///   - take: Takes them in order; what was taken is not asked for again.
    /// - Throws: What `take` throws, and ``FileError`` with `unfetched`.
    func fetch(
        _ range: Range<Int>,
        of file: HubFile,
        _ place: HubPlace,
        take: (RawSpan) throws(FileError) -> Void
    ) throws(FileError) {
        var place = place
        place.file = file.name
        let address = "\(settings.endpoint)/\(place.id)/resolve/\((place.revision ?? "main").inPath)/\(file.name.inURL)"
        var done = 0
        do throws(HubFailure) {
            var patience = Patience(self, place, pause: pause)
            while done < range.count {
                let wanted = range.lowerBound + done..<range.upperBound
                var failure: HubFailure?
                var refusal: FileError?
                let before = done
                let answer = try ask(address, ["Range: bytes=\(wanted.lowerBound)-\(wanted.upperBound - 1)"], place) {
                    hops,
                    host,
                    bytes in
                    if done == before {
                        failure = check(hops, host, wanted, of: file, place)
                        guard failure == nil else { return false }
                    }
                    guard done + bytes.byteCount <= range.count else {
                        failure = .strange(place, "\(host) sends more than was asked for")
                        return false
                    }
                    do throws(FileError) { try take(bytes) } catch {
                        refusal = error
                        return false
                    }
                    done += bytes.byteCount
                    return true
                }
                if let refusal { throw HubFailure(.system, refusal) }
                if let failure { throw failure }
                if done == range.count { break }
                if done > before { patience.renew() }
                try patience.wait(answer, near: nil)
            }
        } catch {
            if let own = error.refusal { throw own }
            throw FileError(.read, FilePath(file.name), .unfetched(error.diagnostic, helps: error.help))
        }
    }

    /// Holds an answer to what was asked and to what is known of the file.
    private func check(
        _ hops: [HTTPResponse],
        _ host: String,
        _ wanted: Range<Int>,
        of file: HubFile,
        _ place: HubPlace
    ) -> HubFailure? {
        guard let first = hops.first, let last = hops.last else { return nil }
        if let commit = first.headers["x-repo-commit"], let asked = place.revision, commit != asked {
            return .changed(place, "the hub answers for commit \(excerpt(commit)), and not for \(asked)")
        }
        let said = first.headers["x-linked-etag"] ?? (hops.count == 1 ? first.headers["etag"] : nil)
        if let tag = said.flatMap(Self.tag), tag != file.tag {
            return .changed(place, "the file's ETag is \(excerpt(tag)) now, and was \(file.tag) when it was listed")
        }
        if let size = first.headers["x-linked-size"].flatMap({ Int($0) }), size != file.byteCount {
            return .changed(place, "the file has \(size) bytes now, and had \(file.byteCount) when it was listed")
        }
        if last.status == 200 {
            // All of it was asked for, so all of it is no surprise.
            guard wanted == 0..<file.byteCount else { return .ignoresRange(place, host: host) }
        } else {
            guard let content = last.headers["content-range"] else {
                return .strange(place, "\(host) does not say which bytes it sends")
            }
            let expected = "bytes \(wanted.lowerBound)-\(wanted.upperBound - 1)/\(file.byteCount)"
            guard content == expected else {
                return .changed(place, "\(host) sends '\(excerpt(content))', where '\(expected)' was asked for")
            }
        }
        guard hops.count > 1, let tag = last.headers["etag"].flatMap(Self.tag) else { return nil }
        let known = state.withLock { state in
            let key = host + " " + file.tag
            defer { state.tags[key] = state.tags[key] ?? tag }
            return state.tags[key]
        }
        guard let known, known != tag else { return nil }
        return .changed(place, "\(host) calls the file's bytes \(excerpt(tag)) now, and called them \(excerpt(known))")
    }

    // MARK: - Questions

    /// What came of one question.
    enum Answer {
        case whole(HTTPResponse)
        case refused(HTTPResponse)
        case silent(HTTPError, host: String)
    }

    private func json(
        _ address: String,
        _ place: HubPlace,
        near: String?
    ) throws(HubFailure) -> (value: JSONValue, response: HTTPResponse) {
        var patience = Patience(self, place, pause: pause)
        while true {
            var body: [UInt8] = []
            let answer = try ask(address, [], place) { _, _, bytes in
                unsafe bytes.withUnsafeBytes { unsafe body += $0 }
                return body.count < 1 << 28
            }
            if case .whole(let response) = answer {
                guard let value = try? JSONParser.parse(body, duplicateKeys: .lastWins) else {
                    throw .strange(place, "the answer of \(Origin(address)?.host ?? address) is not JSON")
                }
                return (value, response)
            }
            try patience.wait(answer, near: near)
        }
    }

    /// Asks once, and follows where the hub sends on to.
    private func ask(
        _ address: String,
        _ headers: [String],
        _ place: HubPlace,
        take: ([HTTPResponse], String, RawSpan) -> Bool
    ) throws(HubFailure) -> Answer {
        var address = address
        var hops: [HTTPResponse] = []
        let home = Origin(settings.endpoint)
        for _ in 0..<6 {
            guard let origin = Origin(address) else { throw .strange(place, "'\(excerpt(address))' is no address") }
            var request = HTTPRequest(url: address, headers: headers + ["Accept-Encoding: identity", Self.agent])
            if let token = settings.token, origin == home { request.headers.append("Authorization: Bearer \(token)") }
            let (earlier, host) = (hops, origin.host)
            let response: HTTPResponse
            do throws(HTTPError) {
                response = try transport.get(request, isCancelled: isCancelled) { head, bytes in
                    guard (200..<300).contains(head.status) else { return true }
                    return take(earlier + [head], host, bytes)
                }
            } catch { return .silent(error, host: host) }
            state.withLock { $0.hasAnswered = true }
            if (200..<300).contains(response.status) { return .whole(response) }
            guard [301, 302, 303, 307, 308].contains(response.status), let target = response.headers["location"] else {
                return .refused(response)
            }
            hops.append(response)
            address =
                target.hasPrefix("//")
                ? origin.scheme + ":" + target
                : target.hasPrefix("/") ? "\(origin)" + target : target
            if origin.scheme == "https", Origin(address)?.scheme != "https" {
                throw .strange(place, "\(host) sends on to an address that is not encrypted")
            }
        }
        throw .strange(place, "the hub sends from one address to the next, and to no file")
    }

    /// Waits while the hub wants to be left alone.
    fileprivate func sleepUntilOpen() throws(HTTPError) {
        while let opening = state.withLock({ $0.opening }), ContinuousClock.now < opening {
            if isCancelled() { throw HTTPError(.stopped, "cancelled") }
            usleep(50_000)
        }
    }

    fileprivate func close(for time: Duration) {
        let opening = ContinuousClock.now + time
        state.withLock { $0.opening = max($0.opening ?? opening, opening) }
    }

    fileprivate var hasAnswered: Bool { state.withLock { $0.hasAnswered } }

    private static let agent = "User-Agent: suture"

    private static func tag(_ text: String) -> String? {
        let text = text.hasPrefix("W/") ? text.dropFirst(2) : text[...]
        return String(text.filter { $0 != "\"" })
    }

    private static func next(_ link: String) -> String? {
        for part in link.split(separator: ",") where part.contains("rel=\"next\"") {
            guard let start = part.firstIndex(of: "<"), let end = part.firstIndex(of: ">"), start < end else {
                continue
            }
            return String(part[part.index(after: start)..<end])
        }
        return nil
    }
}

extension HubFailure {
    /// A disk that took nothing, on its way through what fetches.
    fileprivate init(_ help: FileError.Help, _ error: FileError) {
        self.init(help, error.diagnostic)
        refusal = error
    }
}

/// How often one thing is asked for, and how long is waited between.
private struct Patience {
    private let client: HubClient
    private let place: HubPlace
    private let pause: Duration
    private var failures = 0
    private var delays = 0

    init(_ client: HubClient, _ place: HubPlace, pause: Duration) {
        self.client = client
        self.place = place
        self.pause = pause
    }

    /// Something came, so what failed before counts no more.
    mutating func renew() { failures = 0 }

    /// Waits until it is worth asking again.
    ///
    /// - Throws: What the answer says, where it is of no use or was so too often.
    mutating func wait(_ answer: HubClient.Answer, near: String?) throws(HubFailure) {
        switch answer {
        case .whole:
            failures += 1  // Fewer bytes than it promised.
            guard failures < 5 else {
                throw .silent(HTTPError(.cut, "the answer ends early"), host: "the hub", place)
            }
        case .refused(let response):
            let failure = HubFailure.refused(response, place, client.settings, near: near)
            guard failure.help == .retry else { throw failure }
            if response.status == 429 {
                delays += 1
                let seconds = RateLimit.seconds(in: response.headers) ?? 1 << min(delays, 6)
                guard delays <= 6, seconds <= 330 else { throw failure }
                client.close(for: .seconds(seconds))
                break
            }
            failures += 1
            guard failures < 5 else { throw failure }
            client.close(for: pause * (1 << failures) / 2)
        case .silent(let error, let host):
            let failure = HubFailure.silent(error, host: host, place)
            failures += 1
            // Where nothing was ever heard, waiting long is of no use.
            guard failure.help == .retry, error.kind != .stopped, failures < (client.hasAnswered ? 6 : 2) else {
                throw failure
            }
            client.close(for: pause * (1 << failures) / 2)
        }
        do throws(HTTPError) { try client.sleepUntilOpen() } catch { throw .silent(error, host: "", place) }
    }
}
