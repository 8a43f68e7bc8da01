/// A torch file made by a test, byte by byte: a pickle and some storages in a zip archive, or what a liar would make of it.
struct TinyTorchFile {
    /// The entries: name and bytes.
    var entries: [(name: String, bytes: [UInt8])] = []

    /// Changes the directory's record of an entry before it is written: place in the record, and bytes.
    var lies: [String: [(place: Int, bytes: [UInt8])]] = [:]

    /// Whether sizes and places are written as those of a file of more than 4 GiB (ZIP64).
    var isLarge = false

    /// A file of one float32 tensor `w` of 2 by 3, made of a view of a storage.
    init(
        pickle: [UInt8] = Pickle.tensor(),
        data: [UInt8] = [UInt8](repeating: 1, count: 24),
        byteOrder: String = "little"
    ) {
        entries = [
            ("x/data.pkl", pickle), ("x/byteorder", Array(byteOrder.utf8)), ("x/data/0", data),
            ("x/version", Array("3\n".utf8)),
        ]
    }

    var bytes: [UInt8] {
        var file: [UInt8] = []
        var directory: [UInt8] = []
        for (name, content) in entries {
            let offset = file.count
            file += number(0x0403_4B50, 4) + number(0, 14) + number(content.count, 4) + number(content.count, 4)
            file += number(name.utf8.count, 2) + number(0, 2) + Array(name.utf8) + content
            let extra = isLarge ? large(content.count, offset) : []
            let size = isLarge ? 0xFFFF_FFFF : content.count
            var record = number(0x0201_4B50, 4) + number(0, 16) + number(size, 4) + number(size, 4)
            record += number(name.utf8.count, 2) + number(extra.count, 2) + number(0, 10)
            record += number(isLarge ? 0xFFFF_FFFF : offset, 4) + Array(name.utf8) + extra
            for lie in lies[name] ?? [] {
                record.replaceSubrange(lie.place..<lie.place + lie.bytes.count, with: lie.bytes)
            }
            directory += record
        }
        let start = file.count
        file += directory
        if isLarge {
            let end = file.count
            file += number(0x0606_4B50, 4) + number(44, 8) + number(0, 12) + number(entries.count, 8)
            file += number(entries.count, 8) + number(directory.count, 8) + number(start, 8)
            file += number(0x0706_4B50, 4) + number(0, 4) + number(end, 8) + number(1, 4)
        }
        let count = number(isLarge ? 0xFFFF : entries.count, 2)
        file += number(0x0605_4B50, 4) + number(0, 4) + count + count
        let (length, place) = isLarge ? (0xFFFF_FFFF, 0xFFFF_FFFF) : (directory.count, start)
        return file + number(length, 4) + number(place, 4) + number(0, 2)
    }

    /// The field that holds what is too large for a record.
    private func large(_ size: Int, _ offset: Int) -> [UInt8] {
        number(1, 2) + number(24, 2) + number(size, 8) + number(size, 8) + number(offset, 8)
    }

    func number(_ value: Int, _ width: Int) -> [UInt8] { Pickle.number(value, width) }
}

/// A torch file of the older form, made by a test: pickles in a row, and storages with their counts.
struct TinyTorchStream {
    var pickle = Pickle.tensor(Pickle.view(storage: Pickle.storage(view: true)))
    var protocolVersion = 1001
    var isLittleEndian = true
    var keys = ["0"]
    var count = 6
    var data = [UInt8](repeating: 1, count: 24)

    var bytes: [UInt8] {
        let magic: [UInt8] = [0x8A, 0x0A, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19]
        var file = Pickle.proto + magic + Pickle.stop
        file += Pickle.proto + Pickle.int(protocolVersion) + Pickle.stop
        file +=
            Pickle.proto + [0x7D] + Pickle.text("little_endian") + [isLittleEndian ? 0x88 : 0x89, 0x73] + Pickle.stop
        file += pickle
        file += Pickle.proto + [0x5D] + Pickle.mark + keys.flatMap { Pickle.text($0) } + [0x65] + Pickle.stop
        for _ in keys { file += Pickle.number(count, 8) + data }
        return file
    }
}

/// Pieces of pickles.
enum Pickle {
    static let proto: [UInt8] = [0x80, 2]
    static let stop: [UInt8] = [0x2E]
    static let mark: [UInt8] = [0x28]
    static let emptyTuple: [UInt8] = [0x29]
    static let reduce: [UInt8] = [0x52]

    static func number(_ value: Int, _ width: Int) -> [UInt8] {
        (0..<width).map { UInt8(truncatingIfNeeded: $0 < 8 ? value >> (8 * $0) : 0) }
    }

    static func text(_ text: String) -> [UInt8] { [0x58] + number(text.utf8.count, 4) + Array(text.utf8) }

    static func int(_ value: Int) -> [UInt8] { [0x8A, 8] + number(value, 8) }

    static func global(_ module: String, _ name: String) -> [UInt8] { [0x63] + Array("\(module)\n\(name)\n".utf8) }

    static func tuple(_ items: [[UInt8]]) -> [UInt8] { mark + items.joined() + [0x74] }

    static func storage(
        _ kind: String = "FloatStorage",
        key: String = "0",
        count: Int = 6,
        view: Bool = false
    ) -> [UInt8] {
        tuple([text("storage"), global("torch", kind), text(key), text("cpu"), int(count)] + (view ? [[0x4E]] : []))
            + [0x51]
    }

    static func view(
        storage: [UInt8] = storage(),
        offset: Int = 0,
        sizes: [Int] = [2, 3],
        strides: [Int] = [3, 1]
    ) -> [UInt8] {
        let hooks = global("collections", "OrderedDict") + emptyTuple + reduce
        return global("torch._utils", "_rebuild_tensor_v2")
            + tuple([storage, int(offset), tuple(sizes.map(int)), tuple(strides.map(int)), [0x89], hooks]) + reduce
    }

    /// A dict with one tensor `w`.
    static func tensor(_ view: [UInt8] = view()) -> [UInt8] { proto + [0x7D] + text("w") + view + [0x73] + stop }
}
