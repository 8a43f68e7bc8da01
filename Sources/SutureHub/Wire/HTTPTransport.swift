/// What is asked of a web server.
package struct HTTPRequest: Hashable, Sendable {
    /// The address.
    package var url: String

    /// The header fields, in lines.
    package var headers: [String] = []
}

/// The head of a web server's answer.
package struct HTTPResponse: Hashable, Sendable {
    /// The status, such as 206.
    package var status: Int

    /// The header fields by their names in small letters; of several of one name, the last.
    package var headers: [String: String] = [:]

    /// Creates a head.
    package init(status: Int, headers: [String: String] = [:]) {
        self.status = status
        self.headers = headers
    }
}

/// Why a web server gave no answer, or none to its end.
package struct HTTPError: Error, Hashable, Sendable {
    /// What kind of reason it is.
    package enum Kind: Hashable, Sendable {
        case name, connection, timeout, encryption, cut, proxy, address, stopped, forbidden
    }

    /// What kind of reason it is.
    package let kind: Kind

    /// The reason in words.
    package let words: String

    /// Creates an error.
    package init(_ kind: Kind, _ words: String) {
        self.kind = kind
        self.words = words
    }
}

/// Asks web servers.
package protocol HTTPTransport: Sendable {
    /// Gets what lies at an address; redirections are answers like others.
    ///
    /// - Parameters:
    ///   - request: What is asked.
    ///   - isCancelled: Asked now and then; `true` ends the exchange.
    ///   - take: Takes the body piece by piece, with the head of the answer; `false` ends the exchange.
    /// - Returns: The head of the answer, once its body has been taken.
    /// - Throws: ``HTTPError``; what was taken stays taken.
    func get(
        _ request: HTTPRequest,
        isCancelled: @Sendable () -> Bool,
        take: (HTTPResponse, RawSpan) -> Bool
    ) throws(HTTPError) -> HTTPResponse
}
