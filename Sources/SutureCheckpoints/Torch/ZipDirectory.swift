import SutureDiagnostics
import SystemPackage

/// What the central directory of a zip file says, checked against itself and the file's length.
///
/// Only what torch writes is taken: entries stored as they are, none over another. ZIP64 is known, encryption,
/// compression and archives in parts are refused. Nothing is unpacked, so nothing can grow.
struct ZipDirectory: Sendable {
    /// A file in the archive.
    struct Entry: Hashable, Sendable {
        /// Its name.
        let name: String

        /// Its bytes in the archive.
        let range: Range<Int>
    }

    /// The files by their names.
    let entries: [String: Entry]

    private static let mostEntries = 2_000_000
    private static let mostDirectoryBytes = 256 << 20

    /// Reads the directory of an archive, and the short header before each entry.
    ///
    /// - Throws: `Diagnostics` with the first fault.
    static func read(_ file: any ByteSource) throws(Diagnostics) -> ZipDirectory {
        do throws(ZipError) {
            return try Reader(file: file).directory()
        } catch { throw Diagnostics([error.diagnostic(file.path)]) }
    }

    private struct Reader {
        let file: any ByteSource

        func directory() throws(ZipError) -> ZipDirectory {
            let end = try end()
            guard end.count <= ZipDirectory.mostEntries, end.directory.count <= ZipDirectory.mostDirectoryBytes else {
                throw ZipError("its directory claims \(end.count) entries in \(end.directory.count) bytes")
            }
            let bytes = try bytes(end.directory)
            var place = 0
            var found: [(name: String, range: Range<Int>, header: Int)] = []
            found.reserveCapacity(min(end.count, bytes.count / 46))
            for _ in 0..<end.count {
                guard bytes.count - place >= 46, number(bytes, place, 4) == 0x0201_4B50 else {
                    throw ZipError("its directory ends after \(found.count) of \(end.count) entries")
                }
                try found.append(entry(bytes, &place, before: end.directory.lowerBound))
            }
            try checkOverlaps(found.map { $0.header..<$0.range.upperBound })
            var entries: [String: Entry] = [:]
            for entry in found where !entry.name.hasSuffix("/") {
                guard entries.updateValue(Entry(name: entry.name, range: entry.range), forKey: entry.name) == nil else {
                    throw ZipError("it has two entries called '\(excerpt(entry.name))'")
                }
            }
            return ZipDirectory(entries: entries)
        }

        /// Entries that share bytes are how a small archive pretends to be a large one.
        private func checkOverlaps(_ ranges: [Range<Int>]) throws(ZipError) {
            let sorted = ranges.sorted { $0.lowerBound < $1.lowerBound }
            for (a, b) in zip(sorted, sorted.dropFirst()) where b.lowerBound < a.upperBound {
                throw ZipError("two of its entries overlap at byte \(b.lowerBound)")
            }
        }

        // MARK: - The end

        private struct End {
            let count: Int
            let directory: Range<Int>
        }

        private func end() throws(ZipError) -> End {
            let length = min(file.byteCount, 22 + 65_535)
            let start = file.byteCount - length
            let tail = try bytes(start..<file.byteCount)
            guard
                let place = (0...max(0, tail.count - 22)).reversed().first(where: { place in
                    tail.count - place >= 22 && number(tail, place, 4) == 0x0605_4B50
                        && place + 22 + Int(number(tail, place + 20, 2)) == tail.count
                })
            else { throw ZipError("it has no directory at its end; the download may be incomplete") }
            guard number(tail, place + 4, 2) == number(tail, place + 6, 2) else {
                throw ZipError("it is one part of several")
            }
            var count = number(tail, place + 10, 2)
            var size = number(tail, place + 12, 4)
            var offset = number(tail, place + 16, 4)
            if count == 0xFFFF || size == 0xFFFF_FFFF || offset == 0xFFFF_FFFF {
                let locator = start + place - 20
                if locator >= 0 {
                    let bytes = try bytes(locator..<locator + 20)
                    if number(bytes, 0, 4) == 0x0706_4B50 {
                        (count, size, offset) = try largeEnd(at: number(bytes, 8, 8))
                    }
                }
            }
            guard let range = range(offset, size), range.upperBound <= start + place else {
                throw ZipError("its directory lies outside it")
            }
            return End(count: Int(clamping: count), directory: range)
        }

        private func largeEnd(at place: UInt64) throws(ZipError) -> (count: UInt64, size: UInt64, offset: UInt64) {
            guard let range = range(place, 56) else { throw ZipError("its directory lies outside it") }
            let bytes = try bytes(range)
            guard number(bytes, 0, 4) == 0x0606_4B50 else { throw ZipError("its large directory has no beginning") }
            return (number(bytes, 32, 8), number(bytes, 40, 8), number(bytes, 48, 8))
        }

        // MARK: - Entries

        private func entry(
            _ bytes: [UInt8],
            _ place: inout Int,
            before limit: Int
        ) throws(ZipError) -> (name: String, range: Range<Int>, header: Int) {
            let start = place
            let nameLength = Int(number(bytes, start + 28, 2))
            let extraLength = Int(number(bytes, start + 30, 2))
            let commentLength = Int(number(bytes, start + 32, 2))
            place = start + 46 + nameLength + extraLength + commentLength
            guard place <= bytes.count else { throw ZipError("its directory ends inside an entry") }
            let nameBytes = Array(bytes[start + 46..<start + 46 + nameLength])
            guard let name = String(validating: nameBytes, as: UTF8.self) else {
                throw ZipError("it has an entry whose name is no text")
            }
            let quoted = "'\(excerpt(name))'"
            guard number(bytes, start + 8, 2) & 0x41 == 0 else { throw ZipError("its entry \(quoted) is encrypted") }
            guard number(bytes, start + 10, 2) == 0 else {
                throw ZipError("its entry \(quoted) is compressed, as torch never does")
            }
            var packed = number(bytes, start + 20, 4)
            var size = number(bytes, start + 24, 4)
            var offset = number(bytes, start + 42, 4)
            var extra = bytes[(start + 46 + nameLength)..<(start + 46 + nameLength + extraLength)]
            while extra.count >= 4 {
                let kind = number(bytes, extra.startIndex, 2)
                let length = Int(number(bytes, extra.startIndex + 2, 2))
                guard extra.count >= 4 + length else { break }
                if kind == 1 {
                    var field = extra.startIndex + 4
                    let end = field + length
                    func wide(_ value: inout UInt64) {
                        guard value == 0xFFFF_FFFF, field + 8 <= end else { return }
                        value = number(bytes, field, 8)
                        field += 8
                    }
                    wide(&size)
                    wide(&packed)
                    wide(&offset)
                }
                extra = extra.dropFirst(4 + length)
            }
            guard packed == size else { throw ZipError("its entry \(quoted) is stored and has two sizes") }
            guard let header = range(offset, 30), header.upperBound <= limit else {
                throw ZipError("its entry \(quoted) lies outside it")
            }
            let local = try self.bytes(header)
            guard number(local, 0, 4) == 0x0403_4B50 else { throw ZipError("its entry \(quoted) has no header") }
            let skipped = number(local, 26, 2) + number(local, 28, 2)
            guard let data = range(UInt64(header.upperBound) + skipped, size), data.upperBound <= limit else {
                throw ZipError("its entry \(quoted) ends after it")
            }
            return (name, data, header.lowerBound)
        }

        // MARK: - Bytes

        private func range(_ start: UInt64, _ count: UInt64) -> Range<Int>? {
            let limit = UInt64(file.byteCount)
            guard start <= limit, count <= limit - start else { return nil }
            return Int(start)..<Int(start + count)
        }

        private func bytes(_ range: Range<Int>) throws(ZipError) -> [UInt8] {
            do throws(FileError) { return try file.read(range) } catch { throw ZipError(error.message) }
        }

        /// A little-endian number; the caller has seen to it that it is there.
        private func number(_ bytes: [UInt8], _ place: Int, _ width: Int) -> UInt64 {
            (0..<width).reversed().reduce(0) { $0 << 8 | UInt64(bytes[place + $1]) }
        }
    }
}

/// Why a file is no zip archive that can be read.
private struct ZipError: Error {
    let fault: String

    init(_ fault: String) { self.fault = fault }

    func diagnostic(_ path: FilePath) -> Diagnostic {
        Diagnostic(
            code: "torch-bad-zip",
            "the file is no zip archive as torch writes it: \(fault)",
            at: .file(path.string, tensor: nil),
            fix: .init("download the file again, or save the model as safetensors")
        )
    }
}
