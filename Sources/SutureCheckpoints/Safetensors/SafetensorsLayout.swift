import SutureDiagnostics
import SutureJSON
package import SutureTensors

/// Where everything in a safetensors file will lie, known before a byte of data is.
package struct SafetensorsLayout: Hashable, Sendable {
    /// The tensors and their bytes, counted from the end of the header.
    package let entries: [SafetensorsHeader.Entry]

    /// All bytes before the data: the length, the JSON text and the spaces that pad it.
    package let header: [UInt8]

    /// The length of the file in bytes.
    package let byteCount: Int

    /// The first byte of tensor data in the file.
    package var dataStart: Int { header.count }

    /// The first byte of an entry's data in the file.
    package func offset(of entry: Int) -> Int { dataStart + entries[entry].byteRange.lowerBound }

    /// Lays a file out.
    ///
    /// - Parameters:
    ///   - specs: The tensors in the order in which they will lie.
    ///   - metadata: What `__metadata__` will say, in that order; loaders look for `format`.
    ///   - alignment: What the start of the data is counted in. 4096 lets file systems share blocks
    ///     and readers map pages; 8 is what the reference writer does.
    ///   - residue: What is left when the start of the data is divided by `alignment`; a multiple of 8
    ///     keeps the header's length one.
    /// - Throws: ``SafetensorsLayoutError``.
    /// - Precondition: `alignment` is at least 1 and `residue` in `0..<alignment`.
    package init(
        _ specs: [TensorSpec],
        metadata: [(key: String, value: String)] = [("format", "pt")],
        alignment: Int = 4096,
        residue: Int = 0
    ) throws(SafetensorsLayoutError) {
        precondition(alignment >= 1 && (0..<alignment).contains(residue), "residue must lie in 0..<alignment")
        var names: Set<ExactKey> = []
        var entries: [SafetensorsHeader.Entry] = []
        entries.reserveCapacity(specs.count)
        var text = "{"
        if !metadata.isEmpty {
            text += "\"__metadata__\":"
            text += JSONPrinter.print(
                .object(JSONObject(metadata.map { JSONObject.Member($0.key, .string($0.value)) }))
            )
        }
        var end = 0
        for spec in specs {
            guard names.insert(ExactKey(spec.name)).inserted, spec.name != "__metadata__" else {
                throw .duplicateName(spec.name)
            }
            let start = end
            guard case (let sum, false) = start.addingReportingOverflow(spec.byteCount), sum < 1 << 62 else {
                throw .tooLarge
            }
            end = sum
            entries.append(SafetensorsHeader.Entry(spec: spec, byteRange: start..<end))
            if text.utf8.count > 1 { text += "," }
            JSONPrinter.write(spec.name, to: &text)
            let shape = spec.shape.dimensions.map(String.init).joined(separator: ",")
            text += ":{\"dtype\":\"\(spec.dtype.rawValue)\",\"shape\":[\(shape)],\"data_offsets\":[\(start),\(end)]}"
        }
        text += "}"
        let unpadded = 8 + text.utf8.count
        let padding = ((residue - unpadded) % alignment + alignment) % alignment
        let length = text.utf8.count + padding
        guard length <= SafetensorsHeader.byteLimit else { throw .headerTooLarge(byteCount: length) }
        var header = (0..<8).map { UInt8(truncatingIfNeeded: length >> ($0 * 8)) }
        header.reserveCapacity(8 + length)
        header += text.utf8
        header += repeatElement(UInt8(ascii: " "), count: padding)
        self.entries = entries
        self.header = header
        byteCount = header.count + end
    }
}

/// Why tensors cannot lie in one safetensors file.
package enum SafetensorsLayoutError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Two tensors have one name, or one has a name that the format keeps for itself.
    case duplicateName(String)

    /// Their bytes do not fit in any file.
    case tooLarge

    /// Their names and shapes take more bytes than a header may have.
    case headerTooLarge(byteCount: Int)

    /// The error in words.
    package var description: String {
        switch self {
        case .duplicateName(let name): "the tensor name '\(excerpt(name))' is taken already"
        case .tooLarge: "the tensors are larger than any file"
        case .headerTooLarge(let count):
            "the header would take \(count) bytes, more than the \(SafetensorsHeader.byteLimit) that safetensors allows"
        }
    }
}
