package import SutureDiagnostics
package import SutureTensors
package import SystemPackage

/// One file that holds tensors, of which only what says where they lie has been read.
package struct WeightFile: Sendable {
    /// A tensor and where its bytes are in the file's content.
    package struct Entry: Hashable, Sendable {
        /// Name, dtype and shape.
        package let spec: TensorSpec

        /// The first byte.
        package let offset: Int

        /// The steps between neighbours along each dimension, in elements; `nil` where they follow each other.
        package let strides: [Int]?
    }

    /// The file.
    package let file: CheckpointFile

    /// Its tensors, in the order of their bytes.
    package let entries: [Entry]

    /// Its keys, where it is a GGUF file.
    package let gguf: GGUFMetadata?

    /// Its tensors, as those of the file of a number.
    package func tensors(ofFile number: Int) -> [StoredTensor] {
        entries.map { StoredTensor(spec: $0.spec, file: number, offset: $0.offset, strides: $0.strides) }
    }

    /// Reads where the tensors of a file lie, by the format that its name says.
    ///
    /// - Parameters:
    ///   - file: The file as it is stored.
    ///   - name: Its name relative to the checkpoint's folder.
    /// - Returns: The file and its tensors.
    /// - Throws: `Diagnostics` with everything that is wrong with it.
    package static func read(_ file: any ByteSource, called name: String) throws(Diagnostics) -> WeightFile {
        if file.isPointer { throw Diagnostics([.pointerOfGit(file.path)]) }
        let content: any ByteSource
        do throws(FileError) {
            content = try WeightPackings.content(of: file, called: name, keeping: FrameCache())
        } catch { throw Diagnostics([error.diagnostic]) }
        let format = WeightFormats.of(WeightPackings.content(of: name) ?? name) ?? SafetensorsFormat()
        let header = try format.readHeader(of: content)
        let stored = CheckpointFile(
            name: name,
            path: file.path,
            byteCount: file.byteCount,
            version: file.version,
            unpackedByteCount: content === file ? nil : content.byteCount,
            sha256: file.knownSHA256,
            headerMetadata: header.metadata
        )
        return WeightFile(file: stored, entries: header.entries, gguf: header.gguf)
    }

    /// Reads where the tensors of a file of this machine lie.
    package static func read(_ path: FilePath, called name: String) throws(Diagnostics) -> WeightFile {
        let file: InputFile
        do throws(FileError) { file = try InputFile(path) } catch { throw Diagnostics([error.diagnostic]) }
        return try read(file, called: name)
    }
}

extension ByteSource {
    /// Whether it is what Git keeps in place of a large file (Git LFS): three lines of text.
    fileprivate var isPointer: Bool {
        let start = Array("version https://git-lfs.github.com/spec/".utf8)
        guard (start.count..<1024).contains(byteCount) else { return false }
        return (try? read(0..<start.count)) == start
    }
}

extension Diagnostic {
    fileprivate static func pointerOfGit(_ path: FilePath) -> Diagnostic {
        Diagnostic(
            code: "weights-not-fetched",
            "the file is Git LFS' pointer to the weights, and the weights are not here",
            at: .file(path.string, tensor: nil),
            fix: FixIt("fetch them with 'git lfs pull', or 'hf download'")
        )
    }
}
