package import SutureCheckpoints
package import SutureDiagnostics
import SutureExecution

/// Why the hub gave nothing.
package struct HubFailure: Error, Hashable, Sendable {
    /// The reason in words.
    package let diagnostic: Diagnostic

    /// What a caller can do about it.
    package let help: FileError.Help

    /// The disk's refusal, where it was the disk that took nothing.
    var refusal: FileError?

    init(_ help: FileError.Help, _ diagnostic: Diagnostic) {
        self.help = help
        self.diagnostic = diagnostic
    }

    /// The exit code that messages ask for, where one of them is about the hub: 2 where this machine has to be seen to,
    /// 3 where trying again may help.
    package static func exitCode(of diagnostics: [Diagnostic]) -> Int32? {
        let codes = Set(diagnostics.filter { $0.severity == .error }.map(\.code))
        // What has to be put right first counts.
        guard codes.isSubset(of: retried.union(machine)), !codes.isEmpty else { return nil }
        return codes.isDisjoint(with: machine) ? 3 : 2
    }

    private static let retried: Set = [
        "hub-busy", "hub-down", "hub-unreachable", "hub-cut", "hub-corrupt", "cancelled",
    ]
    private static let machine: Set = ["hub-encryption", "hub-proxy", "hub-address", "hub-no-room"]
}

/// Something on the hub that messages speak of.
package struct HubPlace: Hashable, Sendable {
    /// The model.
    package let id: HubID

    /// The revision that was asked for.
    let revision: String?

    /// The file in it.
    var file: String?

    /// The file's name on the hub.
    var text: String { id.text + (file.map { "/" + $0 } ?? "") }

    var place: Diagnostic.Place { .file(text, tensor: nil) }
}

extension HubFailure {
    /// What an answer that is none says.
    static func refused(
        _ response: HTTPResponse,
        _ place: HubPlace,
        _ settings: HubSettings,
        near: String?
    ) -> HubFailure {
        let code = response.headers["x-error-code"] ?? ""
        let (id, page) = (place.id, "\(settings.endpoint)/\(place.id)")
        let notes = near.map { [Diagnostic.Note("'\($0)' is in the cache", at: nil)] } ?? []
        func failure(_ help: FileError.Help, _ code: String, _ words: String, _ fix: String?) -> HubFailure {
            let fix = fix.map { Diagnostic.FixIt($0) }
            return HubFailure(help, Diagnostic(code: code, words, at: place.place, fix: fix))
        }
        switch (response.status, code) {
        case (401, "GatedRepo"):
            return failure(
                .model,
                "model-gated",
                "'\(id)' is gated: the hub gives it only to those who accepted its terms, and "
                    + (settings.tokenPlace.map { "does not know the token of \($0)" } ?? "nobody said who asks"),
                "ask for access at \(page), then set HF_TOKEN or run `hf auth login`"
            )
        case (403, "GatedRepo"):
            return failure(
                .model,
                "model-gated",
                "'\(id)' is gated, and the owner of the token of \(settings.tokenPlace ?? "nobody") has no access yet",
                "ask for access at \(page), and wait until it is granted"
            )
        case (404, "RevisionNotFound"):
            let fact = "'\(id)' is on the hub, but has no revision '\(excerpt(place.revision ?? "main"))'"
            let fix = Diagnostic.FixIt("look at \(page)/commits/main for what there is")
            return HubFailure(.model, .revisionNotFound(fact, at: place.text, fix: fix))
        case (404, "EntryNotFound"):
            return failure(.model, "hub-file-missing", "the hub lists the file and does not have it", "try again later")
        case (401, "RepoNotFound"), (404, _):
            let isAnyone = settings.tokenPlace == nil
            let fact =
                "'\(id)' is no folder here, and \(settings.endpoint) has no such model"
                + (isAnyone ? " or shows it only to those who may see it" : "")
            let fix =
                isAnyone ? "check the name; for a private model set HF_TOKEN" : "check the name, and whose token it is"
            return HubFailure(.model, .modelNotFound(fact, at: place.text, fix: Diagnostic.FixIt(fix), notes: notes))
        case (401, _):
            return failure(
                .model,
                "hub-token",
                settings.tokenPlace.map { "the hub does not know the token of \($0)" }
                    ?? "the hub answers only those who say who they are",
                "make a token at \(settings.endpoint)/settings/tokens, and set HF_TOKEN"
            )
        case (403, _):
            let who = settings.tokenPlace.map { "the token of \($0)" } ?? "nobody in particular"
            return failure(
                .model,
                "hub-forbidden",
                "the hub refuses '\(id)' to \(who)",
                "check what the token may read"
            )
        case (429, _):
            let reset = RateLimit.seconds(in: response.headers).map { "; it takes requests again in \($0) s" } ?? ""
            let fix = settings.tokenPlace == nil ? "try again later; with a token more is allowed" : "try again later"
            return failure(.retry, "hub-busy", "the hub has had too many requests from here\(reset)", fix)
        case (500..., _):
            return failure(.retry, "hub-down", "the hub is out of order (status \(response.status))", "try again later")
        default:
            return failure(.model, "hub-answer", "the hub answers with status \(response.status)", "check HF_ENDPOINT")
        }
    }

    /// Why no answer came.
    static func silent(_ error: HTTPError, host: String, _ place: HubPlace) -> HubFailure {
        func failure(_ help: FileError.Help, _ code: String, _ words: String, _ fix: String) -> HubFailure {
            let fix = Diagnostic.FixIt(fix)
            return HubFailure(help, Diagnostic(code: code, "\(words): \(error.words)", at: place.place, fix: fix))
        }
        let network = "check the network; HF_HUB_OFFLINE=1 takes what is in the cache"
        return switch error.kind {
        case .name: failure(.retry, "hub-unreachable", "no address is known of the host \(host)", network)
        case .connection: failure(.retry, "hub-unreachable", "\(host) cannot be reached", network)
        case .timeout: failure(.retry, "hub-unreachable", "\(host) does not answer", network)
        case .cut: failure(.retry, "hub-cut", "\(host) ended its answers early, again and again", "try again later")
        case .proxy: failure(.system, "hub-proxy", "the proxy does not work", "check https_proxy and no_proxy")
        case .address: failure(.system, "hub-address", "'\(host)' is no address", "check HF_ENDPOINT")
        case .encryption:
            failure(
                .system,
                "hub-encryption",
                "\(host) cannot prove who it is",
                "check this machine's clock and certificates; SSL_CERT_FILE names others"
            )
        case .forbidden: .offline(place, error.words)
        case .stopped:
            HubFailure(
                .retry,
                .cancelled("stopped, as asked, and what was fetched is kept", at: place.place)
            )
        }
    }

    /// What a hub says that does not fit what it said before.
    static func changed(_ place: HubPlace, _ words: String) -> HubFailure {
        let fix = Diagnostic.FixIt("plan again; what was fetched of the file before is not used")
        return HubFailure(.model, .sourceChanged(place.text, words, fix: fix))
    }

    static func ignoresRange(_ place: HubPlace, host: String) -> HubFailure {
        let words = "\(host) sends the whole file where a part was asked for"
        let fix = Diagnostic.FixIt("check HF_ENDPOINT, or get the model with `hf download \(place.id)`")
        return HubFailure(.model, Diagnostic(code: "hub-ignores-range", words, at: place.place, fix: fix))
    }

    static func strange(_ place: HubPlace, _ words: String) -> HubFailure {
        let fix = Diagnostic.FixIt("check HF_ENDPOINT")
        return HubFailure(.model, Diagnostic(code: "hub-answer", words, at: place.place, fix: fix))
    }

    static func offline(_ place: HubPlace, _ switchName: String) -> HubFailure {
        let words = "a part of the file is not here, and \(switchName) forbids to fetch it"
        let fix = Diagnostic.FixIt("fetch it first: 'suture fetch RECIPE'")
        return HubFailure(.model, Diagnostic(code: "hub-offline", words, at: place.place, fix: fix))
    }
}
