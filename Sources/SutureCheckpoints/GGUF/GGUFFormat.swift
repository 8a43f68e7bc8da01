package import SutureDiagnostics

/// GGUF: keys and values that say what the model is, a list of tensors, and their data.
package struct GGUFFormat: WeightFormat {
    /// What its files are called; those of others may have any name before the ending.
    package static let naming = WeightNaming(stem: "model", suffix: ".gguf")
    package var naming: WeightNaming { Self.naming }
    package let isPacked = false

    package func readHeader(of source: any ByteSource) throws(Diagnostics) -> WeightHeader {
        let header = try GGUFHeader.read(source)
        return WeightHeader(entries: header.entries, gguf: header.metadata)
    }
}
