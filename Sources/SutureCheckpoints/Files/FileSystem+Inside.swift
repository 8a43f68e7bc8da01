extension FileSystem {
    /// Whether a name that a file or a hub gives leads to a file inside the folder that it is named for.
    package static func staysInside(_ name: String) -> Bool {
        guard !name.isEmpty, !name.utf8.contains(0), !name.hasPrefix("/") else { return false }
        return name.split(separator: "/", omittingEmptySubsequences: false).allSatisfy {
            !$0.isEmpty && $0 != "." && $0 != ".."
        }
    }
}
