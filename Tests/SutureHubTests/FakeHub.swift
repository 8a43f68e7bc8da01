import SutureHub
import SutureCheckpoints
import SutureTestSupport
import Synchronization
import SystemPackage

/// A hub of one model in memory, behind no network: large files lie on another host.
final class FakeHub: HTTPTransport {
    /// An answer: its head, and its body, of which only so many bytes come.
    struct Answer {
        var head: HTTPResponse
        var body: [UInt8] = []
        var arriving: Int?
    }

    static let commit = String(repeating: "c", count: 40)
    private let files: [String: [UInt8]]
    private let state = Mutex(State())

    private struct State {
        var requests: [HTTPRequest] = []
        var change: (@Sendable (HTTPRequest, Answer) -> Answer)?
    }

    init(files: [String: [UInt8]]) { self.files = files }

    /// What was asked so far.
    var requests: [HTTPRequest] { state.withLock { $0.requests } }

    /// Lets answers be others than they would be.
    func answer(by change: @escaping @Sendable (HTTPRequest, Answer) -> Answer) {
        state.withLock { $0.change = change }
    }

    func get(
        _ request: HTTPRequest,
        isCancelled: @Sendable () -> Bool,
        take: (HTTPResponse, RawSpan) -> Bool
    ) throws(HTTPError) -> HTTPResponse {
        let change = state.withLock { state in
            state.requests.append(request)
            return state.change
        }
        var answer = self.answer(to: request)
        if let change { answer = change(request, answer) }
        let body = Array(answer.body.prefix(answer.arriving ?? .max))
        for start in stride(from: 0, to: body.count, by: 1000) {
            let piece = Array(body[start..<min(start + 1000, body.count)])
            guard take(answer.head, piece.span.bytes) else { throw HTTPError(.stopped, "stopped") }
        }
        if body.count < answer.body.count { throw HTTPError(.cut, "the answer ends early") }
        return answer.head
    }

    private func answer(to request: HTTPRequest) -> Answer {
        let path = request.url.split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false).last.map(
            String.init
        )
        guard let path, let name = path.split(separator: "/").last.map(String.init) else {
            return Answer(head: HTTPResponse(status: 404))
        }
        if path.hasPrefix("api/models/o/n/revision/") {
            return Answer(head: HTTPResponse(status: 200), body: Array("{\"sha\": \"\(Self.commit)\"}".utf8))
        }
        if path.hasPrefix("api/models/o/n/tree/") {
            let entries = files.map { name, bytes in
                let large = "\"lfs\": {\"oid\": \"\(Self.hash(bytes))\", \"size\": \(bytes.count)}"
                let size = "\"type\": \"file\", \"oid\": \"\(Self.commit)\", \"size\": \(bytes.count)"
                return "{\"path\": \"\(name)\", \(size), \(large)}"
            }
            return Answer(head: HTTPResponse(status: 200), body: Array("[\(entries.joined(separator: ","))]".utf8))
        }
        guard let bytes = files[name], let range = Self.range(request, bytes.count) else {
            return Answer(head: HTTPResponse(status: 404, headers: ["x-error-code": "EntryNotFound"]))
        }
        if path.hasPrefix("o/n/resolve/") {
            let headers = [
                "location": "https://storage.test/\(name)", "x-linked-etag": "\"\(Self.hash(bytes))\"",
                "x-linked-size": "\(bytes.count)", "x-repo-commit": Self.commit,
            ]
            return Answer(head: HTTPResponse(status: 302, headers: headers))
        }
        let content = "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(bytes.count)"
        let head = HTTPResponse(status: 206, headers: ["content-range": content, "etag": "\"one\""])
        return Answer(head: head, body: Array(bytes[range]))
    }

    private static func range(_ request: HTTPRequest, _ count: Int) -> Range<Int>? {
        guard let header = request.headers.first(where: { $0.hasPrefix("Range: bytes=") }) else { return nil }
        let parts = header.dropFirst("Range: bytes=".count).split(separator: "-").compactMap { Int($0) }
        return parts.count == 2 && parts[1] < count ? parts[0]..<parts[1] + 1 : nil
    }

    static func hash(_ bytes: [UInt8]) -> String {
        var hasher = SHA256Hasher()
        bytes.withUnsafeBytes { hasher.update($0) }
        return hasher.finish()?.digits ?? ""
    }
}
