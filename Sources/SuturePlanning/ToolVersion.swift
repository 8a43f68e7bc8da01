/// The name and version that outputs carry.
public enum ToolVersion {
    /// The version, as `suture --version` prints it.
    public static let number = "0.1.0"

    /// Name and version.
    public static let text = "suture " + number
}
