import SutureDiagnostics
import SystemPackage

/// The form that torch writes since 1.6: a zip archive of one pickle and an entry for each storage.
enum TorchArchive {
    /// Reads the directory and the pickle, and no storage.
    static func read(_ file: any ByteSource) throws(Diagnostics) -> TorchFile.Contents {
        let directory = try ZipDirectory.read(file)
        let pickles = directory.entries.values.filter { $0.name.hasSuffix("/data.pkl") || $0.name == "data.pkl" }
        guard let pickle = pickles.first, pickles.count == 1 else {
            throw Diagnostics([.noPickle(file.path, count: pickles.count)])
        }
        let folder = String(pickle.name.dropLast("data.pkl".count))
        if let order = directory.entries[folder + "byteorder"], order.range.count <= 16 {
            let word = String(decoding: try bytes(order.range, of: file), as: UTF8.self)
            guard word == "little" else { throw Diagnostics([.bigEndian(file.path)]) }
        }
        guard pickle.range.count <= PickleMachine.byteLimit else { throw Diagnostics([.pickleTooLarge(file.path)]) }
        var machine = PickleMachine(try bytes(pickle.range, of: file))
        let value: PickleValue
        do throws(PickleError) { value = try machine.run() } catch { throw Diagnostics([.badPickle(file.path, error)]) }
        var storages: [String: Range<Int>] = [:]
        for storage in machine.storages {
            storages[storage.key] = directory.entries[folder + "data/" + storage.key]?.range
        }
        return TorchFile.Contents(machine: machine, value: value, storages: storages)
    }

    private static func bytes(_ range: Range<Int>, of file: any ByteSource) throws(Diagnostics) -> [UInt8] {
        do throws(FileError) { return try file.read(range) } catch { throw Diagnostics([error.diagnostic]) }
    }
}
