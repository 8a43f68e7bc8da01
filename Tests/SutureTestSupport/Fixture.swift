/// Files that tests read, found from where this source file lies; there is no resource bundle.
package enum Fixture {
    /// The folder `Tests/Fixtures`.
    package static let folder: String = {
        let parts = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(2)
        return parts.joined(separator: "/") + "/Fixtures"
    }()

    /// The path of a fixture.
    package static func path(_ relative: String) -> String { folder + "/" + relative }
}
