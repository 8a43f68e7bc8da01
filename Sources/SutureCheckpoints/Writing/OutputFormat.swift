package import SutureTensors

/// A format in which checkpoints are written: what its files are called, where tensors lie in them, and what stands
/// beside them.
package protocol OutputFormat: Sendable {
    /// What plans call it.
    var name: String { get }

    /// What its files are called.
    var naming: WeightNaming { get }

    /// Whether a model of it is a folder, in which whatever lies beside the weights is the model's too.
    var ownsFolder: Bool { get }

    /// Lays tensors out in one file, in their order.
    ///
    /// - Parameters:
    ///   - specs: The tensors.
    ///   - start: Where their bytes begin.
    ///   - preamble: What ``preamble(_:ofShard:of:tensors:)`` made for the file.
    /// - Returns: The bytes before them, and where each lies.
    /// - Throws: ``OutputFormatError`` where they do not fit the format.
    func layOut(
        _ specs: [TensorSpec],
        _ start: DataStart,
        preamble: [UInt8]
    ) throws(OutputFormatError) -> FileLayout

    /// What one file says of the model beside its tensors.
    ///
    /// - Parameters:
    ///   - whole: What is to be said of the model, in the format's own form; nothing where the format says nothing.
    ///   - number: The file, counted from 1.
    ///   - count: How many files there are.
    ///   - tensors: How many tensors are in all of them.
    /// - Returns: The part of it that is the file's.
    func preamble(_ whole: [UInt8], ofShard number: Int, of count: Int, tensors: Int) -> [UInt8]

    /// The document that says which file holds which tensor; `nil` where the format has none.
    func index(of entries: [ShardIndex.Entry], totalParameters: Int, totalSize: Int) -> (name: String, text: String)?
}

extension OutputFormat {
    package var ownsFolder: Bool { true }
}

/// The formats in which checkpoints are written.
package enum OutputFormats {
    /// All of them, the usual one first.
    package static let all: [any OutputFormat] = [usual, GGUFFormat()]

    /// The one that is written where nothing else is asked for.
    package static let usual: any OutputFormat = SafetensorsFormat()

    /// The format that plans call so.
    package static func named(_ name: String) -> (any OutputFormat)? { all.first { $0.name == name } }
}

/// Where the bytes of a file's first tensor begin.
package enum DataStart: Hashable, Sendable {
    /// At the first place behind the header that leaves a remainder modulo an alignment.
    case aligned(to: Int, residue: Int)

    /// At a byte that a plan fixes.
    case at(Int)
}

/// Where tensors lie in one file.
package struct FileLayout: Hashable, Sendable {
    /// The bytes before the first tensor.
    package let header: [UInt8]

    /// The first byte of each tensor, in order; what lies between them is zeros.
    package let offsets: [Int]

    /// The file's length.
    package let byteCount: Int

    /// Where the tensors begin.
    package var dataStart: Int { header.count }

    /// Creates a layout.
    package init(header: [UInt8], offsets: [Int], byteCount: Int) {
        self.header = header
        self.offsets = offsets
        self.byteCount = byteCount
    }
}

/// Why tensors do not fit a format.
package struct OutputFormatError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The error in words.
    package let description: String

    /// Creates an error.
    package init(_ description: String) { self.description = description }
}
