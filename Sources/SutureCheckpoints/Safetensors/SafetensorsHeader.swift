package import SutureDiagnostics
import SutureJSON
package import SutureTensors
import SystemPackage

/// What the header of a safetensors file says, checked against itself and the file's length.
///
/// The format: eight bytes with the header's length, little-endian; the header, a JSON object; then
/// the bytes of all tensors, touching, in any order. A header that exists here is true to the file:
/// its tensors cover the bytes after it without a hole or an overlap.
package struct SafetensorsHeader: Hashable, Sendable {
    /// A tensor and its bytes, counted from the end of the header.
    package struct Entry: Hashable, Sendable {
        /// Name, dtype and shape.
        package let spec: TensorSpec

        /// Its bytes, counted from the end of the header.
        package let byteRange: Range<Int>
    }

    /// The most bytes a header may have.
    package static let byteLimit = 100_000_000

    /// The tensors in the order of their bytes.
    package let entries: [Entry]

    /// What `__metadata__` says.
    package let metadata: [String: String]

    /// The first byte of tensor data in the file.
    package let dataStart: Int

    /// Reads the header of a file, and none of its data.
    ///
    /// - Parameters:
    ///   - file: The file.
    ///   - name: What the file is called in messages.
    /// - Returns: The header.
    /// - Throws: `Diagnostics` with every way in which the header lies.
    package static func read(_ file: any ByteSource, called name: String) throws(Diagnostics) -> SafetensorsHeader {
        guard file.byteCount >= 8 else { throw Diagnostics([.safetensorsTooShort(name, byteCount: file.byteCount)]) }
        let dataLimit = file.byteCount - 8
        let length = try bytes(0..<8, of: file).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        guard length <= UInt64(byteLimit) else { throw Diagnostics([.headerTooLarge(name, length)]) }
        let byteCount = Int(length)
        guard byteCount > 0 else { throw Diagnostics([.headerEmpty(name)]) }
        guard byteCount <= dataLimit else { throw Diagnostics([.headerPastEnd(name, byteCount, limit: dataLimit)]) }
        return try parse(bytes(8..<8 + byteCount, of: file), dataByteCount: dataLimit - byteCount, called: name)
    }

    private static func bytes(_ range: Range<Int>, of file: any ByteSource) throws(Diagnostics) -> [UInt8] {
        do throws(FileError) { return try file.read(range) } catch { throw Diagnostics([error.diagnostic]) }
    }

    /// Reads the text of a header.
    ///
    /// - Parameters:
    ///   - text: The header without the eight bytes before it.
    ///   - dataByteCount: The bytes that follow it in the file.
    ///   - name: What the file is called in messages.
    /// - Returns: The header.
    /// - Throws: `Diagnostics` with every way in which the header lies.
    package static func parse(
        _ text: [UInt8],
        dataByteCount: Int,
        called name: String
    ) throws(Diagnostics) -> SafetensorsHeader {
        var parser = SafetensorsHeaderParser(name: name)
        do throws(JSONError) { try parser.read(text) } catch {
            parser.faults.append(.headerNotJSON(name, error))
            throw parser.faults.diagnostics
        }
        // Where an entry could not be understood its bytes would seem to be a hole.
        if parser.faults.isEmpty { parser.checkCoverage(dataByteCount: dataByteCount) }
        guard parser.faults.isEmpty else { throw parser.faults.diagnostics }
        return SafetensorsHeader(entries: parser.entries, metadata: parser.metadata, dataStart: 8 + text.count)
    }
}

extension Diagnostic {
    fileprivate static func safetensorsTooShort(_ file: String, byteCount: Int) -> Diagnostic {
        let message = "the file has \(byteCount) bytes, too few for the length of a safetensors header"
        return Diagnostic(code: "safetensors-truncated", message, at: .file(file, tensor: nil))
    }

    fileprivate static func headerTooLarge(_ file: String, _ length: UInt64) -> Diagnostic {
        let limit = SafetensorsHeader.byteLimit
        return Diagnostic(
            code: "safetensors-header-too-large",
            "the header claims \(length) bytes, more than the \(limit) that safetensors allows",
            at: .file(file, tensor: nil),
            fix: FixIt("this is probably no safetensors file; check what was downloaded")
        )
    }

    fileprivate static func headerEmpty(_ file: String) -> Diagnostic {
        Diagnostic(code: "safetensors-header-empty", "the header claims 0 bytes", at: .file(file, tensor: nil))
    }

    fileprivate static func headerPastEnd(_ file: String, _ length: Int, limit: Int) -> Diagnostic {
        Diagnostic(
            code: "safetensors-truncated",
            "the header claims \(length) bytes, but the file has only \(limit) after its length",
            at: .file(file, tensor: nil),
            fix: FixIt("download the file again")
        )
    }

    fileprivate static func headerNotJSON(_ file: String, _ error: JSONError) -> Diagnostic {
        Diagnostic(
            code: "safetensors-header-not-json",
            "the header is not JSON: \(error.message) (byte \(error.byteOffset) of the header)",
            at: .file(file, tensor: nil)
        )
    }
}
