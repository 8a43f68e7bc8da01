import SutureCheckpoints
import SutureTensors

/// The weight files of sources that an output can have as they are: all of their tensors are in it, under their own
/// names and untouched.
struct KeptFiles {
    /// A file, and the tensors of the output that are in it, in the order of their bytes.
    struct File {
        /// The source.
        let source: Int
        /// The file, as an index into the source's files.
        let file: Int
        /// Its tensors, as indices into the output's.
        let tensors: [Int]
        /// The first byte of its data.
        let dataStart: Int
        /// Its length.
        let byteCount: Int
    }

    /// The files, in the order of the sources and of their names.
    private(set) var files: [File] = []

    /// Looks through an output's tensors: name and so on, and what they are made of.
    init(
        _ tensors: [(spec: TensorSpec, expression: TensorExpression)],
        of sources: [ResolvedSource],
        _ format: any OutputFormat
    ) {
        var places: [String: Int] = [:]
        for (place, tensor) in tensors.enumerated() { places[tensor.spec.name] = place }
        for source in sources where source.adapter == nil {
            let checkpoint = source.checkpoint
            var members: [[StoredTensor]] = Array(repeating: [], count: checkpoint.files.count)
            for tensor in checkpoint.tensors { members[tensor.file].append(tensor) }
            for (number, file) in checkpoint.files.enumerated()
            where file.isPlain && file.name.hasSuffix(format.naming.suffix) {
                let own = members[number].compactMap { stored -> Int? in
                    guard let place = places[stored.spec.name], tensors[place].spec == stored.spec,
                        case .stored(let reference) = tensors[place].expression, reference.source == source.index,
                        reference.file == number, reference.offset == stored.offset, reference.strides == nil
                    else { return nil }
                    return place
                }
                guard own.count == members[number].count, let first = members[number].first else { continue }
                files.append(
                    File(
                        source: source.index,
                        file: number,
                        tensors: own,
                        dataStart: first.offset,
                        byteCount: file.byteCount
                    )
                )
            }
        }
    }
}
