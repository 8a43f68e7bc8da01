package import SutureDiagnostics

/// What `torch.save` writes, read without torch.
package struct TorchFormat: WeightFormat {
    /// What its files are called.
    package static let naming = WeightNaming(stem: "pytorch_model", suffix: ".bin")
    package var naming: WeightNaming { Self.naming }
    package let isPacked = false

    package func readHeader(of source: any ByteSource) throws(Diagnostics) -> WeightHeader {
        WeightHeader(entries: try TorchFile.read(source))
    }
}
