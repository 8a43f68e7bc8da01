/// A release of another program, whose numbers may be asked for instead of the documented ones.
public struct MergeRelease: Hashable, Sendable {
    /// The program, such as `mergekit`.
    public let program: String

    /// Its version, such as `0.1.4`.
    public let version: String

    /// Names a release.
    package init(_ program: String, _ version: String) {
        self.program = program
        self.version = version
    }

    /// The release of a name such as `mergekit-0.1.4`; `nil` where it is no such name.
    public init?(name: String) {
        guard let dash = name.lastIndex(of: "-"), dash != name.startIndex, name.index(after: dash) != name.endIndex
        else { return nil }
        self.init(String(name[..<dash]), String(name[name.index(after: dash)...]))
    }

    /// The name on the command line, in plans and in manifests, such as `mergekit-0.1.4`.
    public var name: String { "\(program)-\(version)" }
}
