import SutureArchitectures
package import SutureCheckpoints
package import SutureDiagnostics
import SutureTensors
import SystemPackage

/// A model with an adapter put on it, which is a model of its own: what was trained.
///
/// Its layers may be stacked of the checkpoint's, its head may be another tensor than its embedding, its embedding may
/// have more rows, and its tokenizer more tokens. All that is settled here, so that whoever asks sees one model.
package struct AdaptedModel: Sendable {
    /// The model, as if it had been saved.
    package let checkpoint: Checkpoint

    /// The adapter.
    package let adapter: Adapter

    /// What the adapter does to its tensors.
    package let changes: AdapterChanges

    /// What the user should know.
    package let notices: [Diagnostic]

    /// Puts an adapter on a checkpoint; headers only.
    ///
    /// - Parameters:
    ///   - adapter: The adapter.
    ///   - checkpoint: The model that it was made for.
    /// - Throws: `Diagnostics` with everything that does not fit.
    package init(_ adapter: Adapter, on checkpoint: Checkpoint) throws(Diagnostics) {
        var notices = adapter.notices
        var model = checkpoint
        if !adapter.config.replication.isEmpty {
            let stacked = try checkpoint.restacked(by: adapter)
            model = stacked.checkpoint
            notices += stacked.notices
        }
        let anatomy = try model.anatomy
        let changes: AdapterChanges
        do throws(Diagnostics) { changes = try adapter.changes(to: model, at: AdapterSite(model, anatomy)) } catch {
            guard let scheme = QuantizationScheme(of: checkpoint.config) else { throw error }
            throw Diagnostics(error.all.map { $0.onPacked(checkpoint, scheme.name) })
        }
        notices += changes.notices
        self.adapter = adapter
        self.changes = changes
        let trained = AdaptedEnds(adapter: adapter, changes: changes, checkpoint: model, anatomy: anatomy)
        self.checkpoint = try trained.model(&notices)
        self.notices = notices
    }
}

extension Checkpoint {
    /// The checkpoint taken apart.
    ///
    /// - Throws: `Diagnostics` where it has no layers that can be moved.
    var anatomy: Anatomy {
        get throws(Diagnostics) {
            do throws(AnatomyError) {
                return try Anatomy.read(config: config, tensors: tensors.map(\.spec))
            } catch {
                throw Diagnostics([Diagnostic(error, in: self)])
            }
        }
    }
}

extension Diagnostic {
    /// The message of an adapter that does not fit a model, which it may do because the model is packed.
    fileprivate func onPacked(_ checkpoint: Checkpoint, _ scheme: String) -> Diagnostic {
        let codes = ["adapter-fits-no-tensor", "adapter-shape-differs", "adapter-on-quantized"]
        guard codes.contains(code) else { return self }
        let model = "'\(excerpt(checkpoint.reference.text))' is packed by \(scheme)"
        let hint = FixIt("\(model): put the adapter on the unquantized checkpoint that it was made for")
        return Diagnostic(severity, code: code, message, at: place, fix: hint, notes: notes)
    }
}
