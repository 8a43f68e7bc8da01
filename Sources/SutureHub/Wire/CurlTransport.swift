import CCurl
import Synchronization

/// Asks web servers by libcurl, which keeps connections open for those who ask again.
///
/// Proxies are those of `https_proxy`, `http_proxy`, `all_proxy` and `no_proxy`.
package final class CurlTransport: HTTPTransport {
    /// How long servers are waited for, and whom to trust.
    package struct Options: Hashable, Sendable {
        /// The seconds in which a connection has to stand.
        package var connectSeconds = 10

        /// The seconds after which an answer of which nothing comes is given up.
        package var silenceSeconds = 20

        /// The file of the certificates that are trusted; `nil` for the system's.
        package var certificates: String?

        /// Creates the usual options.
        package init() {}
    }

    private let options: Options
    private let idle = Mutex<[Handle]>([])

    private static let isReady: Bool = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK

    /// Sees to connections.
    package init(_ options: Options = Options()) {
        self.options = options
    }

    package func get(
        _ request: HTTPRequest,
        isCancelled: @Sendable () -> Bool,
        take: (HTTPResponse, RawSpan) -> Bool
    ) throws(HTTPError) -> HTTPResponse {
        guard Self.isReady, let handle = idle.withLock({ $0.popLast() }) ?? Handle() else {
            throw HTTPError(.connection, "libcurl does not start")
        }
        defer { idle.withLock { $0.append(handle) } }
        return try withoutActuallyEscaping(take) { take throws(HTTPError) in
            try withoutActuallyEscaping(isCancelled) { isCancelled throws(HTTPError) in
                let exchange = Exchange(take: take, isCancelled: isCancelled)
                let code = handle.perform(request, exchange, options)
                if code == CURLE_OK { return exchange.response }
                if exchange.isStopped { throw HTTPError(.stopped, "the answer was not wanted to its end") }
                throw HTTPError(Self.kind(of: code), unsafe String(cString: curl_easy_strerror(code)).lowercasedFirst)
            }
        }
    }

    private static func kind(of code: CURLcode) -> HTTPError.Kind {
        switch code {
        case CURLE_COULDNT_RESOLVE_HOST: .name
        case CURLE_COULDNT_RESOLVE_PROXY, CURLE_PROXY: .proxy
        case CURLE_OPERATION_TIMEDOUT: .timeout
        case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CACERT_BADFILE,
            CURLE_SSL_CIPHER, CURLE_SSL_ISSUER_ERROR, CURLE_SSL_INVALIDCERTSTATUS:
            .encryption
        case CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL: .address
        case CURLE_PARTIAL_FILE, CURLE_RECV_ERROR, CURLE_GOT_NOTHING, CURLE_HTTP2, CURLE_HTTP2_STREAM: .cut
        default: .connection
        }
    }
}

/// One connection of libcurl's, or several to several servers; used by one thread at a time.
private final class Handle: Sendable {
    /// Where libcurl's handle is; a number may go from thread to thread.
    private let address: UInt

    init?() {
        guard let curl = unsafe curl_easy_init() else { return nil }
        address = UInt(bitPattern: curl)
    }

    deinit {
        unsafe curl_easy_cleanup(UnsafeMutableRawPointer(bitPattern: address))
    }

    func perform(_ request: HTTPRequest, _ exchange: Exchange, _ options: CurlTransport.Options) -> CURLcode {
        guard let curl = unsafe UnsafeMutableRawPointer(bitPattern: address) else { return CURLE_FAILED_INIT }
        var lines: UnsafeMutablePointer<curl_slist>?
        defer { unsafe curl_slist_free_all(lines) }
        for header in request.headers { unsafe lines = curl_slist_append(lines, header) }
        unsafe curl_easy_reset(curl)
        let numbers: [(CURLoption, Int)] = [
            (CURLOPT_NOSIGNAL, 1), (CURLOPT_NOPROGRESS, 0), (CURLOPT_FOLLOWLOCATION, 0),
            (CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1)), (CURLOPT_TCP_KEEPALIVE, 1),
            (CURLOPT_CONNECTTIMEOUT, options.connectSeconds), (CURLOPT_LOW_SPEED_LIMIT, 1),
            (CURLOPT_LOW_SPEED_TIME, options.silenceSeconds), (CURLOPT_BUFFERSIZE, 1 << 19),
        ]
        for (option, value) in numbers { unsafe _ = curl_set_long(curl, option, value) }
        unsafe _ = curl_set_text(curl, CURLOPT_PROTOCOLS_STR, "http,https")
        if let file = options.certificates { unsafe _ = curl_set_text(curl, CURLOPT_CAINFO, file) }
        unsafe _ = curl_set_headers(curl, lines)
        let context = unsafe Unmanaged.passUnretained(exchange).toOpaque()
        unsafe _ = curl_set_header_lines(curl, hearLine, context)
        unsafe _ = curl_set_body(curl, hearBody, context)
        unsafe _ = curl_set_watch(curl, watch, context)
        let code = unsafe curl_set_text(curl, CURLOPT_URL, request.url)
        return code == CURLE_OK ? unsafe curl_easy_perform(curl) : code
    }
}

/// What comes of one request, while libcurl brings it.
private final class Exchange {
    var response = HTTPResponse(status: 0)
    var isStopped = false
    let take: (HTTPResponse, RawSpan) -> Bool
    let isCancelled: @Sendable () -> Bool

    init(
        take: @escaping (HTTPResponse, RawSpan) -> Bool,
        isCancelled: @escaping @Sendable () -> Bool
    ) {
        self.take = take
        self.isCancelled = isCancelled
    }

    func hear(line: String) {
        // A proxy's answer, or "100 Continue", comes before the server's own.
        if line.hasPrefix("HTTP/") {
            let status = line.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
            response = HTTPResponse(status: status)
        } else if let colon = line.firstIndex(of: ":") {
            response.headers[line[..<colon].lowercased()] = line[line.index(after: colon)...].trimmed
        }
    }
}

private let hearLine: @convention(c) (UnsafeMutablePointer<CChar>?, Int, Int, UnsafeMutableRawPointer?) -> Int = {
    text,
    size,
    count,
    context in
    guard let exchange = unsafe Exchange.of(context) else { return 0 }
    let bytes = unsafe UnsafeRawBufferPointer(start: text, count: size * count)
    exchange.hear(line: unsafe String(decoding: bytes, as: UTF8.self).trimmed)
    return size * count
}

private let hearBody: @convention(c) (UnsafeMutablePointer<CChar>?, Int, Int, UnsafeMutableRawPointer?) -> Int = {
    bytes,
    size,
    count,
    context in
    guard let exchange = unsafe Exchange.of(context) else { return 0 }
    let span = unsafe RawSpan(_unsafeBytes: UnsafeRawBufferPointer(start: bytes, count: size * count))
    guard exchange.take(exchange.response, span) else {
        exchange.isStopped = true
        // Any number but the bytes' ends the exchange.
        return size * count == 0 ? 1 : 0
    }
    return size * count
}

private let watch: @convention(c) (UnsafeMutableRawPointer?, curl_off_t, curl_off_t, curl_off_t, curl_off_t) -> Int32 =
    { context, _, _, _, _ in
        guard let exchange = unsafe Exchange.of(context), exchange.isCancelled() else { return 0 }
        exchange.isStopped = true
        return 1
    }

extension Exchange {
    fileprivate static func of(_ context: UnsafeMutableRawPointer?) -> Exchange? {
        guard let context = unsafe context else { return nil }
        return unsafe Unmanaged<Exchange>.fromOpaque(context).takeUnretainedValue()
    }
}

extension StringProtocol {
    /// Without blanks at either end.
    var trimmed: String {
        let start = drop { $0.isWhitespace }
        return String(start.reversed().drop { $0.isWhitespace }.reversed())
    }
}

extension String {
    fileprivate var lowercasedFirst: String {
        dropFirst().first?.isUppercase == true ? self : prefix(1).lowercased() + dropFirst()
    }
}
