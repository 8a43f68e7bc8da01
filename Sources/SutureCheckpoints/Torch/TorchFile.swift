import SutureDiagnostics
import SutureTensors
import SystemPackage

/// A state dict that `torch.save` wrote (torch 1.6 and later: a zip archive), read without torch and without running it.
enum TorchFile {
    /// Reads where the tensors of a file lie.
    ///
    /// - Returns: The tensors' places; views that are not laid out row by row have strides.
    /// - Throws: `Diagnostics` with everything that is wrong with it.
    static func read(_ file: InputFile) throws(Diagnostics) -> [WeightFile.Entry] {
        try checkMagic(file)
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
        let named: [(name: String, tensor: TorchTensor)]
        do throws(PickleError) {
            let value = try machine.run()
            named = machine.stateDict(value)
        } catch { throw Diagnostics([.badPickle(file.path, error)]) }
        guard !named.isEmpty else { throw Diagnostics([.noStateDict(file.path)]) }
        return try entries(of: named, folder: folder, directory, file)
    }

    private static func bytes(_ range: Range<Int>, of file: InputFile) throws(Diagnostics) -> [UInt8] {
        do throws(FileError) { return try file.read(range) } catch { throw Diagnostics([error.diagnostic]) }
    }

    /// Tells what is no zip archive by what it is instead.
    private static func checkMagic(_ file: InputFile) throws(Diagnostics) {
        let start = try bytes(0..<min(512, file.byteCount), of: file)
        if start.starts(with: [0x50, 0x4B]) { return }
        // The magic number that torch before 1.6 pickled first.
        let legacy: [UInt8] = [0x8A, 0x0A, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19]
        if start.dropFirst(2).starts(with: legacy) { throw Diagnostics([.legacyPickle(file.path)]) }
        if start.count >= 262, start[257..<262].elementsEqual(Array("ustar".utf8)) {
            throw Diagnostics([.legacyTar(file.path)])
        }
        throw Diagnostics([.notTorch(file.path)])
    }

    private static func entries(
        of named: [(name: String, tensor: TorchTensor)],
        folder: String,
        _ directory: ZipDirectory,
        _ file: InputFile
    ) throws(Diagnostics) -> [WeightFile.Entry] {
        var faults = FaultList(name: file.path.string)
        var taken: Set<String> = []
        var entries: [WeightFile.Entry] = []
        entries.reserveCapacity(named.count)
        for (name, tensor) in named {
            guard taken.insert(name).inserted else {
                faults.append(.tensorFault("torch-duplicate-tensor", file.path, name, "the state dict has it twice"))
                continue
            }
            guard let data = directory.entries[folder + "data/" + tensor.storage.key] else {
                let message = "its storage '\(excerpt(tensor.storage.key))' is not in the archive"
                faults.append(.tensorFault("torch-storage-missing", file.path, name, message))
                continue
            }
            let spec: TensorSpec
            do throws(TensorSpecError) { spec = try TensorSpec(name, tensor.dtype, Shape(tensor.sizes)) } catch {
                faults.append(.tensorFault("torch-impossible-tensor", file.path, name, "\(error)"))
                continue
            }
            let width = tensor.dtype.bitWidth / 8
            let claimed = tensor.storage.count.multipliedReportingOverflow(by: tensor.storage.dtype == nil ? 1 : width)
            guard !claimed.overflow, claimed.partialValue == data.range.count else {
                let message = "its storage claims \(tensor.storage.count) numbers and has \(data.range.count) bytes"
                faults.append(.tensorFault("torch-storage-size", file.path, name, message))
                continue
            }
            guard let reach = StridedLayout.reach(of: spec, strides: tensor.strides),
                case (let start, false) = tensor.offset.multipliedReportingOverflow(by: width),
                case (let end, false) = start.addingReportingOverflow(reach), end <= data.range.count
            else {
                let message = "the view ends after its storage of \(data.range.count) bytes"
                faults.append(.tensorFault("torch-view-outside", file.path, name, message))
                continue
            }
            // A stride of 0 makes much of little; no weight is made so.
            guard spec.byteCount <= data.range.count else {
                let message = "the view has \(spec.byteCount) bytes, more than its storage of \(data.range.count)"
                faults.append(.tensorFault("torch-view-repeats", file.path, name, message))
                continue
            }
            entries.append(
                WeightFile.Entry(
                    spec: spec,
                    offset: data.range.lowerBound + start,
                    strides: StridedLayout.isContiguous(spec, tensor.strides) ? nil : tensor.strides
                )
            )
        }
        guard faults.isEmpty else { throw faults.diagnostics }
        return entries.sorted { $0.offset < $1.offset }
    }
}

extension PickleMachine {
    /// The tensors of a value that is a state dict, or holds one where training scripts put it.
    fileprivate func stateDict(_ value: PickleValue) -> [(name: String, tensor: TorchTensor)] {
        var value = value
        for _ in 0..<4 {
            guard case .dict(let index) = value else { return [] }
            let items = containers[index]
            var found: [(name: String, tensor: TorchTensor)] = []
            var inner: PickleValue?
            for place in stride(from: 0, to: items.count - 1, by: 2) {
                guard case .text(let key) = items[place] else { continue }
                switch items[place + 1] {
                case .tensor(let index): found.append((key, tensors[index]))
                case .dict where ["state_dict", "model", "module", "model_state_dict"].contains(key):
                    inner = inner ?? items[place + 1]
                default: break
                }
            }
            guard found.isEmpty, let next = inner else { return found }
            value = next
        }
        return []
    }
}

// MARK: - Words

extension Diagnostic {
    fileprivate static func tensorFault(_ code: String, _ path: FilePath, _ tensor: String, _ message: String)
        -> Diagnostic
    {
        Diagnostic(code: code, message, at: .file(path.string, tensor: excerpt(tensor)))
    }

    private static func torchFault(_ code: String, _ path: FilePath, _ message: String) -> Diagnostic {
        let words = "load it with the torch that made it, and save_pretrained(folder, safe_serialization=True)"
        return Diagnostic(code: code, message, at: .file(path.string, tensor: nil), fix: FixIt(words))
    }

    fileprivate static func legacyPickle(_ path: FilePath) -> Diagnostic {
        torchFault("torch-legacy", path, "the file is of torch before 1.6, a row of pickles, which is not read")
    }

    fileprivate static func legacyTar(_ path: FilePath) -> Diagnostic {
        torchFault("torch-legacy", path, "the file is of torch before 0.4, a tar archive, which is not read")
    }

    fileprivate static func notTorch(_ path: FilePath) -> Diagnostic {
        Diagnostic(
            code: "torch-not-a-zip",
            "the file does not begin as a torch file does",
            at: .file(path.string, tensor: nil),
            fix: FixIt("check what was downloaded: a page, or a pointer of Git LFS, is no weights")
        )
    }

    fileprivate static func noPickle(_ path: FilePath, count: Int) -> Diagnostic {
        let message = count == 0 ? "the archive has no data.pkl" : "the archive has \(count) entries called data.pkl"
        return torchFault("torch-no-pickle", path, message)
    }

    fileprivate static func bigEndian(_ path: FilePath) -> Diagnostic {
        torchFault("torch-big-endian", path, "the numbers are not stored lowest byte first")
    }

    fileprivate static func pickleTooLarge(_ path: FilePath) -> Diagnostic {
        torchFault("torch-pickle-too-large", path, "data.pkl is larger than that of any model")
    }

    fileprivate static func badPickle(_ path: FilePath, _ error: PickleError) -> Diagnostic {
        torchFault("torch-bad-pickle", path, "data.pkl is not only weights: \(error)")
    }

    fileprivate static func noStateDict(_ path: FilePath) -> Diagnostic {
        torchFault("torch-no-state-dict", path, "the file holds no dict of names and tensors")
    }
}
