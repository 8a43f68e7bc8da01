import SutureMergekit
public import SutureMerging

extension MergeRegistry {
    /// All methods, and the numbers of mergekit's releases for whoever asks for them.
    package static let standard = MergeRegistry(MergeRegistry.documented.methods, emulation: Mergekit())
}

extension MergeRelease {
    /// The releases of other programs whose numbers can be had, the oldest first.
    public static var all: [MergeRelease] { MergeRegistry.standard.releases }
}
