import SutureTensors
import Synchronization

/// The bytes of a tensor that can only be computed as a whole, kept while windows of it are still to be written.
final class KeptResult: Sendable {
    private let bytes = Mutex<(dtype: DType, bytes: [UInt8])?>(nil)

    /// The bytes in a dtype, computed by whoever asks first while the others wait.
    ///
    /// - Throws: What `compute` throws; the next to ask then tries again.
    func bytes(
        of dtype: DType,
        _ compute: () throws(MergeEvaluationError) -> [UInt8]
    ) throws(MergeEvaluationError) -> [UInt8] {
        try bytes.withLock { kept throws(MergeEvaluationError) in
            if let kept, kept.dtype == dtype { return kept.bytes }
            let made = try compute()
            kept = (dtype, made)
            return made
        }
    }
}
