/// A form in which a weight file is stored inside another file, and read by range through it.
package protocol WeightPacking: Sendable {
    /// The endings that a packed file has after its own name, the more special ones first.
    var endings: [String] { get }

    /// Sees a packed file as what is in it.
    ///
    /// - Parameters:
    ///   - file: The file as it is stored.
    ///   - frames: Where what has been restored is kept while it may be wanted again.
    /// - Returns: The content.
    /// - Throws: ``FileError`` with `corrupt` where it is no good.
    func open(_ file: any ByteSource, keeping frames: FrameCache) throws(FileError) -> any ByteSource
}

/// The forms in which weight files are packed, and what their names say.
package enum WeightPackings {
    /// All of them.
    package static let all: [any WeightPacking] = [ZstdPacking()]

    /// The name of the weight file that is packed in a file of a name, and how; `nil` where it holds none.
    private static func parted(_ name: String) -> (content: String, packing: any WeightPacking)? {
        for packing in all {
            guard let ending = packing.endings.first(where: { name.hasSuffix($0) }) else { continue }
            let content = String(name.dropLast(ending.count))
            return WeightFormats.of(content).map { $0.isPacked ? (content, packing) : nil } ?? nil
        }
        return nil
    }

    /// The name of the weight file that is packed in a file of a name, or `nil` where it holds none.
    package static func content(of name: String) -> String? { parted(name)?.content }

    /// The names that a weight file may have: its own, and those that say that it is packed.
    package static func spellings(_ name: String) -> [String] { [name] + all.flatMap(\.endings).map { name + $0 } }

    /// Sees a file as the bytes that tensors lie in, whatever the form in which its name says that it is stored.
    ///
    /// - Throws: ``FileError`` with `corrupt` where it is packed and no good.
    package static func content(
        of file: any ByteSource,
        called name: String,
        keeping frames: FrameCache
    ) throws(FileError) -> any ByteSource {
        guard let packing = parted(name)?.packing else { return file }
        return try packing.open(file, keeping: frames)
    }
}
