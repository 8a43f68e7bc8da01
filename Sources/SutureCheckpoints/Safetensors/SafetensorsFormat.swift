package import SutureDiagnostics
import SystemPackage

/// Safetensors: a header in JSON, then the tensors one after the other.
package struct SafetensorsFormat: WeightFormat {
    /// What its files are called.
    package static let naming = WeightNaming(stem: "model", suffix: ".safetensors")
    package var naming: WeightNaming { Self.naming }
    package let isPacked = true

    package func readHeader(of source: any ByteSource) throws(Diagnostics) -> WeightHeader {
        let header = try SafetensorsHeader.read(source, called: source.path.string)
        return WeightHeader(
            entries: header.entries.map {
                WeightFile.Entry(spec: $0.spec, offset: header.dataStart + $0.byteRange.lowerBound, strides: nil)
            },
            metadata: header.metadata
        )
    }
}
