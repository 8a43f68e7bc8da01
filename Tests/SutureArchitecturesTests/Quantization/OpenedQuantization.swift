import SutureArchitectures
import SutureCheckpoints
import SutureDiagnostics
import SystemPackage

extension Quantization {
    /// How the weights of an opened checkpoint are packed.
    static func read(_ checkpoint: Checkpoint) throws(Diagnostics) -> Quantization? {
        try read(checkpoint.config, checkpoint.tensors.map(\.spec)) {
            checkpoint.files[checkpoint.tensors[$0].file].path.string
        }
    }
}
