package import SystemPackage

/// The files of one model, wherever they lie.
///
/// The small ones (config, tokenizer) are files of a folder of this machine; weights may be read from elsewhere.
package protocol ModelFiles: Sendable {
    /// The folder that holds the small files.
    var folder: FilePath { get }

    /// The names of its weight files, where the model is named by one of them; `nil` where the listing says them.
    var weightNames: [String]? { get }

    /// The names of its files and folders, those of weights included.
    func list() throws(FileError) -> [String]

    /// Opens a file.
    ///
    /// - Throws: ``FileError``, with `noSuchFileOrDirectory` where there is none of the name.
    func open(_ name: String) throws(FileError) -> any ByteSource
}

extension ModelFiles {
    package var weightNames: [String]? { nil }
}

/// A model that is a folder of this machine.
package struct LocalModel: ModelFiles {
    package let folder: FilePath
    package let weightNames: [String]?

    /// Sees a folder, or some files of it, as a model.
    package init(_ folder: FilePath, weightNames: [String]? = nil) {
        self.folder = folder
        self.weightNames = weightNames
    }

    package func list() throws(FileError) -> [String] { try FileSystem.list(folder) }

    package func open(_ name: String) throws(FileError) -> any ByteSource { try InputFile(folder.appending(name)) }
}
