/// Where the frames of a seekable zstd file lie: independent frames, and a table of their lengths at the end.
///
/// The format is that of zstd's `contrib/seekable_format`: any zstd restores the file from start to end, and who
/// reads the table restores a part of it alone. The table lies in a skippable frame (`0x184D2A5E`), its footer ends
/// with `0x8F92EAB1`.
///
/// A file may begin with a skippable frame of this project (`0x184D2A5B`): the eight bytes `SUTPLANE`, a byte for the
/// version (1), and a bit for each frame of the table, lowest first. In frames whose bit is set the numbers of two
/// bytes are taken apart: first all upper bytes, then all lower ones. Such a file is called `….planes.zst`.
package struct SeekableLayout: Hashable, Sendable {
    /// A frame.
    package struct Frame: Hashable, Sendable {
        /// Its bytes in the file.
        package let packed: Range<Int>

        /// The bytes of content that it holds.
        package let content: Range<Int>

        /// Whether its numbers are taken apart into planes.
        package let isSplit: Bool
    }

    /// The frames that hold content, in order.
    package let frames: [Frame]

    /// The bytes of content.
    package var contentByteCount: Int { frames.last?.content.upperBound ?? 0 }

    /// The most bytes of content that a frame may have: what is held to read a part of it.
    package static let mostFrameBytes = 32 << 20

    static let tableMagic: UInt32 = 0x184D_2A5E
    static let footerMagic: UInt32 = 0x8F92_EAB1
    static let planesMagic: UInt32 = 0x184D_2A5B
    static let planesName = Array("SUTPLANE".utf8)
    private static let mostFrames = 8_000_000

    /// Reads the table of a file, and what says which frames are split.
    ///
    /// - Throws: ``FileError`` with what is wrong.
    static func read(_ file: any ByteSource) throws(FileError) -> SeekableLayout {
        func corrupt(_ fault: String) -> FileError { FileError(.open, file.path, .corrupt(fault)) }
        guard file.byteCount >= 17 else { throw corrupt("the file has no seek table at its end") }
        let footer = try file.read(file.byteCount - 9..<file.byteCount)
        guard number(footer, 5) == footerMagic else {
            throw corrupt("the file has no seek table at its end, so that all of it must be unpacked first (zstd -d)")
        }
        let count = Int(number(footer, 0))
        guard footer[4] & 0x7C == 0 else { throw corrupt("its seek table is of another version") }
        let entryBytes = footer[4] & 0x80 == 0 ? 8 : 12
        let tableBytes = count * entryBytes + 9
        guard count <= mostFrames, tableBytes + 8 <= file.byteCount else {
            throw corrupt("its seek table claims \(count) frames")
        }
        let tableStart = file.byteCount - tableBytes - 8
        let table = try file.read(tableStart..<file.byteCount)
        guard number(table, 0) == tableMagic, Int(number(table, 4)) == tableBytes else {
            throw corrupt("its seek table has no beginning")
        }
        var lengths: [(packed: Int, content: Int)] = []
        lengths.reserveCapacity(count)
        for entry in 0..<count {
            let place = 8 + entry * entryBytes
            lengths.append((Int(number(table, place)), Int(number(table, place + 4))))
        }
        let split = try splitFrames(file, count: count, first: lengths.first?.packed ?? 0)
        var frames: [Frame] = []
        frames.reserveCapacity(count)
        var (packed, content) = (0, 0)
        for (index, length) in lengths.enumerated() {
            let end = packed + length.packed
            guard end <= tableStart else { throw corrupt("its seek table counts past the end of its frames") }
            guard length.content <= mostFrameBytes, length.packed <= 2 * length.content + (1 << 20) else {
                throw corrupt("frame \(index) has \(length.content) bytes of content, more than are held at once")
            }
            let isSplit = split.map { $0[9 + index / 8] >> UInt8(index % 8) & 1 == 1 } ?? false
            guard !isSplit || length.content.isMultiple(of: 2) else {
                throw corrupt("frame \(index) is split and has an odd number of bytes")
            }
            if length.content > 0 {
                frames.append(
                    Frame(packed: packed..<end, content: content..<content + length.content, isSplit: isSplit)
                )
            }
            (packed, content) = (end, content + length.content)
        }
        guard packed == tableStart else { throw corrupt("its seek table leaves out bytes of its frames") }
        return SeekableLayout(frames: frames)
    }

    /// The project's own frame at the start, where there is one: its name, its version, a bit for each frame.
    private static func splitFrames(_ file: any ByteSource, count: Int, first: Int) throws(FileError) -> [UInt8]? {
        guard file.byteCount >= 8, number(try file.read(0..<8), 0) == planesMagic else { return nil }
        let length = 9 + (count + 7) / 8
        guard first == 8 + length, 8 + length <= file.byteCount else {
            throw FileError(.open, file.path, .corrupt("the frame that says which frames are split has another length"))
        }
        let payload = try file.read(8..<8 + length)
        guard Array(payload[..<8]) == planesName, payload[8] == 1 else {
            throw FileError(.open, file.path, .corrupt("its frames are split in a way that is not known"))
        }
        return payload
    }

    /// A table of frames, as the last frame of a file.
    package static func table(of lengths: [(packed: Int, content: Int)]) -> [UInt8] {
        var table = bytes(tableMagic) + bytes(UInt32(lengths.count * 8 + 9))
        for length in lengths { table += bytes(UInt32(length.packed)) + bytes(UInt32(length.content)) }
        return table + bytes(UInt32(lengths.count)) + [0] + bytes(footerMagic)
    }

    /// The project's own frame, which says which frames of a table are split; it is the table's first frame itself.
    package static func planes(_ isSplit: [Bool]) -> [UInt8] {
        var bits = [UInt8](repeating: 0, count: (isSplit.count + 7) / 8)
        for (index, isOne) in isSplit.enumerated() where isOne { bits[index / 8] |= 1 << UInt8(index % 8) }
        let payload = planesName + [1] + bits
        return bytes(planesMagic) + bytes(UInt32(payload.count)) + payload
    }

    /// The frame that holds a byte of content.
    func frame(at offset: Int) -> Int? {
        var (low, high) = (0, frames.count)
        while low < high {
            let middle = (low + high) / 2
            if frames[middle].content.upperBound <= offset { low = middle + 1 } else { high = middle }
        }
        return low < frames.count ? low : nil
    }

    private static func number(_ bytes: [UInt8], _ place: Int) -> UInt32 {
        (0..<4).reversed().reduce(0) { $0 << 8 | UInt32(bytes[place + $1]) }
    }

    private static func bytes(_ value: UInt32) -> [UInt8] {
        (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * UInt32($0))) }
    }
}
