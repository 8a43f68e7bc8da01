import SutureDiagnostics
import SystemPackage

/// The form that torch wrote before 1.6, and writes still with `_use_new_zipfile_serialization=False`.
///
/// Five pickles follow one another: a magic number, the protocol (1001), facts of the machine that wrote it, the
/// object, and the keys of the storages. Then come the storages in the order of the keys, each a count of its
/// numbers in eight bytes and the numbers.
enum TorchStream {
    /// What stands after the first two bytes: the magic number `0x1950a86a20f9469cfc6c` as a pickle has it.
    static let magic: [UInt8] = [0x8A, 0x0A, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19]

    /// The bytes that are read first; enough for the pickles of a model of some thousand tensors.
    private static let firstLength = 1 << 20

    /// Reads the pickles and the counts, and no numbers.
    static func read(_ file: any ByteSource) throws(Diagnostics) -> TorchFile.Contents {
        let pickles = try pickles(of: file)
        guard pickles.isLittleEndian else { throw Diagnostics([.bigEndian(file.path)]) }
        return TorchFile.Contents(
            machine: pickles.machine,
            value: pickles.value,
            storages: try storages(of: pickles, in: file)
        )
    }

    private static func pickles(of file: any ByteSource) throws(Diagnostics) -> Pickles {
        var length = min(firstLength, file.byteCount)
        while true {
            let bytes: [UInt8]
            do throws(FileError) { bytes = try file.read(0..<length) } catch { throw Diagnostics([error.diagnostic]) }
            do throws(PickleError) { return try Pickles(bytes) } catch {
                // The pickles may go on behind what has been read.
                guard error.reason == .endsEarly, length < file.byteCount else {
                    throw Diagnostics([.badPickle(file.path, error)])
                }
                guard length < PickleMachine.byteLimit else { throw Diagnostics([.pickleTooLarge(file.path)]) }
                length = min(length * 8, PickleMachine.byteLimit, file.byteCount)
            }
        }
    }

    /// The pickles that say what is in the file.
    private struct Pickles {
        let machine: PickleMachine
        let value: PickleValue
        let isLittleEndian: Bool
        let keys: [String]
        let end: Int

        init(_ bytes: [UInt8]) throws(PickleError) {
            var place = 0
            func next() throws(PickleError) -> (machine: PickleMachine, value: PickleValue) {
                var machine = PickleMachine(bytes, from: place)
                let value = try machine.run()
                place = machine.place
                return (machine, value)
            }
            _ = try next()
            guard case .int(1001) = try next().value else {
                throw PickleError(.misuse("its protocol is not 1001"))
            }
            let facts = try next()
            isLittleEndian = facts.machine.flag("little_endian", of: facts.value) ?? true
            (machine, value) = try next()
            let list = try next()
            guard let keys = list.machine.texts(of: list.value) else {
                throw PickleError(.misuse("what follows the object is no list of storages"))
            }
            self.keys = keys
            end = place
        }
    }

    /// Where the storages lie that the pickles list.
    private static func storages(
        of pickles: Pickles,
        in file: any ByteSource
    ) throws(Diagnostics) -> [String: Range<Int>] {
        var widths: [String: Int] = [:]
        for storage in pickles.machine.storages {
            guard widths.updateValue(storage.width, forKey: storage.key) ?? storage.width == storage.width else {
                throw Diagnostics([.badStream(file.path, "storage '\(excerpt(storage.key))' is of two kinds")])
            }
        }
        var storages: [String: Range<Int>] = [:]
        var place = pickles.end
        for key in pickles.keys {
            let quoted = "storage '\(excerpt(key))'"
            guard let width = widths[key] else {
                throw Diagnostics([.badStream(file.path, "\(quoted) is listed and belongs to nothing")])
            }
            guard file.byteCount - place >= 8 else {
                throw Diagnostics([.badStream(file.path, "it ends before \(quoted)")])
            }
            let digits: [UInt8]
            do throws(FileError) { digits = try file.read(place..<place + 8) } catch {
                throw Diagnostics([error.diagnostic])
            }
            let count = digits.reversed().reduce(0) { $0 << 8 | UInt64($1) }
            let (length, overflow) = count.multipliedReportingOverflow(by: UInt64(width))
            guard !overflow, length <= UInt64(file.byteCount - place - 8) else {
                throw Diagnostics([.badStream(file.path, "it ends inside \(quoted), which claims \(count) numbers")])
            }
            let range = place + 8..<place + 8 + Int(length)
            guard storages.updateValue(range, forKey: key) == nil else {
                throw Diagnostics([.badStream(file.path, "\(quoted) is listed twice")])
            }
            place = range.upperBound
        }
        return storages
    }
}

extension PickleMachine {
    /// A truth value of a dict.
    fileprivate func flag(_ key: String, of value: PickleValue) -> Bool? {
        guard case .dict(let index) = value else { return nil }
        let items = containers[index]
        for place in stride(from: 0, to: items.count - 1, by: 2) {
            if case .text(key) = items[place], case .bool(let flag) = items[place + 1] { return flag }
        }
        return nil
    }

    /// The texts of a list, where it is one of texts alone.
    fileprivate func texts(of value: PickleValue) -> [String]? {
        guard case .list(let index) = value else { return nil }
        var texts: [String] = []
        for item in containers[index] {
            guard case .text(let text) = item else { return nil }
            texts.append(text)
        }
        return texts
    }
}
