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

    /// Its tensors, as those of the file of a number.
    package func tensors(ofFile number: Int) -> [StoredTensor] {
        entries.map { StoredTensor(spec: $0.spec, file: number, offset: $0.offset, strides: $0.strides) }
    }

    /// Reads where the tensors of a file lie, by the format that its name says.
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - name: Its name relative to the checkpoint's folder.
    /// - Returns: The file and its tensors.
    /// - Throws: `Diagnostics` with everything that is wrong with it.
    package static func read(_ path: FilePath, called name: String) throws(Diagnostics) -> WeightFile {
        let file: InputFile
        let content: ContentFile
        do throws(FileError) { file = try InputFile(path) } catch { throw Diagnostics([error.diagnostic]) }
        if file.isPointer { throw Diagnostics([.pointerOfGit(path)]) }
        do throws(FileError) {
            let isPacked = PackedName.content(of: name) != nil
            content = isPacked ? try ContentFile(packed: file, keeping: FrameCache()) : ContentFile(file)
        } catch { throw Diagnostics([error.diagnostic]) }
        return name.hasSuffix(".bin") ? try readTorch(file, called: name) : try readSafetensors(content, called: name)
    }

    private static func readTorch(_ file: InputFile, called name: String) throws(Diagnostics) -> WeightFile {
        let entries = try TorchFile.read(file)
        return WeightFile(file: CheckpointFile(file, called: name), entries: entries)
    }

    private static func readSafetensors(_ content: ContentFile, called name: String) throws(Diagnostics) -> WeightFile {
        let header = try SafetensorsHeader.read(content, called: content.file.path.string)
        return WeightFile(
            file: CheckpointFile(
                content.file,
                called: name,
                headerMetadata: header.metadata,
                unpackedByteCount: content.layout?.contentByteCount
            ),
            entries: header.entries.map {
                Entry(spec: $0.spec, offset: header.dataStart + $0.byteRange.lowerBound, strides: nil)
            }
        )
    }
}

extension CheckpointFile {
    /// A file as it is now.
    fileprivate init(
        _ file: InputFile,
        called name: String,
        headerMetadata: [String: String] = [:],
        unpackedByteCount: Int? = nil
    ) {
        self.init(
            name: name,
            path: file.path,
            byteCount: file.byteCount,
            identity: file.identity,
            unpackedByteCount: unpackedByteCount,
            sha256: HubCache.sha256(of: file.path),
            headerMetadata: headerMetadata
        )
    }
}

extension InputFile {
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
