package import SutureDiagnostics

/// A format in which weights are stored: how its files are called, and how to read where tensors lie in one.
package protocol WeightFormat: Sendable {
    /// What the files of a checkpoint are called.
    var naming: WeightNaming { get }

    /// Whether its files may be packed in others.
    var isPacked: Bool { get }

    /// Reads what says where the tensors lie, and none of their bytes.
    ///
    /// - Parameter source: The file's bytes.
    /// - Returns: The tensors in the order of their bytes, and what else the header says.
    /// - Throws: `Diagnostics` with every way in which the file lies.
    func readHeader(of source: any ByteSource) throws(Diagnostics) -> WeightHeader
}

/// The formats of weights, the preferred ones first: where a folder holds several, the first is taken.
package enum WeightFormats {
    /// All of them.
    package static let all: [any WeightFormat] = [SafetensorsFormat(), TorchFormat(), GGUFFormat()]

    /// The format of a file of a name.
    package static func of(_ name: String) -> (any WeightFormat)? {
        all.first { name.hasSuffix($0.naming.suffix) }
    }
}

/// What a weight file's header says.
package struct WeightHeader: Hashable, Sendable {
    /// The tensors, in the order of their bytes.
    package let entries: [WeightFile.Entry]

    /// What else it says, by key.
    package var metadata: [String: String] = [:]

    /// The keys of a GGUF file.
    package var gguf: GGUFMetadata?
}
