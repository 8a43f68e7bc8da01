package import SutureDiagnostics
package import SutureTensors
import SystemPackage

/// Safetensors: a header in JSON, then the tensors one after the other.
package struct SafetensorsFormat: WeightFormat, OutputFormat {
    /// What its files are called.
    package static let naming = WeightNaming(stem: "model", suffix: ".safetensors")
    package var naming: WeightNaming { Self.naming }
    package let name = "safetensors"
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

    package func preamble(_ whole: [UInt8], ofShard number: Int, of count: Int, tensors: Int) -> [UInt8] { [] }

    package func layOut(
        _ specs: [TensorSpec],
        _ start: DataStart,
        preamble: [UInt8]
    ) throws(OutputFormatError) -> FileLayout {
        if let odd = specs.first(where: { $0.dtype.isGGML }) {
            throw OutputFormatError("'\(excerpt(odd.name))' is \(odd.dtype.rawValue), which safetensors does not know")
        }
        let layout: SafetensorsLayout
        do throws(SafetensorsLayoutError) {
            switch start {
            case .aligned(let alignment, let residue):
                layout = try SafetensorsLayout(specs, alignment: alignment, residue: residue)
            // A header of just that length, or, where it does not fit in there, of twice that.
            case .at(let place): layout = try SafetensorsLayout(specs, alignment: max(1, place))
            }
        } catch { throw OutputFormatError(error.description) }
        return FileLayout(
            header: layout.header,
            offsets: layout.entries.indices.map(layout.offset),
            byteCount: layout.byteCount
        )
    }

    package func index(
        of entries: [ShardIndex.Entry],
        totalParameters: Int,
        totalSize: Int
    ) -> (name: String, text: String)? {
        (naming.index, ShardIndex(entries, totalParameters: totalParameters, totalSize: totalSize).text)
    }
}
