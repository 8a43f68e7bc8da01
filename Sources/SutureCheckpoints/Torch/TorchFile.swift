import SutureDiagnostics
import SutureTensors
import SystemPackage

/// A state dict that `torch.save` wrote, read without torch and without running it: a zip archive since torch 1.6, a
/// row of pickles before.
enum TorchFile {
    /// The pickle of a file, run, and where its storages lie.
    struct Contents {
        /// What the pickle is made of.
        let machine: PickleMachine

        /// What the pickle is.
        let value: PickleValue

        /// The bytes of each storage in the file, by its key.
        let storages: [String: Range<Int>]
    }

    /// Reads where the tensors of a file lie.
    ///
    /// - Returns: The tensors' places; views that are not laid out row by row have strides.
    /// - Throws: `Diagnostics` with everything that is wrong with it.
    static func read(_ file: any ByteSource) throws(Diagnostics) -> [WeightFile.Entry] {
        let contents = try contents(of: file)
        let named = contents.machine.stateDict(contents.value)
        guard !named.isEmpty else { throw Diagnostics([.noStateDict(file.path)]) }
        return try entries(of: named, contents.storages, file)
    }

    /// Tells the two forms apart, and what is neither by what it is instead.
    private static func contents(of file: any ByteSource) throws(Diagnostics) -> Contents {
        let start: [UInt8]
        do throws(FileError) { start = try file.read(0..<min(512, file.byteCount)) } catch {
            throw Diagnostics([error.diagnostic])
        }
        if start.starts(with: [0x50, 0x4B]) { return try TorchArchive.read(file) }
        if start.dropFirst(2).starts(with: TorchStream.magic) { return try TorchStream.read(file) }
        if start.count >= 262, start[257..<262].elementsEqual(Array("ustar".utf8)) {
            throw Diagnostics([.legacyTar(file.path)])
        }
        throw Diagnostics([.notTorch(file.path)])
    }

    private static func entries(
        of named: [(name: String, tensor: TorchTensor)],
        _ storages: [String: Range<Int>],
        _ file: any ByteSource
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
            guard let data = storages[tensor.storage.key] else {
                let message = "its storage '\(excerpt(tensor.storage.key))' is not in the file"
                faults.append(.tensorFault("torch-storage-missing", file.path, name, message))
                continue
            }
            let spec: TensorSpec
            do throws(TensorSpecError) { spec = try TensorSpec(name, tensor.dtype, Shape(tensor.sizes)) } catch {
                faults.append(.tensorFault("torch-impossible-tensor", file.path, name, "\(error)"))
                continue
            }
            let width = tensor.dtype.block.byteCount
            guard tensor.storage.byteCount == data.count else {
                let message = "its storage claims \(tensor.storage.count) numbers and has \(data.count) bytes"
                faults.append(.tensorFault("torch-storage-size", file.path, name, message))
                continue
            }
            guard let reach = StridedLayout.reach(of: spec, strides: tensor.strides),
                case (let start, false) = tensor.offset.multipliedReportingOverflow(by: width),
                case (let end, false) = start.addingReportingOverflow(reach), end <= data.count
            else {
                let message = "the view ends after its storage of \(data.count) bytes"
                faults.append(.tensorFault("torch-view-outside", file.path, name, message))
                continue
            }
            // A stride of 0 makes much of little; no weight is made so.
            guard spec.byteCount <= data.count else {
                let message = "the view has \(spec.byteCount) bytes, more than its storage of \(data.count)"
                faults.append(.tensorFault("torch-view-repeats", file.path, name, message))
                continue
            }
            entries.append(
                WeightFile.Entry(
                    spec: spec,
                    offset: data.lowerBound + start,
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
