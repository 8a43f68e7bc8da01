/// A release of mergekit whose numbers can be computed.
public enum MergekitVersion: String, CaseIterable, Comparable, Sendable {
    /// The release of October 2025, and what was called so until the next one.
    case v014 = "0.1.4"

    /// The release of October 2026.
    case v015 = "0.1.5"

    /// The newest release that is known.
    public static let newest = MergekitVersion.v015

    /// The release of a name such as `mergekit-0.1.4`; `nil` where none is known by it.
    public init?(name: String) {
        guard let version = MergekitVersion.allCases.first(where: { $0.name == name }) else { return nil }
        self = version
    }

    /// The name on the command line, in plans and in manifests, such as `mergekit-0.1.4`.
    public var name: String { "mergekit-\(rawValue)" }

    /// The order of the releases.
    public static func < (a: MergekitVersion, b: MergekitVersion) -> Bool {
        allCases.firstIndex(of: a) ?? 0 < allCases.firstIndex(of: b) ?? 0
    }
}
