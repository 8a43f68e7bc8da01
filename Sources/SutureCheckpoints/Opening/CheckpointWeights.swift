import SutureDiagnostics
import SutureTensors
import SystemPackage

/// The tensors of a folder, read from the headers of its files and checked against its index.
struct CheckpointWeights {
    private(set) var files: [CheckpointFile] = []
    private(set) var tensors: [StoredTensor] = []
    private(set) var places: [String: Int] = [:]
    private(set) var faults = Diagnostics()

    /// The keys of the first file, where it is GGUF.
    private(set) var gguf: GGUFMetadata?

    private let model: any ModelFiles
    private let snapshot: HubCache.Snapshot?

    private var folder: FilePath { model.folder }

    init(_ model: any ModelFiles, snapshot: HubCache.Snapshot?) {
        self.model = model
        self.snapshot = snapshot
    }

    mutating func read() {
        let weights: WeightFiles
        do throws(Diagnostics) { weights = try WeightFiles.find(in: model, snapshot: snapshot) } catch {
            faults.append(contentsOf: error.all)
            return
        }
        faults.append(contentsOf: weights.notices)
        for name in weights.names { readHeader(name, index: weights.index) }
        guard !faults.hasErrors else { return }
        if let index = weights.index { check(against: index, called: weights.indexName) }
        if tensors.isEmpty, !faults.hasErrors { faults.append(.noTensors(folder)) }
    }

    private mutating func readHeader(_ name: String, index: ShardIndex?) {
        let weights: WeightFile
        do throws(Diagnostics) {
            guard let found = try open(name, index) else { return }
            weights = try WeightFile.read(found.file, called: found.name)
        } catch {
            faults.append(contentsOf: error.all)
            return
        }
        let path = weights.file.path
        let number = files.count
        if number == 0 { gguf = weights.gguf }
        files.append(weights.file)
        tensors.reserveCapacity(tensors.count + weights.entries.count)
        for tensor in weights.tensors(ofFile: number) {
            if let other = places.updateValue(tensors.count, forKey: tensor.spec.name) {
                faults.append(.tensorInTwoFiles(path, tensor.spec.name, files[tensors[other].file].path))
            }
            tensors.append(tensor)
        }
    }

    /// Opens a file by its own name, or by that of a packed form of it.
    private mutating func open(
        _ name: String,
        _ index: ShardIndex?
    ) throws(Diagnostics) -> (file: any ByteSource, name: String)? {
        do throws(FileError) {
            for spelling in WeightPackings.spellings(name) {
                do throws(FileError) { return (try model.open(spelling), spelling) } catch {
                    guard error.errno == .noSuchFileOrDirectory else { throw error }
                }
            }
            let path = folder.appending(name)
            let isLink = try FileSystem.kind(of: path, followsLinks: false) == .symbolicLink
            let needed = index?.entries.count { $0.file == name }
            faults.append(.shardMissing(path, tensors: needed, isLink: isLink, snapshot))
            return nil
        } catch { throw Diagnostics([error.diagnostic]) }
    }

    private mutating func check(against index: ShardIndex, called name: String) {
        let path = folder.appending(name)
        var list = FaultList(name: path.string)
        var mapped = 0
        for entry in index.entries {
            if let place = places[entry.tensor], files[tensors[place].file].contentName == entry.file {
                mapped += 1
            } else {
                let actual = places[entry.tensor].map { files[tensors[$0].file].contentName }
                list.append(.indexNamesNoTensor(path, entry, actual: actual))
            }
        }
        faults.append(contentsOf: list.diagnostics.all)
        guard list.isEmpty, mapped < tensors.count else { return }
        let names = Set(index.entries.map(\.tensor))
        let strays = tensors.filter { !names.contains($0.spec.name) }
        if let first = strays.first {
            faults.append(.tensorNotInIndex(files[first.file].path, first.spec.name, others: strays.count - 1))
        }
    }
}

extension Diagnostic {
    fileprivate static func noTensors(_ folder: FilePath) -> Diagnostic {
        Diagnostic(code: "no-tensors", "the model has no tensors", at: .file(folder.string, tensor: nil))
    }

    fileprivate static func shardMissing(
        _ path: FilePath,
        tensors: Int?,
        isLink: Bool,
        _ snapshot: HubCache.Snapshot?
    ) -> Diagnostic {
        let reason = isLink ? "the link leads to no file" : "the file is not there"
        let needed = tensors.map { ", but the index places \($0) tensors in it" } ?? ""
        return shardMissing(reason + needed, at: path, snapshot, fix: "fetch the file, or correct the index")
    }

    fileprivate static func tensorInTwoFiles(_ path: FilePath, _ tensor: String, _ other: FilePath) -> Diagnostic {
        let message = "the tensor is also in \(other)"
        return Diagnostic(code: "tensor-in-two-files", message, at: .file(path.string, tensor: excerpt(tensor)))
    }

    fileprivate static func indexNamesNoTensor(
        _ path: FilePath,
        _ entry: ShardIndex.Entry,
        actual: String?
    ) -> Diagnostic {
        let fact = actual.map { "it is in '\($0)'" } ?? "no file holds it"
        return Diagnostic(
            code: "index-names-no-tensor",
            "the index places it in '\(excerpt(entry.file))', but \(fact)",
            at: .file(path.string, tensor: excerpt(entry.tensor))
        )
    }

    fileprivate static func tensorNotInIndex(_ path: FilePath, _ tensor: String, others: Int) -> Diagnostic {
        let more = others > 0 ? " (nor \(others) more)" : ""
        return Diagnostic(
            .warning,
            code: "tensor-not-in-index",
            "the index does not name the tensor\(more); it is taken as part of the model",
            at: .file(path.string, tensor: excerpt(tensor))
        )
    }
}
