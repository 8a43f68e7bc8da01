package import SutureDiagnostics
import SystemPackage

/// Where models are that lie neither in a folder nor whole in the hub cache.
package protocol ModelHub: Sendable {
    /// The files of a model, of which the small ones are in the hub cache when this returns.
    ///
    /// - Parameters:
    ///   - id: The model.
    ///   - revision: A branch, a tag or a commit; `main` where it is `nil`.
    ///   - cache: The cache that small files are put into.
    /// - Returns: The files, and the snapshot that they belong to; `nil` where the hub may not be asked and knows nothing
    ///   of the model.
    /// - Throws: `Diagnostics` with what the hub said.
    func model(
        _ id: HubID,
        revision: String?,
        in cache: HubCache
    ) throws(Diagnostics) -> (files: any ModelFiles, snapshot: HubCache.Snapshot)?
}

extension HubCache.Snapshot {
    /// Whether all that is read of a model, or of an adapter, is there.
    var isWhole: Bool {
        func isFile(_ name: String) -> Bool { (try? FileSystem.kind(of: folder.appending(name))) == .file }
        if isFile("adapter_config.json") { return Adapter.weightNames.contains(where: isFile) }
        guard isFile("config.json"), let names = try? WeightFiles.names(of: LocalModel(folder)) else { return false }
        return names.allSatisfy { name in WeightPackings.spellings(name).contains(where: isFile) }
    }
}
