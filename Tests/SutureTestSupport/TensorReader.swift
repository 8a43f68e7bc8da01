package import SutureCheckpoints
import SutureTensors

/// Reads the bytes of a checkpoint's tensors, whatever the form in which they are stored, for tests that look at them.
package struct TensorReader {
    private let checkpoint: Checkpoint
    private let frames = FrameCache()

    /// Creates a reader of a checkpoint's tensors.
    package init(_ checkpoint: Checkpoint) { self.checkpoint = checkpoint }

    /// The bytes of a tensor, or a range of them.
    package func bytes(of tensor: StoredTensor, _ range: Range<Int>? = nil) throws(FileError) -> [UInt8] {
        let file = checkpoint.files[tensor.file]
        let input = try InputFile(file.path)
        let content = try WeightPackings.content(of: input, called: file.name, keeping: frames)
        let range = range ?? 0..<tensor.spec.byteCount
        var bytes = [UInt8](repeating: 0, count: range.count)
        var failure: FileError?
        bytes.withUnsafeMutableBytes { target in
            do throws(FileError) {
                try content.read(
                    tensor.spec,
                    at: tensor.offset,
                    strides: tensor.strides,
                    bytes: range,
                    into: target
                )
            } catch { failure = error }
        }
        if let failure { throw failure }
        return bytes
    }
}
