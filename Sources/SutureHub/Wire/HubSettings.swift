import SutureCheckpoints
import SystemPackage

/// Where the hub is and how it is spoken to, by the variables that Hugging Face's tools know.
package struct HubSettings: Sendable {
    /// The hub's address, without a slash at the end: `HF_ENDPOINT`.
    package let endpoint: String

    /// What tells the hub who asks; in no message, and sent to the hub alone.
    let token: String?

    /// The environment variable that forbids the network, where one does.
    package let offlineSwitch: String?

    /// How long servers are waited for: `HF_HUB_ETAG_TIMEOUT`, `HF_HUB_DOWNLOAD_TIMEOUT`.
    package let transport: CurlTransport.Options

    /// Where a token was found, in words; `nil` where there is none.
    package let tokenPlace: String?

    /// Reads an environment, and the file that it says the token is in.
    package init(environment: [String: String]) {
        func said(_ name: String) -> String? { environment[name].map(\.trimmed).flatMap { $0.isEmpty ? nil : $0 } }
        var address = said("HF_ENDPOINT") ?? "https://huggingface.co"
        while address.hasSuffix("/") { address.removeLast() }
        endpoint = address
        offlineSwitch = HubCache(environment: environment).offlineSwitch
        var options = CurlTransport.Options()
        options.connectSeconds = said("HF_HUB_ETAG_TIMEOUT").flatMap { Int($0) }.map { max(1, $0) } ?? 10
        options.silenceSeconds = said("HF_HUB_DOWNLOAD_TIMEOUT").flatMap { Int($0) }.map { max(1, $0) } ?? 20
        options.certificates = said("CURL_CA_BUNDLE") ?? said("REQUESTS_CA_BUNDLE") ?? said("SSL_CERT_FILE")
        transport = options
        let found = Self.token(environment)
        token = found?.token
        tokenPlace = found?.place
    }

    private static func token(_ environment: [String: String]) -> (token: String, place: String)? {
        if ["1", "ON", "YES", "TRUE"].contains(environment["HF_HUB_DISABLE_IMPLICIT_TOKEN"]?.uppercased()) {
            return nil
        }
        for name in ["HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"] {
            if let token = environment[name].flatMap(usable) { return (token, name) }
        }
        let path = HubCache.tokenPath(environment: environment)
        guard let bytes = try? FileSystem.read(path, limit: 1 << 16),
            let token = usable(String(decoding: bytes, as: UTF8.self))
        else { return nil }
        return (token, path.string)
    }

    /// A token as it can stand in a header; another sign in it would end the line.
    private static func usable(_ text: String) -> String? {
        let token = text.trimmed
        return !token.isEmpty && token.utf8.allSatisfy { (0x21...0x7E).contains($0) } ? token : nil
    }
}
